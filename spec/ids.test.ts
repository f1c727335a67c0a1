import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import {
  createIdOfRoom,
  deviceId,
  eventId,
  isDeviceId,
  isEventId,
  isHashEventId,
  isRoomAlias,
  isRoomId,
  isServerName,
  isUserId,
  localpartOf,
  mxcOf,
  newLocalpartProblem,
  parseMxc,
  parseUserId,
  roomAlias,
  roomId,
  roomIdOfCreate,
  serverName,
  serverOf,
  userId,
  userIdOf,
  type EventId,
  type ServerName,
} from '#spec/ids.ts'
import vectors from './vectors/identifiers.json' with { type: 'json' }

const checks = {
  server_name: isServerName,
  user_id: isUserId,
  room_id: isRoomId,
  event_id: isEventId,
  hash_event_id: isHashEventId,
  room_alias: isRoomAlias,
  new_localpart: (s: string) => newLocalpartProblem(s) === undefined,
}
const kinds = Object.keys(checks) as (keyof typeof checks)[]
const valid = kinds.flatMap((kind) => vectors[kind].valid.map((id) => ({ kind, id })))
const invalid = kinds.flatMap((kind) => vectors[kind].invalid.map((id) => ({ kind, id })))

test.each(valid)('$kind $id', ({ kind, id }) => {
  expect(checks[kind](id)).toBe(true)
})

test.each(invalid)('no $kind: $id', ({ kind, id }) => {
  expect(checks[kind](id)).toBe(false)
})

test.each(vectors.user_id.historical)('historical user id %s', (id) => {
  expect(isUserId(id)).toBe(true)
  expect(newLocalpartProblem(parseUserId(id)!.localpart)).toBeDefined()
})

test('ids of other types than text are none', () => {
  for (const check of [isServerName, isUserId, isRoomId, isEventId, isRoomAlias, isDeviceId]) {
    for (const value of [undefined, null, 1, {}, ['@a:b']]) expect(check(value)).toBe(false)
  }
})

test('a user id comes apart at the first colon', () => {
  expect(parseUserId('@alice:example.org:8448')).toEqual({ localpart: 'alice', server: 'example.org:8448' })
  const id = userIdOf('alice', 'example.org:8448' as ServerName)
  expect(id).toBe('@alice:example.org:8448')
  expect([localpartOf(id), serverOf(id)]).toEqual(['alice', 'example.org:8448'])
})

test('a new user id has at most 255 bytes and a strict localpart', () => {
  const server = 'example.org' as ServerName
  expect(userIdOf('a'.repeat(242), server)).toHaveLength(255)
  expect(() => userIdOf('a'.repeat(243), server)).toThrow('too long')
  expect(() => userIdOf('Alice', server)).toThrow('a-z')
  expect(() => userIdOf('', server)).toThrow('at least one')
})

test('a room of version 12 and its create event name each other', () => {
  const id = '$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg' as EventId
  expect(roomIdOfCreate(id)).toBe('!Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg')
  expect(createIdOfRoom(roomIdOfCreate(id))).toBe(id)
})

test('schemas take what the checks take', () => {
  const schemas = z.object({ userId, roomId, eventId, roomAlias, serverName, deviceId })
  const good = { userId: '@a:b', roomId: '!a:b', eventId: '$a', roomAlias: '#a:b', serverName: 'b', deviceId: 'D' }
  expect(schemas.safeParse(good).success).toBe(true)
  for (const key of Object.keys(good)) expect(schemas.safeParse({ ...good, [key]: '' }).success).toBe(false)
})

test.each([
  ['mxc://example.org/AQwafuaFswefuhsfAFAgsw', 'example.org', 'AQwafuaFswefuhsfAFAgsw'],
  ['mxc://[::1]:8448/a-b_C', '[::1]:8448', 'a-b_C'],
  [`mxc://a/${'x'.repeat(255)}`, 'a', 'x'.repeat(255)],
])('%s is the address of a file', (uri, server, id) => {
  expect(parseMxc(uri)).toEqual({ server, mediaId: id })
  expect(mxcOf(parseMxc(uri)!)).toBe(uri)
})

test.each([
  undefined,
  7,
  '',
  'mxc://',
  'mxc://a',
  'mxc://a/',
  'mxc:///b',
  'mxc://a/..',
  'mxc://a/../b',
  'mxc://a/b/c',
  'mxc://a/b?c',
  'mxc://a/b#c',
  'mxc://a/%2e%2e',
  'mxc://a/b\\c',
  'mxc://a/b\u0000',
  'mxc://a b/c',
  `mxc://a/${'x'.repeat(256)}`,
  'https://a/b',
  'MXC://a/b',
  'mxc://a/b\n',
])('%s is no address of a file', (uri) => {
  expect(parseMxc(uri)).toBeUndefined()
})
