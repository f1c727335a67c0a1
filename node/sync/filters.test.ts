import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineFilter } from '#spec/api/client/filter.ts'
import { sync } from '#spec/api/client/sync.ts'
import { fromWire } from '#spec/room/event.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'
import { systemCrypto } from '#node/deps.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { onlyFields } from './event-texts.ts'
import { addTalker, bodies, joined, left, serveTalk, stateKeys, type Talker } from './testing/talk.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker
let roomId: string
let otherId: string
let since: string

beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
  roomId = await ali.createRoom({ preset: 'public_chat', name: 'One' })
  otherId = await ali.createRoom({ preset: 'public_chat', name: 'Two' })
  await bea.join(roomId)
  await bea.join(otherId)
  since = (await bea.sync()).next_batch
  await ali.send(roomId, 'first')
  await ali.setState(roomId, 'm.room.topic', { topic: 'a topic' })
  await ali.sendType(roomId, 'org.example.100%', { body: 'other type' })
  await ali.sendType(roomId, 'm.room.message', { body: 'picture', msgtype: 'm.image', url: 'mxc://localhost/a' })
  const read = await bea.send(roomId, 'by bea')
  await ali.send(otherId, 'elsewhere')
  await ali.type(roomId, true)
  await ali.read(roomId, read)
  await bea.setRoomData(roomId, 'm.tag', { tags: {} })
  await bea.setRoomData(roomId, 'org.example.data', {})
  await bea.setData('org.example.data', {})
  await bea.setData('org.example.other', {})
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const version12 = requireRoomVersion('12')
const withTimeline = (timeline: object) => ({ room: { timeline } })

test.each<[name: string, timeline: object, expected: string[]]>([
  ['types', { types: ['m.room.message'] }, ['first', 'picture', 'by bea']],
  ['types with a wildcard', { types: ['org.*'] }, ['other type']],
  ['signs that mean something to LIKE', { types: ['org.example.100%'] }, ['other type']],
  ['signs that mean something to LIKE, as wildcards', { types: ['org_example.%'] }, []],
  ['not_types', { not_types: ['m.*'] }, ['other type']],
  ['not_types win', { types: ['m.room.message'], not_types: ['*.message'] }, []],
  ['senders', { senders: ['@bea:localhost'] }, ['by bea']],
  ['not_senders', { not_senders: ['@bea:localhost'] }, ['first', 'other type', 'picture']],
  ['contains_url', { contains_url: true }, ['picture']],
  ['no url', { contains_url: false }, ['first', 'other type', 'by bea']],
  ['an empty list of types', { types: [] }, []],
  ['limit counts what passes', { types: ['m.room.message'], limit: 2 }, ['picture', 'by bea']],
])('timeline: %s', async (_, timeline, expected) => {
  const answer = await bea.sync({ since, filter: withTimeline(timeline) })
  expect(bodies(joined(answer, roomId))).toEqual(expected)
  expect(joined(answer, roomId)?.timeline?.limited).toBe('limit' in timeline)
})

test('a state change that the filter takes out of the timeline is in the state', async () => {
  for (const use_state_after of [false, true]) {
    const answer = await bea.sync({ since, use_state_after, filter: withTimeline({ types: ['m.room.message'] }) })
    const room = joined(answer, roomId)!
    expect(stateKeys((room.state_after ?? room.state)?.events)).toEqual(['m.room.topic'])
  }
  const initial = await bea.sync({ filter: withTimeline({ types: ['m.room.message'], limit: 1 }) })
  expect(joined(initial, roomId)?.state?.events?.find((e) => e.type === 'm.room.topic')?.content).toEqual({
    topic: 'a topic',
  })
})

test('rooms and not_rooms, of everything and of one part', async () => {
  const roomsIn = async (room: object) => Object.keys((await bea.sync({ since, filter: { room } })).rooms?.join ?? {})
  expect(await roomsIn({ rooms: [otherId] })).toEqual([otherId])
  expect(await roomsIn({ not_rooms: [otherId] })).toEqual([roomId])
  expect(await roomsIn({ rooms: [] })).toEqual([])
  // What is unread in the other room is told all the same.
  const answerOfOne = await bea.sync({ since, filter: withTimeline({ rooms: [roomId] }) })
  expect(joined(answerOfOne, otherId)).toMatchObject({
    timeline: { events: [] },
    unread_notifications: { notification_count: 1 },
  })
  const answer = await bea.sync({
    since,
    filter: { room: { ephemeral: { not_rooms: [roomId] }, account_data: { not_rooms: [roomId] } } },
  })
  expect(joined(answer, roomId)).not.toHaveProperty('ephemeral')
  expect(joined(answer, roomId)).not.toHaveProperty('account_data')
})

test('types of state, of what passes, of account data', async () => {
  const filter = {
    account_data: { types: ['org.example.o*'] },
    room: {
      state: { types: ['m.room.name'] },
      ephemeral: { types: ['m.receipt'] },
      account_data: { not_types: ['m.tag'] },
    },
  }
  const answer = await bea.sync({ filter: { ...filter, room: { ...filter.room, timeline: { limit: 1 } } } })
  expect(answer.account_data?.events?.map((event) => event.type)).toEqual(['org.example.other'])
  const room = joined(answer, roomId)!
  expect(stateKeys(room.state?.events)).toEqual(['m.room.name'])
  expect(room.ephemeral?.events?.map((event) => event.type)).toEqual(['m.receipt'])
  expect(room.account_data?.events?.map((event) => event.type)).toEqual(['org.example.data'])
})

test('a stored filter, by its id', async () => {
  const body = { room: { rooms: [otherId], timeline: { limit: 1 } } }
  const { filter_id: id } = await bea.do(defineFilter, { params: { userId: bea.id }, body })
  const answer = await bea.do(sync, { query: { filter: id!, since } })
  expect(Object.keys(answer.rooms?.join ?? {})).toEqual([otherId])
})

test('only the fields that were asked for', async () => {
  const filter = { event_fields: ['type', 'content.body', 'unsigned.membership'], room: { rooms: [otherId] } }
  const room = joined(
    (await bea.tryTo(sync, { query: { since, filter: JSON.stringify(filter) } })).body as never,
    otherId,
  )
  expect(room?.timeline?.events).toEqual([
    { type: 'm.room.message', content: { body: 'elsewhere' }, unsigned: { membership: 'join' } },
  ])
})

test('a timeline of no events: what there is, is behind prev_batch, and the state is up to its end', async () => {
  for (const use_state_after of [false, true]) {
    const room = joined(await bea.sync({ since, use_state_after, filter: withTimeline({ limit: 0 }) }), roomId)!
    expect(room.timeline).toMatchObject({ events: [], limited: true })
    expect(stateKeys((room.state_after ?? room.state)?.events)).toEqual(['m.room.topic'])
    const page = await bea.messages(roomId, { dir: 'b', from: room.timeline!.prev_batch!, limit: '1' })
    expect(page.chunk?.[0]?.content).toMatchObject({ body: 'by bea' })
  }
})

test('the format of other servers', async () => {
  const filter = { event_format: 'federation', room: { rooms: [otherId], timeline: { limit: 1 } } }
  const answer = (await bea.tryTo(sync, { query: { filter: JSON.stringify(filter) } })).body
  const room = joined(answer as never, otherId)!
  const events = [...room.timeline!.events, ...room.state!.events!] as unknown as Record<string, unknown>[]
  expect(events.map((event) => event['type'])).toEqual(expect.arrayContaining(['m.room.message', 'm.room.create']))
  for (const event of events) {
    const { event_id: eventId, unsigned, ...wire } = event
    const { id, ...decoded } = { id: fromWire(version12, wire as never, systemCrypto).event_id, ...wire }
    expect(id).toBe(eventId)
    expect(decoded).toHaveProperty('auth_events')
    expect(unsigned).toHaveProperty('age')
  }
})

test('senders, of what passes', async () => {
  const typistsAndReaders = async (ephemeral: object) => {
    const events = joined(await bea.sync({ since, filter: { room: { ephemeral } } }), roomId)?.ephemeral?.events
    return (events ?? []).map((event) => JSON.stringify(event.content).match(/@(ali|bea):/)?.[1])
  }
  expect(await typistsAndReaders({ senders: [ali.id] })).toEqual(['ali', 'ali'])
  expect(await typistsAndReaders({ types: ['m.receipt'], not_senders: [ali.id] })).toEqual([])
  expect(await typistsAndReaders({ not_senders: [ali.id] })).toEqual([undefined])
})

test('a filter that nobody stored is not found', async () => {
  expect(await bea.tryTo(sync, { query: { filter: 'none' } })).toMatchObject({
    status: 404,
    body: { errcode: 'M_NOT_FOUND' },
  })
})

test('fields are named by paths', () => {
  const event = JSON.stringify({ a: { b: 1, 'c.d': 2, e: { f: 3, g: 4 } }, 'h\\i': 5, list: [1], __proto__: 6 })
  expect(onlyFields(event, ['a.b'])).toBe('{"a":{"b":1}}')
  expect(onlyFields(event, ['a.c\\.d', 'a.e.g'])).toBe('{"a":{"c.d":2,"e":{"g":4}}}')
  expect(onlyFields(event, ['h\\\\i', 'list', 'list.0', 'none', 'a.b.c', 'toString', 'a.constructor'])).toBe(
    '{"h\\\\i":5,"list":[1],"a":{}}',
  )
  expect(onlyFields('{"__proto__":{"x":1}}', ['__proto__.x'])).toBe('{"__proto__":{"x":1}}')
})

test('that a room was left is told, whatever the filter takes out', async () => {
  const leaving = await ali.createRoom({ preset: 'public_chat' })
  await bea.join(leaving)
  const filter = withTimeline({ types: ['m.room.message'] })
  const { next_batch } = await bea.sync({ filter })
  await bea.leave(leaving)
  expect(left(await bea.sync({ since: next_batch, filter }), leaving)?.timeline).toMatchObject({ events: [] })
})
