import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sendReceipt, setReadMarkers } from '#spec/api/client/receipts.ts'
import { setTyping } from '#spec/api/client/typing.ts'
import { addTalker, joined, serveTalk, type Talker } from '#node/sync/testing/talk.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker
let can: Talker
let roomId: string
let since: string

beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
  can = await addTalker(node, 'can')
})
beforeEach(async () => {
  roomId = await ali.createRoom({ preset: 'public_chat' })
  await bea.join(roomId)
  since = (await bea.sync()).next_batch
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

/** What passes in the room, of one type, since the beginning of the test. */
const passing = async (who: Talker, type: string): Promise<object[]> =>
  (joined(await who.sync({ since }), roomId)?.ephemeral?.events ?? []).flatMap((e) =>
    e.type === type ? [e.content] : [],
  )
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('typing, and no longer', async () => {
  await ali.type(roomId, true)
  expect(await passing(bea, 'm.typing')).toEqual([{ user_ids: [ali.id] }])
  await bea.type(roomId, true)
  expect(await passing(bea, 'm.typing')).toEqual([{ user_ids: [ali.id, bea.id] }])
  const { next_batch } = await bea.sync()
  await ali.type(roomId, true)
  expect((await bea.sync({ since: next_batch })).rooms).toBeUndefined()
  await ali.type(roomId, false)
  await bea.type(roomId, false)
  expect(await passing(bea, 'm.typing')).toEqual([{ user_ids: [] }])
  expect(joined(await bea.sync(), roomId)).not.toHaveProperty('ephemeral')
})

test('typing ends by itself, later if it goes on', async () => {
  await ali.type(roomId, true, 10_000)
  node.clock.advance(8_000)
  await ali.type(roomId, true, 10_000)
  node.clock.advance(8_000)
  await node.deps.stream.idle()
  expect(await passing(bea, 'm.typing')).toEqual([{ user_ids: [ali.id] }])
  node.clock.advance(3_000)
  await pause(20)
  await node.deps.stream.idle()
  expect(await passing(bea, 'm.typing')).toEqual([{ user_ids: [] }])
})

test('nobody types for ever, and nobody who has left', async () => {
  await ali.type(roomId, true, Number.MAX_SAFE_INTEGER)
  node.clock.advance(121_000)
  await pause(20)
  expect(await passing(bea, 'm.typing')).toEqual([{ user_ids: [] }])
  await bea.type(roomId, true)
  await bea.leave(roomId)
  await pause(20)
  expect(await passing(ali, 'm.typing')).toEqual([{ user_ids: [] }])
})

test('typing as another, elsewhere, or wrongly', async () => {
  const typing = (who: Talker, userId: string, body: object, inRoom = roomId) =>
    who.tryTo(setTyping, { params: { roomId: inRoom, userId }, body })
  expect(await typing(ali, bea.id, { typing: true })).toMatchObject({ status: 403 })
  expect(await typing(can, can.id, { typing: true })).toMatchObject({ status: 403 })
  expect(await typing(ali, ali.id, { typing: true }, '!nowhere:localhost')).toMatchObject({ status: 403 })
  expect(await typing(ali, ali.id, { typing: 'yes' })).toMatchObject({ status: 400 })
  expect(await typing(ali, ali.id, { typing: true, timeout: -1 })).toMatchObject({ status: 400 })
  expect(await passing(bea, 'm.typing')).toEqual([])
})

test('receipts come as changes, the last of each person', async () => {
  const one = await ali.send(roomId, 'one')
  const two = await ali.send(roomId, 'two')
  await bea.read(roomId, one)
  expect(await passing(ali, 'm.receipt')).toEqual([{ [one]: { 'm.read': { [bea.id]: { ts: expect.any(Number) } } } }])
  await bea.read(roomId, two)
  await ali.read(roomId, two)
  const receipts = { [bea.id]: { ts: expect.any(Number) }, [ali.id]: { ts: expect.any(Number) } }
  expect(await passing(ali, 'm.receipt')).toEqual([{ [two]: { 'm.read': receipts } }])
  const { next_batch } = await ali.sync()
  expect((await ali.sync({ since: next_batch })).rooms).toBeUndefined()
  // Whoever comes later is told of the receipts at the events that they see.
  await can.join(roomId)
  const fresh = joined(await can.sync({ filter: { room: { timeline: { limit: 2 } } } }), roomId)
  expect(fresh?.ephemeral?.events?.map((event) => event.content)).toEqual([{ [two]: { 'm.read': receipts } }])
  const short = joined(await can.sync({ filter: { room: { timeline: { limit: 1 } } } }), roomId)
  expect(short).not.toHaveProperty('ephemeral')
})

test('a receipt never moves backwards', async () => {
  const one = await ali.send(roomId, 'one')
  const two = await ali.send(roomId, 'two')
  await bea.read(roomId, two)
  const { next_batch } = await bea.sync()
  await bea.read(roomId, one)
  await bea.read(roomId, two)
  expect((await bea.sync({ since: next_batch })).rooms).toBeUndefined()
  // Nor do many at once.
  const sent = await Promise.all([1, 2, 3, 4, 5, 6].map((i) => ali.send(roomId, `message ${i}`)))
  await Promise.all(sent.map((eventId) => bea.read(roomId, eventId)))
  const order = (await bea.messages(roomId, { dir: 'b', limit: '1' })).chunk![0]!.event_id
  expect(Object.keys((await passing(bea, 'm.receipt'))[0]!)).toEqual([order])
})

test('private receipts are for their own user', async () => {
  const one = await ali.send(roomId, 'one')
  await bea.read(roomId, one, {}, 'm.read.private')
  expect(await passing(bea, 'm.receipt')).toMatchObject([{ [one]: { 'm.read.private': { [bea.id]: {} } } }])
  expect(await passing(ali, 'm.receipt')).toEqual([])
  expect(JSON.stringify(await ali.sync())).not.toContain('m.read.private')
})

test('receipts of threads stand beside each other', async () => {
  const root = await ali.send(roomId, 'root')
  const reply = await ali.send(roomId, 'reply', { 'm.relates_to': { rel_type: 'm.thread', event_id: root } })
  const reaction = await ali.sendType(roomId, 'm.reaction', {
    'm.relates_to': { rel_type: 'm.annotation', event_id: reply, key: 'x' },
  })
  await bea.read(roomId, root, { thread_id: 'main' })
  await bea.read(roomId, root)
  await bea.read(roomId, reaction, { thread_id: root })
  const at = (thread_id?: string) => ({
    'm.read': { [bea.id]: { ts: expect.any(Number), ...(thread_id && { thread_id }) } },
  })
  expect(await passing(ali, 'm.receipt')).toEqual([{ [root]: at('main') }, { [root]: at() }, { [reaction]: at(root) }])

  const send = (eventId: string, body: object, receiptType = 'm.read') =>
    bea.tryTo(sendReceipt, { params: { roomId, receiptType, eventId }, body })
  const invalid = { status: 400, body: { errcode: 'M_INVALID_PARAM' } }
  expect(await send(reply, { thread_id: 'main' })).toMatchObject(invalid)
  expect(await send(root, { thread_id: reply })).toMatchObject(invalid)
  expect(await send(root, { thread_id: 'main' }, 'm.fully_read')).toMatchObject(invalid)
  expect(await send(root, { thread_id: '' })).toMatchObject({ status: 400 })
  expect(await send(root, { thread_id: 5 })).toMatchObject({ status: 400 })
  expect(await send(root, { thread_id: 'x'.repeat(10_000) })).toMatchObject(invalid)
  expect(await send(root, { ts: 2 ** 60 })).toMatchObject({ status: 400 })
})

test('read markers, all or none', async () => {
  const one = await ali.send(roomId, 'one')
  const two = await ali.send(roomId, 'two')
  await bea.readMarkers(roomId, { 'm.fully_read': one, 'm.read': two, 'm.read.private': two })
  const room = joined(await bea.sync({ since }), roomId)!
  expect(room.account_data?.events).toEqual([{ type: 'm.fully_read', content: { event_id: one } }])
  expect(await passing(bea, 'm.receipt')).toMatchObject([{ [two]: { 'm.read': {}, 'm.read.private': {} } }])

  await bea.read(roomId, two, {}, 'm.fully_read')
  await bea.read(roomId, one, {}, 'm.fully_read')
  const data = joined(await bea.sync({ since }), roomId)!.account_data
  expect(data?.events).toEqual([{ type: 'm.fully_read', content: { event_id: two } }])

  const { next_batch } = await bea.sync()
  const three = await ali.send(roomId, 'three')
  const failed = await bea.tryTo(setReadMarkers, {
    params: { roomId },
    body: { 'm.read': three, 'm.fully_read': '$unknown' },
  })
  expect(failed).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } })
  expect(joined(await bea.sync({ since: next_batch }), roomId)).not.toHaveProperty('ephemeral')
  await bea.readMarkers(roomId, {})
})

test('receipts at events that are not there, not to be seen, or elsewhere', async () => {
  const elsewhere = await ali.createRoom({ preset: 'public_chat' })
  const foreign = await ali.send(elsewhere, 'elsewhere')
  const send = async (who: Talker, eventId: string, receiptType = 'm.read') =>
    (await who.tryTo(sendReceipt, { params: { roomId, receiptType, eventId }, body: {} })).status
  expect(await send(bea, foreign)).toBe(404)
  expect(await send(bea, '$unknown')).toBe(404)
  expect(await send(can, foreign)).toBe(403)
  expect(await send(bea, foreign, 'm.seen')).toBe(400)

  const visibility = { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } }
  roomId = await ali.createRoom({ preset: 'public_chat', initial_state: [visibility] })
  const hidden = await ali.send(roomId, 'before bea came')
  await bea.join(roomId)
  expect(await send(bea, hidden)).toBe(404)
  expect(await node.deps.sql`select 1 from receipts where user_id = ${bea.id} and room_id = ${roomId}`).toHaveLength(0)
})
