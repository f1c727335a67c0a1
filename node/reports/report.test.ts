import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { maxReportReason, reportEvent, reportRoom, reportUser } from '#spec/api/client/reports.ts'
import { reports } from '#node/reports/slice.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from '#node/rooms/testing/caller.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
beforeAll(async () => {
  node = await serveRooms({ more: [reports] })
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})
beforeEach(() => node.database.sql`delete from reports`)

const kept = () =>
  node.database.sql`select reporter, room_id, event_id, user_id, reason from reports order by report_id`
const room = (who: Caller, roomId: string, body: object = { reason: 'spam' }) =>
  who.call(reportRoom, { params: { roomId }, body })
const event = (who: Caller, roomId: string, eventId: string, body: object = { reason: 'rude' }) =>
  who.call(reportEvent, { params: { roomId, eventId }, body })
const user = (who: Caller, userId: string, body: object = { reason: 'a bot' }) =>
  who.call(reportUser, { params: { userId }, body })

test('a room is reported by anybody, and whether it is there is not told', async () => {
  const closed = await owner.createRoom()
  const answers = [ok(await room(mert, closed)), ok(await room(mert, '!nothing:localhost'))]
  expect(answers).toEqual([{}, {}])
  expect(await kept()).toEqual([{ reporter: mert.id, room_id: closed, event_id: null, user_id: null, reason: 'spam' }])
})

test('an event is reported by those in the room who see it, with who sent it', async () => {
  const roomId = await owner.createRoom({
    preset: 'public_chat',
    initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
  })
  const before = await owner.say(roomId, 'Between us')
  const refused = async (id: string) => refusal(await event(mert, roomId, id))
  expect(await refused(before)).toBe('404 M_NOT_FOUND')
  ok(await mert.join(roomId))
  expect(await refused(before)).toBe('404 M_NOT_FOUND')
  expect(await refused('$nothing')).toBe('404 M_NOT_FOUND')
  const rude = await owner.say(roomId, 'Something rude')
  ok(await event(mert, roomId, rude))
  ok(await event(mert, roomId, rude, {}))
  expect((await kept()).map((row) => row['reason'])).toEqual(['rude', ''])
  expect((await kept())[0]).toEqual({
    reporter: mert.id,
    room_id: roomId,
    event_id: rude,
    user_id: owner.id,
    reason: 'rude',
  })
  ok(await mert.leave(roomId))
  expect(await refused(rude)).toBe('404 M_NOT_FOUND')
  const other = await owner.createRoom({ preset: 'public_chat' })
  ok(await mert.join(other))
  expect(refusal(await event(mert, other, rude))).toBe('404 M_NOT_FOUND')
})

test('a user is reported by anybody, and whether there is one is not told', async () => {
  for (const id of [owner.id, '@nobody:localhost', '@troll:elsewhere.example'])
    expect(ok(await user(mert, id))).toEqual({})
  expect((await kept()).map((row) => row['user_id'])).toEqual([owner.id, '@troll:elsewhere.example'])
})

test('a reason may be blank, and has an end', async () => {
  const roomId = await owner.createRoom()
  ok(await room(mert, roomId, { reason: '' }))
  ok(await room(mert, roomId, { reason: 'x'.repeat(maxReportReason) }))
  for (const body of [{}, { reason: 'x'.repeat(maxReportReason + 1) }, { reason: 7 }])
    expect(refusal(await room(mert, roomId, body))).toBe('400 M_BAD_JSON')
  expect(await kept()).toHaveLength(2)
})

test('reports are limited', async () => {
  const strict = await serveRooms({ more: [reports], settings: { HEARTH_RATE_LIMITS: 'on' } })
  const person = await addCaller(strict, 'person')
  const statuses: number[] = []
  for (let i = 0; i < 25; i++) statuses.push((await user(person, person.id)).status)
  expect(statuses.indexOf(429)).toBe(20)
  await strict.stop()
  await strict.database.drop()
})
