import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { getNotifications } from '#spec/api/client/notifications.ts'
import * as rules from '#spec/api/client/push-rules.ts'
import { addTalker, serveTalk, type Talker } from '#node/sync/testing/talk.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker
let roomId: string
let rounds = 0
beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
})
beforeEach(async () => {
  bea = await addTalker(node, `bea${++rounds}`)
  roomId = await ali.createRoom({ preset: 'public_chat' })
  await ali.send(roomId, 'before bea came')
  await bea.join(roomId)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const list = async (who: Talker, query: Record<string, string> = {}) => {
  const { notifications, next_token: next } = await who.do(getNotifications, { query })
  return { notifications: notifications!, next, ids: notifications!.map((one) => one.event.event_id as string) }
}
const mention = () => ({ 'm.mentions': { user_ids: [bea.id] } })

test('tells what one has been notified of, the newest first, and what of it is read', async () => {
  const one = await ali.send(roomId, 'one')
  await bea.read(roomId, one)
  await bea.send(roomId, 'my own', { 'm.relates_to': { rel_type: 'm.thread', event_id: one } })
  await ali.send(roomId, 'a notice', { msgtype: 'm.notice' })
  const two = await ali.send(roomId, 'two', mention())
  const { notifications, next, ids } = await list(bea)
  expect(ids).toEqual([two, one])
  expect(next).toBeUndefined()
  expect(notifications).toMatchObject([
    {
      room_id: roomId,
      read: false,
      actions: ['notify', { set_tweak: 'sound', value: 'default' }, { set_tweak: 'highlight' }],
    },
    { room_id: roomId, read: true, event: { content: { body: 'one' } } },
  ])
  expect((await list(ali)).notifications).toMatchObject([{ event: { sender: bea.id } }])
})

test('page by page, and what stands out alone', async () => {
  const ids: string[] = []
  for (let i = 0; i < 5; i++) ids.unshift(await ali.send(roomId, `${i}`, i % 2 === 0 ? mention() : {}))
  const first = await list(bea, { limit: '3' })
  const second = await list(bea, { limit: '3', from: first.next! })
  expect([...first.ids, ...second.ids]).toEqual(ids)
  expect(second.next).toBeUndefined()
  expect((await list(bea, { only: 'highlight' })).ids).toEqual([ids[0], ids[2], ids[4]])
  expect((await bea.tryTo(getNotifications, { query: { from: 'x' } })).status).toBe(400)
})

test('nothing of a muted room, of what was redacted, of rooms that one has left', async () => {
  const gone = await ali.send(roomId, 'gone')
  await ali.redact(roomId, gone)
  const params = { kind: 'room', ruleId: roomId }
  await bea.do(rules.setPushRule, { params, body: { actions: [] } })
  await ali.send(roomId, 'muted')
  expect((await list(bea)).ids).toEqual([])
  await bea.do(rules.deletePushRule, { params })
  const heard = await ali.send(roomId, 'heard')
  expect((await list(bea)).ids).toEqual([heard])
  await bea.leave(roomId)
  expect((await list(bea)).ids).toEqual([])
})

test('an invitation', async () => {
  const other = await ali.createRoom()
  await ali.invite(other, bea)
  expect((await list(bea)).notifications).toMatchObject([
    { room_id: other, event: { type: 'm.room.member', content: { membership: 'invite' } } },
  ])
})
