import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addDevice, addTalker, joined, serveTalk, type Talker } from './testing/talk.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker
let roomId: string

beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
})
beforeEach(async () => {
  roomId = await ali.createRoom({ preset: 'public_chat' })
  await ali.send(roomId, 'before bea came')
  await bea.join(roomId)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const unread = async (who: Talker): Promise<[messages: number, mentions: number]> => {
  const { notification_count, highlight_count } = joined(await who.sync(), roomId)!.unread_notifications!
  return [notification_count!, highlight_count!]
}
const mention = (text: string, ...who: Talker[]) =>
  ali.send(roomId, text, { 'm.mentions': { user_ids: who.map((one) => one.id) } })

test('counts messages of others since one came', async () => {
  expect(await unread(bea)).toEqual([0, 0])
  await ali.send(roomId, 'one')
  await ali.send(roomId, 'two')
  expect(await unread(bea)).toEqual([2, 0])
  expect(await unread(ali)).toEqual([0, 0])
})

test('state, reactions, notices and edits do not count', async () => {
  const eventId = await ali.send(roomId, 'one')
  await ali.setState(roomId, 'm.room.topic', { topic: 'new' })
  await ali.sendType(roomId, 'm.reaction', {
    'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key: 'x' },
  })
  await ali.send(roomId, 'notice', { msgtype: 'm.notice' })
  await ali.send(roomId, '* one', { 'm.relates_to': { rel_type: 'm.replace', event_id: eventId } })
  expect(await unread(bea)).toEqual([1, 0])
})

test.each(['m.read', 'm.read.private'])('what was read no longer counts (%s)', async (receiptType) => {
  const one = await ali.send(roomId, 'one')
  const two = await ali.send(roomId, 'two')
  await ali.send(roomId, 'three')
  await bea.read(roomId, two, {}, receiptType)
  expect(await unread(bea)).toEqual([1, 0])
  // An older receipt does not bring it back.
  await bea.read(roomId, one, {}, receiptType === 'm.read' ? 'm.read.private' : 'm.read')
  expect(await unread(bea)).toEqual([1, 0])
})

test('who answers has read', async () => {
  await ali.send(roomId, 'one')
  await bea.send(roomId, 'answer')
  expect(await unread(bea)).toEqual([0, 0])
  expect(await unread(ali)).toEqual([1, 0])
  await ali.send(roomId, 'two')
  expect(await unread(bea)).toEqual([1, 0])
})

test('mentions, until they are read', async () => {
  await mention('hey', bea)
  const second = await mention('hey again', bea, ali)
  expect(await unread(bea)).toEqual([2, 2])
  expect(await unread(ali)).toEqual([0, 0])
  await mention('and again', bea)
  await bea.read(roomId, second)
  expect(await unread(bea)).toEqual([1, 1])
  await bea.send(roomId, 'yes?')
  expect(await unread(bea)).toEqual([0, 0])
})

test('only people of this node who are in the room are marked', async () => {
  const can = await addTalker(node, 'can')
  const strangers = { user_ids: ['@far:away.example', '@nobody:localhost', can.id, bea.id, 5, bea.id] }
  await ali.send(roomId, 'all', { 'm.mentions': strangers })
  const rows = await node.deps.sql`select user_id from notification_exceptions where room_id = ${roomId}`
  expect(rows.map((row) => row['user_id'])).toEqual([bea.id])
  await ali.send(roomId, 'nonsense', { 'm.mentions': { user_ids: 'bea' } })
  await ali.send(roomId, 'nonsense', { 'm.mentions': null })
  expect(await unread(bea)).toEqual([3, 1])
})

test('another device hears that something was read', async () => {
  const tablet = await addDevice(node, 'bea')
  const eventId = await ali.send(roomId, 'one')
  const { next_batch: since } = await tablet.sync()
  await bea.read(roomId, eventId, {}, 'm.read.private')
  const room = joined(await tablet.sync({ since }), roomId)!
  expect(room.unread_notifications).toEqual({ notification_count: 0, highlight_count: 0 })
  expect(room.ephemeral?.events?.[0]?.content).toMatchObject({ [eventId]: { 'm.read.private': { [bea.id]: {} } } })
})

test('coming back starts at nothing unread', async () => {
  await bea.leave(roomId)
  await ali.send(roomId, 'while bea is away')
  await bea.join(roomId)
  expect(await unread(bea)).toEqual([0, 0])
})
