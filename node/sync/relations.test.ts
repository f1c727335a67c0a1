import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SyncEvent } from '#spec/api/client/client-event.ts'
import type { RoomId } from '#spec/ids.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addTalker, joined, serveTalk, type Talker } from './testing/talk.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker
let roomId: string
beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
  roomId = await ali.createRoom({ preset: 'private_chat', invite: [bea.id] })
  await bea.join(roomId)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const relates = (rel_type: string, event_id: string) => ({ 'm.relates_to': { rel_type, event_id } })
const edit = (event_id: string) => ({
  ...relates('m.replace', event_id),
  'm.new_content': { msgtype: 'm.text', body: 'x' },
})
const relationsIn = (events: readonly SyncEvent[], id: string) =>
  events.find((event) => event.event_id === id)?.unsigned?.['m.relations']

test('a timeline with a gap before it says what others made of its events; one without leaves that to the client', async () => {
  const { next_batch: since } = await bea.sync()
  for (let i = 0; i < 5; i++) await ali.send(roomId, `${i}`)
  const root = await ali.send(roomId, 'root')
  const reply = await bea.send(roomId, 'reply', relates('m.thread', root))
  const changed = await ali.send(roomId, 'changed', edit(root))
  const timeline = async (limit: number) =>
    joined(await bea.sync({ since, filter: { room: { timeline: { limit } } } }), roomId)!.timeline!
  const whole = await timeline(20)
  expect(whole.limited).toBe(false)
  expect(relationsIn(whole.events, root)).toBeUndefined()
  const limited = await timeline(3)
  expect(limited.limited).toBe(true)
  expect(relationsIn(limited.events, root)).toMatchObject({
    'm.replace': { event_id: changed },
    'm.thread': { count: 1, current_user_participated: true, latest_event: { event_id: reply } },
  })
  const shown = relationsIn(limited.events, root) as { 'm.replace': object; 'm.thread': { latest_event: object } }
  expect([shown['m.replace'], shown['m.thread'].latest_event].map((event) => 'room_id' in event)).toEqual([
    false,
    false,
  ])
})

test('of a room that the reader has left only what was there then', async () => {
  const root = await ali.send(roomId, 'root')
  await bea.send(roomId, 'reply', relates('m.thread', root))
  const { next_batch: since } = await bea.sync({ filter: { room: { timeline: { limit: 1 } } } })
  for (let i = 0; i < 5; i++) await ali.send(roomId, `${i}`)
  const last = await ali.send(roomId, 'last')
  await bea.send(roomId, 'reply', relates('m.thread', last))
  await bea.leave(roomId)
  await ali.send(roomId, 'later', relates('m.thread', last))
  await ali.send(roomId, 'later', edit(last))
  const left = (await bea.sync({ since, filter: { room: { timeline: { limit: 4 }, include_leave: true } } })).rooms!
    .leave![roomId as RoomId]!
  expect(left.timeline!.limited).toBe(true)
  expect(relationsIn(left.timeline!.events, last)).toMatchObject({ 'm.thread': { count: 1 } })
  expect(relationsIn(left.timeline!.events, last)).not.toHaveProperty(['m.replace'])
})
