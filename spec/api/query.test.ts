import * as z from 'zod/mini'
import { expect, test } from 'vitest'
import { clientMessage } from '#spec/extensions/stream/messages.ts'
import { createRoom, joinRoomByIdOrAlias } from './client/rooms.ts'
import { getMessages, sendEvent } from './client/events.ts'
import { sync, syncResponse } from './client/sync.ts'
import { jsonObject, queryBoolean, queryInteger, queryJson } from './query.ts'

const accepts = (schema: z.ZodMiniType | undefined, value: unknown): boolean => z.safeParse(schema!, value).success

test('integers come as text or as numbers, and stay within their bounds', () => {
  const limit = queryInteger(0, 100)
  expect([z.parse(limit, '7'), z.parse(limit, 7), z.parse(limit, '0')]).toEqual([7, 7, 0])
  for (const bad of ['', ' 7', '7.0', '1e2', '-1', '101', 'seven', '99999999999999999', 7.5, null, ['7']]) {
    expect([bad, accepts(limit, bad)]).toEqual([bad, false])
  }
})

test('booleans are true and false, in words or not', () => {
  expect(['true', 'false', true, false].map((value) => z.parse(queryBoolean, value))).toEqual([
    true,
    false,
    true,
    false,
  ])
  for (const bad of ['', '1', 'True', 'yes']) expect([bad, accepts(queryBoolean, bad)]).toEqual([bad, false])
})

test('a name that is repeated is a list, so is one that is not', () => {
  const via = (value: unknown): unknown => z.parse(joinRoomByIdOrAlias.query!, { via: value })
  expect([via('a.example'), via(['a.example', 'b.example'])]).toEqual([
    { via: ['a.example'] },
    { via: ['a.example', 'b.example'] },
  ])
  expect(accepts(joinRoomByIdOrAlias.query, { via: 'not a server' })).toBe(false)
  expect(z.parse(joinRoomByIdOrAlias.query!, {})).toEqual({})
})

test('JSON in a query is read as strictly as a body', () => {
  const schema = queryJson(z.looseObject({ limit: z.optional(z.int()) }))
  expect(z.parse(schema, '{"limit":1,"x":0.5}')).toEqual({ limit: 1, x: 0.5 })
  for (const bad of ['', '{', '{"limit":1,"limit":2}', '{"limit":"1"}', '[]', '{"limit":1}{}']) {
    expect([bad, accepts(schema, bad)]).toEqual([bad, false])
  }
})

test('contents of events are kept as they are, byte for byte', () => {
  const content = JSON.parse('{"__proto__":{"a":1},"b":[1,null]}') as unknown
  expect(z.parse(sendEvent.body!, content)).toBe(content)
  for (const bad of [null, [], 'text', 1]) expect([bad, accepts(jsonObject, bad)]).toEqual([bad, false])
})

test('a filter of sync is an id or a filter written out, and nothing between', () => {
  const filter = (value: unknown) => z.safeParse(sync.query!, { filter: value })
  expect(filter('17').data).toEqual({ filter: '17' })
  expect(filter('{"room":{"timeline":{"limit":5}}}').data).toEqual({ filter: { room: { timeline: { limit: 5 } } } })
  for (const bad of ['', '{', '{"room":7}', '{"room":{"timeline":{"limit":-1}}}', '{"room":{"rooms":["nowhere"]}}']) {
    expect([bad, filter(bad).success]).toEqual([bad, false])
  }
})

test('a page of messages needs a direction', () => {
  expect(accepts(getMessages.query, { dir: 'b', limit: '20' })).toBe(true)
  expect(accepts(getMessages.query, { limit: '20' })).toBe(false)
  expect(accepts(getMessages.query, { dir: 'x' })).toBe(false)
})

test('a room is made of what the specification names, other fields stay', () => {
  const state = { type: 'm.room.encryption', content: {} }
  expect(z.parse(createRoom.body!, { initial_state: [state], 'org.example.x': 1 })).toEqual({
    initial_state: [{ ...state, state_key: '' }],
    'org.example.x': 1,
  })
  for (const bad of [
    { invite: ['bob'] },
    { preset: 'secret' },
    { name: 7 },
    { initial_state: [{ type: 'm.x' }] },
    { creation_content: [] },
  ]) {
    expect([bad, accepts(createRoom.body, bad)]).toEqual([bad, false])
  }
})

test('a sync answer is a map of rooms by their ids', () => {
  const room = { timeline: { events: [] }, state_after: { events: [] } }
  expect(accepts(syncResponse, { next_batch: 's1', rooms: { join: { '!a:b': room } } })).toBe(true)
  expect(accepts(syncResponse, { next_batch: 's1', rooms: { join: { kitchen: room } } })).toBe(false)
  expect(accepts(syncResponse, { rooms: {} })).toBe(false)
})

test('a stream is started and pinged, and told nothing else', () => {
  expect(accepts(clientMessage, { type: 'start', access_token: 't', since: 's1', filter: { room: {} } })).toBe(true)
  expect(accepts(clientMessage, { type: 'ping', id: 7 })).toBe(true)
  for (const bad of [
    {},
    { type: 'start' },
    { type: 'stop' },
    { type: 'ping', id: '7' },
    { type: 'start', access_token: 't', filter: '7' },
  ]) {
    expect([bad, accepts(clientMessage, bad)]).toEqual([bad, false])
  }
})
