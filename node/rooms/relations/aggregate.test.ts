import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setAccountData } from '#spec/api/client/account-data.ts'
import type { ClientEvent } from '#spec/api/client/client-event.ts'
import type { JsonObject } from '#spec/json.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, serveRooms, type Caller } from '../testing/caller.ts'

let node: ServedSlices
let ali: Caller
let bea: Caller
beforeAll(async () => {
  node = await serveRooms()
  ali = await addCaller(node, 'ali')
  bea = await addCaller(node, 'bea')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const relates = (rel_type: string, event_id: string, more: object = {}) => ({
  'm.relates_to': { rel_type, event_id, ...more },
})
const newContent = (body: string) => ({ 'm.new_content': { msgtype: 'm.text', body } })
const edit = (event_id: string, body: string) => ({ ...relates('m.replace', event_id), ...newContent(body) })
const inThread = (event_id: string) => relates('m.thread', event_id)

const relationsIn = (event: Partial<ClientEvent> | undefined) =>
  event?.unsigned?.['m.relations'] as Record<string, JsonObject> | undefined
const relationsOf = async (who: Caller, roomId: string, eventId: string) =>
  relationsIn(ok(await who.event(roomId, eventId)) as ClientEvent)
const editOf = async (who: Caller, roomId: string, eventId: string) =>
  (await relationsOf(who, roomId, eventId))?.['m.replace']?.['event_id']
const threadOf = async (who: Caller, roomId: string, eventId: string): Promise<JsonObject | undefined> => {
  const thread = (await relationsOf(who, roomId, eventId))?.['m.thread']
  return thread && { ...thread, latest_event: (thread['latest_event'] as JsonObject)['event_id']! }
}

async function openRoom(body: object = {}): Promise<string> {
  const roomId = await ali.createRoom({ preset: 'public_chat', ...body })
  ok(await bea.join(roomId))
  return roomId
}

const ignore = async (who: Caller, ignored: readonly Caller[]) => {
  const ignored_users = Object.fromEntries(ignored.map(({ id }) => [id, {}]))
  const params = { userId: who.id, type: 'm.ignored_user_list' }
  ok(await who.call(setAccountData, { params, body: { ignored_users } }))
}

describe('a replacement', () => {
  test('is shown whole, the latest of them, and the content stays as it was sent', async () => {
    const roomId = await openRoom()
    const id = await ali.say(roomId, 'first')
    await ali.say(roomId, '* second', edit(id, 'second'))
    node.clock.advance(10)
    const last = await ali.say(roomId, '* third', edit(id, 'third'))
    const event = ok(await bea.event(roomId, id))
    expect(event.content).toEqual({ msgtype: 'm.text', body: 'first' })
    const shown = relationsIn(event as ClientEvent)!
    expect(Object.keys(shown)).toEqual(['m.replace'])
    expect(shown['m.replace']).toEqual({
      ...ok(await bea.event(roomId, last)),
      unsigned: { age: expect.any(Number) as number },
    })
    expect(await relationsOf(bea, roomId, last)).toBeUndefined()
  })

  test('of the same moment counts if its id is the larger one', async () => {
    const roomId = await openRoom()
    const id = await ali.say(roomId, 'first')
    const edits = await Promise.all(Array.from({ length: 8 }, (_, i) => ali.say(roomId, 'x', edit(id, `${i}`))))
    const { sql } = node.database
    await sql`update relations set origin_server_ts = 5 where parent_id = ${id}`
    expect(await editOf(bea, roomId, id)).toBe(edits.toSorted().at(-1))
  })

  test('by somebody else, of another type, of a replacement, or without content is ignored', async () => {
    const roomId = await openRoom()
    const id = await ali.say(roomId, 'first')
    await bea.say(roomId, 'mine', edit(id, 'mine'))
    ok(await ali.send(roomId, 'org.example.other', edit(id, 'other')))
    await ali.say(roomId, 'nothing', relates('m.replace', id))
    expect(await relationsOf(bea, roomId, id)).toBeUndefined()
    const good = await ali.say(roomId, 'good', edit(id, 'good'))
    await ali.say(roomId, 'of an edit', edit(good, 'of an edit'))
    expect(await editOf(bea, roomId, id)).toBe(good)
    expect(await relationsOf(bea, roomId, good)).toBeUndefined()
    const topic = ok(await ali.setState(roomId, 'm.room.topic', { topic: 'a' })).event_id!
    ok(await ali.send(roomId, 'm.room.topic', edit(topic, 'b')))
    expect(await relationsOf(bea, roomId, topic)).toBeUndefined()
  })

  test('of an encrypted event is found by what is open of it', async () => {
    const roomId = await openRoom()
    const sealed = {
      algorithm: 'm.megolm.v1.aes-sha2',
      ciphertext: 'x',
      session_id: 's',
      device_id: 'd',
      sender_key: 'k',
    }
    const id = ok(await ali.send(roomId, 'm.room.encrypted', sealed)).event_id!
    const last = ok(await ali.send(roomId, 'm.room.encrypted', { ...sealed, ...relates('m.replace', id) })).event_id
    expect(await editOf(bea, roomId, id)).toBe(last)
  })

  test('that is redacted uncovers the one before; a redacted original shows none, and what came after it stays', async () => {
    const roomId = await openRoom()
    const id = await ali.say(roomId, 'first')
    const second = await ali.say(roomId, 'second', edit(id, 'second'))
    node.clock.advance(10)
    const third = await ali.say(roomId, 'third', edit(id, 'third'))
    const reply = await bea.say(roomId, 'reply', inThread(id))
    ok(await ali.redact(roomId, third))
    expect(await editOf(bea, roomId, id)).toBe(second)
    ok(await ali.redact(roomId, id))
    const shown = await relationsOf(bea, roomId, id)
    expect(Object.keys(shown!)).toEqual(['m.thread'])
    expect((shown!['m.thread']!['latest_event'] as JsonObject)['event_id']).toBe(reply)
  })
})

describe('a thread', () => {
  test('is counted, with its latest event and what that was edited to', async () => {
    const roomId = await openRoom()
    const root = await ali.say(roomId, 'root')
    await bea.say(roomId, 'one', inThread(root))
    const two = await ali.say(roomId, 'two', inThread(root))
    const edited = await ali.say(roomId, '* 2', edit(two, '2'))
    await bea.say(roomId, 'reply', { 'm.relates_to': { 'm.in_reply_to': { event_id: root } } })
    const thread = (await relationsOf(bea, roomId, root))!['m.thread']!
    expect(thread).toEqual({
      count: 2,
      current_user_participated: true,
      latest_event: expect.objectContaining({
        event_id: two,
        room_id: roomId,
        unsigned: expect.objectContaining({
          'm.relations': { 'm.replace': expect.objectContaining({ event_id: edited }) },
        }),
      }),
    })
    ok(await ali.redact(roomId, two))
    expect(await threadOf(bea, roomId, root)).toMatchObject({ count: 1 })
  })

  test('knows who wrote in it or began it', async () => {
    const roomId = await openRoom()
    const can = await addCaller(node, 'can')
    ok(await can.join(roomId))
    const root = await ali.say(roomId, 'root')
    await bea.say(roomId, 'one', inThread(root))
    const participated = async (who: Caller) => (await threadOf(who, roomId, root))!['current_user_participated']
    expect(await Promise.all([ali, bea, can].map(participated))).toEqual([true, true, false])
  })

  test('has nothing of those whom the reader ignores', async () => {
    const roomId = await openRoom()
    const can = await addCaller(node, 'can2')
    ok(await can.join(roomId))
    const root = await ali.say(roomId, 'root')
    const good = await bea.say(roomId, 'good', inThread(root))
    await can.say(roomId, 'bad', inThread(root))
    const other = await ali.say(roomId, 'other')
    await can.say(roomId, 'bad', inThread(other))
    await can.say(roomId, 'bad', relates('m.reference', other))
    const his = await can.say(roomId, 'his')
    await can.say(roomId, 'his', edit(his, 'changed'))
    const reader = await addCaller(node, 'reader')
    ok(await reader.join(roomId))
    expect(await threadOf(reader, roomId, root)).toMatchObject({ count: 2 })
    await ignore(reader, [can])
    expect(await threadOf(reader, roomId, root)).toMatchObject({ count: 1, latest_event: good })
    expect(await relationsOf(reader, roomId, other)).toBeUndefined()
    expect(await relationsOf(reader, roomId, his)).toBeUndefined()
  })

  test('does not begin at an event that relates to another', async () => {
    const roomId = await openRoom()
    const root = await ali.say(roomId, 'root')
    const reference = await ali.say(roomId, 'reference', relates('m.reference', root))
    const refused = await ali.send(roomId, 'm.room.message', { msgtype: 'm.text', body: 'x', ...inThread(reference) })
    expect(refused).toMatchObject({ status: 400, body: { errcode: 'M_UNKNOWN' } })
    const toReply = await ali.say(roomId, 'reply', { 'm.relates_to': { 'm.in_reply_to': { event_id: root } } })
    await ali.say(roomId, 'in a thread', inThread(toReply))
    expect(await threadOf(ali, roomId, toReply)).toMatchObject({ count: 1 })
  })
})

test('references are listed, the oldest first; annotations are not', async () => {
  const roomId = await openRoom()
  const id = await ali.say(roomId, 'first')
  ok(await bea.send(roomId, 'm.reaction', relates('m.annotation', id, { key: 'x' })))
  expect(await relationsOf(ali, roomId, id)).toBeUndefined()
  const first = await bea.say(roomId, 'one', relates('m.reference', id))
  const second = await ali.say(roomId, 'two', relates('m.reference', id))
  const gone = await ali.say(roomId, 'gone', relates('m.reference', id))
  ok(await ali.redact(roomId, gone))
  expect(await relationsOf(ali, roomId, id)).toEqual({
    'm.reference': { chunk: [{ event_id: first }, { event_id: second }] },
  })
})

test('children in another room are none', async () => {
  const [roomId, other] = [await openRoom(), await openRoom()]
  const id = await ali.say(roomId, 'first')
  await ali.say(other, 'x', edit(id, 'x'))
  await ali.say(other, 'x', inThread(id))
  await ali.say(other, 'x', relates('m.reference', id))
  expect(await relationsOf(ali, roomId, id)).toBeUndefined()
  expect(ok(await ali.relations(roomId, id)).chunk).toEqual([])
  expect(ok(await ali.threads(other)).chunk).toEqual([])
})

test('a page of history, what is around an event, and a list of relations have them', async () => {
  const roomId = await openRoom()
  const root = await ali.say(roomId, 'root')
  const reply = await ali.say(roomId, 'reply', inThread(root))
  await ali.say(roomId, 'changed', edit(root, 'changed'))
  const last = await ali.say(roomId, 'changed', edit(reply, 'changed'))
  const found = (events: readonly ClientEvent[], id: string) =>
    Object.keys(relationsIn(events.find((event) => event.event_id === id)) ?? {})
  const page = ok(await ali.messages(roomId)).chunk as ClientEvent[]
  expect(found(page, root)).toEqual(['m.replace', 'm.thread'])
  expect(found(page, reply)).toEqual(['m.replace'])
  const context = ok(await ali.context(roomId, root))
  expect(found([context.event as ClientEvent], root)).toEqual(['m.replace', 'm.thread'])
  expect(found(context.events_after as ClientEvent[], reply)).toEqual(['m.replace'])
  const around = ok(await ali.context(roomId, last))
  expect(found(around.events_before as ClientEvent[], root)).toEqual(['m.replace', 'm.thread'])
  expect(found(ok(await ali.relations(roomId, root)).chunk as ClientEvent[], reply)).toEqual(['m.replace'])
})

describe('what the reader may not see', () => {
  test('of a room that hides its past is not in what they may', async () => {
    const roomId = await openRoom()
    const root = await ali.say(roomId, 'root')
    const reply = await ali.say(roomId, 'reply', inThread(root))
    const first = await ali.say(roomId, 'changed', edit(root, 'changed'))
    ok(await ali.setState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' }))
    node.clock.advance(10)
    const late = await addCaller(node, 'late')
    const second = await ali.say(roomId, 'again', edit(root, 'again'))
    const hidden = await ali.say(roomId, 'hidden', inThread(root))
    await ali.say(roomId, 'hidden', relates('m.reference', root))
    ok(await late.join(roomId))
    expect(await editOf(bea, roomId, root)).toBe(second)
    expect(await threadOf(bea, roomId, root)).toMatchObject({ latest_event: hidden })
    expect(await editOf(late, roomId, root)).toBe(first)
    expect(await threadOf(late, roomId, root)).toMatchObject({ latest_event: reply })
    expect(Object.keys((await relationsOf(late, roomId, root))!)).not.toContain('m.reference')
    const now = await ali.say(roomId, 'now', inThread(root))
    expect(await threadOf(late, roomId, root)).toMatchObject({ latest_event: now })
    const listed = ok(await late.relations(roomId, root)).chunk!.map((event) => event.event_id)
    expect(listed).toEqual([now, first, reply])
  })

  test('after they left is not, however much that is', async () => {
    const roomId = await openRoom()
    const root = await ali.say(roomId, 'root')
    const reply = await ali.say(roomId, 'reply', inThread(root))
    ok(await bea.leave(roomId))
    for (let i = 0; i < 60; i++) await ali.say(roomId, `later ${i}`, inThread(root))
    await ali.say(roomId, 'later', edit(root, 'later'))
    expect(await threadOf(bea, roomId, root)).toEqual({
      count: 1,
      current_user_participated: false,
      latest_event: reply,
    })
    expect(await editOf(bea, roomId, root)).toBeUndefined()
    expect(ok(await bea.relations(roomId, root)).chunk!.map((event) => event.event_id)).toEqual([reply])
    expect(ok(await bea.threads(roomId)).chunk!.map((event) => event.event_id)).toEqual([root])
  })
})
