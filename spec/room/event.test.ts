import { expect, test } from 'vitest'
import type { EventId, ServerName } from '#spec/ids.ts'
import { canonicalJson, type Json, type JsonObject } from '#spec/json.ts'
import { buildEvent, decodeEvent, encodeEvent, signEvent } from '#spec/room/build.ts'
import { redactionTargetOf } from '#spec/room/content.ts'
import {
  contentHash,
  eventIdOf,
  fromWire,
  hashMatches,
  redactEvent,
  wireForm,
  type RoomEvent,
} from '#spec/room/event.ts'
import { redact } from '#spec/room/redact.ts'
import { cosign, isSignedBy, signersOf } from '#spec/room/signatures.ts'
import { requireRoomVersion, roomVersionIds } from '#spec/room/versions.ts'
import { decodeBase64, signJson } from '#spec/sign.ts'
import { codeOf } from '#spec/vectors/code-of.ts'
import { nobleCrypto, nobleKey } from '#spec/vectors/noble-crypto.ts'
import { expandEvent } from '#spec/vectors/short-event.ts'
import { openStory } from '#spec/vectors/story.ts'
import vectors from '../vectors/signing.json' with { type: 'json' }

const v12 = requireRoomVersion('12')
const seed = decodeBase64(vectors.seed)!
const publicKey = decodeBase64(vectors.public_key)!
const key = nobleKey('domain', 'ed25519:1', seed)

test.each(vectors.events)('hash and signature of $event.type', ({ room_version, event, hash, signature }) => {
  const version = requireRoomVersion(room_version)
  const wire = event as unknown as JsonObject
  expect(contentHash(wire, nobleCrypto)).toBe(hash)
  const signed = signJson(redact(version, { ...wire, hashes: { sha256: hash } }), key)
  expect(signed.signatures['domain']!['ed25519:1']).toBe(signature)
})

test.each(vectors.ids)('the id of $event.type in each version', ({ event, ids }) => {
  const found = roomVersionIds.map((id) => [id, eventIdOf(requireRoomVersion(id), event as JsonObject, nobleCrypto)])
  expect(Object.fromEntries(found)).toEqual(ids)
})

const alice = '@alice:one.example' as RoomEvent['sender']
const story = openStory(v12, (server) => nobleKey(server, 'ed25519:1', seed), nobleCrypto)
const create = story.tell({
  type: 'm.room.create',
  sender: alice,
  state_key: '',
  content: { room_version: '12' },
}).event
const join = story.tell({
  type: 'm.room.member',
  sender: alice,
  state_key: alice,
  content: { membership: 'join', displayname: 'A' },
}).event
const message = story.tell({ type: 'm.room.message', sender: alice, content: { body: 'hi' } }).event
const wire = wireForm(v12, message)

test('the create event of version 12 has no room id on the wire, and names the room', () => {
  const onWire = wireForm(v12, create)
  expect(onWire).not.toHaveProperty('room_id')
  expect(onWire).not.toHaveProperty('event_id')
  expect(create.room_id).toBe(`!${create.event_id.slice(1)}`)
  expect(fromWire(v12, onWire, nobleCrypto)).toEqual(create)
  expect(join.room_id).toBe(create.room_id)
})

test('the wire form comes back as the same event', () => {
  expect(fromWire(v12, wire, nobleCrypto)).toEqual(message)
  expect(fromWire(v12, { ...wire, unsigned: { age: 1 } }, nobleCrypto)).toEqual(message)
  expect(eventIdOf(v12, wire, nobleCrypto)).toBe(message.event_id)
  expect(hashMatches(wire, nobleCrypto)).toBe(true)
})

test('an event whose content does not match its hash counts as redacted, under the same id', () => {
  const changed = fromWire(v12, { ...wire, content: { body: 'other' } }, nobleCrypto)
  expect(changed.event_id).toBe(message.event_id)
  expect(changed.content).toEqual({})
  expect(fromWire(v12, { ...wire, surprise: 1 }, nobleCrypto)).toEqual(changed)
  expect(redactEvent(v12, message)).toEqual(changed)
  expect(fromWire(v12, redact(v12, wire), nobleCrypto)).toEqual(changed)
})

test('what redaction keeps decides the id', () => {
  const onWire = wireForm(v12, join)
  const other = fromWire(v12, { ...onWire, content: { membership: 'leave' } }, nobleCrypto)
  expect(other.event_id).not.toBe(join.event_id)
  const renamed = fromWire(v12, { ...onWire, content: { membership: 'join', displayname: 'B' } }, nobleCrypto)
  expect(renamed.event_id).toBe(join.event_id)
  expect(renamed.content).toEqual({ membership: 'join' })
  expect(redactEvent(v12, create)).toEqual(create)
})

test('fields that nobody knows are kept and hashed', () => {
  const unsigned = {
    ...buildEvent(
      v12,
      { type: 'x', sender: alice, content: {} },
      { roomId: create.room_id, heads: [join], authEvents: [], originServerTs: 5 },
    ),
  }
  const extra = JSON.parse('{"origin":"one.example","__proto__":{"a":1},"zzz":[null]}') as JsonObject
  const event = signEvent(v12, { ...unsigned, extra }, key, nobleCrypto)
  const onWire = wireForm(v12, event)
  expect(Object.keys(onWire)).toContain('__proto__')
  expect(contentHash(onWire, nobleCrypto)).toBe(event.hashes.sha256)
  expect(fromWire(v12, onWire, nobleCrypto)).toEqual(event)
  const { content, envelope } = encodeEvent(v12, event)
  expect(decodeEvent(event.event_id, event.room_id, content, envelope)).toEqual(event)
  expect(canonicalJson(JSON.parse(`{"content":${content},${envelope.slice(1)}`) as Json)).toBe(canonicalJson(onWire))
})

const change = (name: string, changes: Record<string, unknown>, code = 'M_BAD_JSON') => ({ name, changes, code })
const manyIds = (n: number): string[] => Array.from({ length: n }, () => message.event_id)
const malformed = [
  change('no type', { type: undefined }),
  change('a type that is no text', { type: 1 }),
  change('a type of 256 bytes', { type: 'é'.repeat(128) }, 'M_TOO_LARGE'),
  change('a state key of 256 bytes', { state_key: 'a'.repeat(256) }, 'M_TOO_LARGE'),
  change('a state key that is null', { state_key: null }),
  change('no sender', { sender: undefined }),
  change('a sender that is no user', { sender: 'alice' }),
  change('a sender of 256 bytes', { sender: `@${'a'.repeat(243)}:one.example` }, 'M_TOO_LARGE'),
  change('no content', { content: undefined }),
  change('content that is a list', { content: [] }),
  change('a depth below zero', { depth: -1 }),
  change('a depth that is no integer', { depth: 1.5 }),
  change('a depth beyond 2^53 - 1', { depth: 2 ** 53 }),
  change('a depth as a text', { depth: '1' }),
  change('no timestamp', { origin_server_ts: undefined }),
  change('a timestamp that is a fraction', { origin_server_ts: 0.5 }),
  change('21 previous events', { prev_events: manyIds(21) }),
  change('11 auth events', { auth_events: manyIds(11) }),
  change('previous events that are no list', { prev_events: message.event_id }),
  change('previous events of another form', { prev_events: [['$a:b', {}]] }),
  change('an auth event of another form', { auth_events: ['$143273582443PhrSn:example.org'] }),
  change('no hashes', { hashes: {} }),
  change('a hash that is no text', { hashes: { sha256: 1 } }),
  change('signatures that are no object', { signatures: [] }),
  change('a signature that is no text', { signatures: { a: { 'ed25519:1': 1 } } }),
  change('no room', { room_id: undefined }),
  change('an id of its own', { event_id: message.event_id }),
  change('a float further in', { content: { a: [1.5] } }),
  change('a lone surrogate', { content: { a: '\ud800' } }),
]

/** Nearly the message, in a room of any version. */
const wireIn = (id: string): JsonObject => ({ ...wire, room_id: id === '12' ? create.room_id : '!room:one.example' })
const malformedIn = roomVersionIds.flatMap((id) => malformed.map((one) => ({ id, ...one })))

test.each(malformedIn)('dropped in version $id: $name', ({ id, changes, code }) => {
  const changed = Object.fromEntries(
    Object.entries({ ...wireIn(id), ...changes }).filter(([, value]) => value !== undefined),
  ) as JsonObject
  expect(codeOf(() => fromWire(requireRoomVersion(id), wireIn(id), nobleCrypto))).toBeUndefined()
  expect(codeOf(() => fromWire(requireRoomVersion(id), changed, nobleCrypto))).toBe(code)
})

const oldRoom = '!room:one.example'
const hashRoom = create.room_id
test.each(roomVersionIds)('which room ids an event of version %s can have', (id) => {
  const taken = [oldRoom, hashRoom, '!', 'room', '#room:one.example', '!room:', `${hashRoom}:one.example`].filter(
    (room_id) => codeOf(() => fromWire(requireRoomVersion(id), { ...wire, room_id }, nobleCrypto)) === undefined,
  )
  expect(taken).toEqual(id === '12' ? [hashRoom] : [oldRoom, `${hashRoom}:one.example`])
})

test('at the limits an event passes', () => {
  const changes = {
    type: 'é'.repeat(127),
    state_key: 'a'.repeat(255),
    depth: 2 ** 53 - 1,
    prev_events: manyIds(20),
    auth_events: manyIds(10),
  }
  expect(codeOf(() => fromWire(v12, { ...wire, ...changes }, nobleCrypto))).toBeUndefined()
})

test('a create event with a room id, and an event without, are dropped in version 12 and asked for before', () => {
  const withRoom = { ...wireForm(v12, create), room_id: create.room_id }
  expect(codeOf(() => fromWire(v12, withRoom, nobleCrypto))).toBe('M_BAD_JSON')
  const v11 = requireRoomVersion('11')
  expect(codeOf(() => fromWire(v11, wireForm(v12, create), nobleCrypto))).toBe('M_BAD_JSON')
  expect(fromWire(v11, { ...withRoom, room_id: '!a:one.example' }, nobleCrypto).room_id).toBe('!a:one.example')
})

test('65,536 bytes are an event, one more is none; unsigned does not count', () => {
  const grow = (bytes: number): JsonObject => ({ ...wire, content: { body: 'x'.repeat(bytes) } })
  const rest = canonicalJson(grow(0)).length
  expect(codeOf(() => fromWire(v12, grow(65_536 - rest), nobleCrypto))).toBeUndefined()
  expect(codeOf(() => fromWire(v12, { ...grow(65_536 - rest), unsigned: { a: 'b' } }, nobleCrypto))).toBeUndefined()
  expect(codeOf(() => fromWire(v12, grow(65_537 - rest), nobleCrypto))).toBe('M_TOO_LARGE')
})

test.each(roomVersionIds)('where a redaction of version %s names what it is about', (id) => {
  const version = requireRoomVersion(id)
  const isOnTop = Number(id) <= 10
  const roomId = (id === '12' ? hashRoom : oldRoom) as RoomEvent['room_id']
  const place = { roomId, heads: [message], authEvents: [], originServerTs: 1 }
  const draft = { type: 'm.room.redaction', sender: alice, content: { reason: 'x' }, redacts: message.event_id }
  const event = signEvent(version, buildEvent(version, draft, place), key, nobleCrypto)
  const onWire = wireForm(version, event)
  expect(onWire['redacts']).toBe(isOnTop ? message.event_id : undefined)
  expect(onWire['content']).toEqual({ reason: 'x', ...(isOnTop ? undefined : { redacts: message.event_id }) })
  expect(redactionTargetOf(version, fromWire(version, onWire, nobleCrypto))).toBe(message.event_id)
  // On top it must be a text where it means something; elsewhere it is as good as any unknown field.
  const odd = { ...onWire, redacts: 1 }
  expect(codeOf(() => fromWire(version, odd, nobleCrypto))).toBe(isOnTop ? 'M_BAD_JSON' : undefined)
})

test.each(roomVersionIds)('whose signature an event of version %s needs', (id) => {
  const event = (type: string, content: JsonObject): readonly string[] =>
    signersOf(requireRoomVersion(id), expandEvent({ type, sender: '@a:one', state_key: '@b:two', content }))
  const by = (user: Json): JsonObject => ({ membership: 'join', join_authorised_via_users_server: user })
  expect(event('m.room.message', by('@c:three'))).toEqual(['one'])
  expect(event('m.room.member', by('@c:three'))).toEqual(Number(id) < 8 ? ['one'] : ['one', 'three'])
  expect(event('m.room.member', by('@c:one'))).toEqual(['one'])
  // What is no user has no server: rule 5.2.1 refuses the event.
  for (const odd of ['c', 5, null]) expect(event('m.room.member', by(odd))).toEqual(['one'])
  expect(event('m.room.member', { membership: 'invite', third_party_invite: {} })).toEqual([])
  expect(event('m.room.member', { membership: 'join', third_party_invite: {} })).toEqual(['one'])
  expect(event('m.room.message', { membership: 'invite', third_party_invite: {} })).toEqual(['one'])
})

test('a signature holds for the event and its redacted copy, and not for another', () => {
  const check = (object: JsonObject): boolean =>
    isSignedBy(v12, object, 'one.example' as ServerName, 'ed25519:1', publicKey, nobleCrypto)
  expect(check(wire)).toBe(true)
  expect(check(redact(v12, wire))).toBe(true)
  expect(check({ ...wire, content: { body: 'other' } })).toBe(true)
  expect(check({ ...wire, depth: 9 })).toBe(false)
  expect(check({ ...wire, sender: '@mallory:one.example' })).toBe(false)
  const both = { ...wire, signatures: cosign(v12, wire, nobleKey('two.example', 'ed25519:1', seed)) }
  expect(isSignedBy(v12, both, 'two.example' as ServerName, 'ed25519:1', publicKey, nobleCrypto)).toBe(true)
  expect(check(both)).toBe(true)
})

test('each event names the one before and is one deeper', () => {
  expect(message.event_id).toMatch(/^\$[A-Za-z0-9_-]{43}$/)
  expect(message.prev_events).toEqual([join.event_id] satisfies EventId[])
  expect([create.depth, join.depth, message.depth]).toEqual([1, 2, 3])
})
