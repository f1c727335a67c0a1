import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MatrixError } from '#spec/errors.ts'
import type { EventId, RoomId, ServerName, UserId } from '#spec/ids.ts'
import type { Json, JsonObject } from '#spec/json.ts'
import { buildEvent, signEvent } from '#spec/room/build.ts'
import { fromWire, wireForm, type UnsignedEvent } from '#spec/room/event.ts'
import { readTemplate, type TemplateRequest } from '#spec/room/template.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'
import { codeOf } from '#spec/vectors/code-of.ts'
import { nobleCrypto, nobleKey } from '#spec/vectors/noble-crypto.ts'

const zoe = '@zoe:home.example' as UserId
const hostile = '@mallory:evil.example'
const idOf = (letter: string): EventId => `$${letter.repeat(42)}A` as EventId
const now = 1_700_000_000_000
const asked: TemplateRequest = {
  roomId: '!room:resident.example' as RoomId,
  userId: zoe,
  membership: 'join',
  content: { displayname: 'Zoë' },
  resident: 'resident.example' as ServerName,
}
const content: JsonObject = { membership: 'join' }
const template: JsonObject = {
  room_id: asked.roomId,
  type: 'm.room.member',
  sender: zoe,
  state_key: zoe,
  content,
  depth: 9,
  prev_events: [idOf('p')],
  auth_events: [idOf('a'), idOf('b')],
  origin: 'resident.example',
  origin_server_ts: 5,
}
const answer = (changes: JsonObject = {}, room_version: Json = '10'): JsonObject => ({
  room_version,
  event: { ...template, ...changes },
})

/** The event that is made of an answer, as it goes to the signing key. */
function built(given: Json, request: Partial<TemplateRequest> = {}): UnsignedEvent {
  const { version, draft, place } = readTemplate(given, { ...asked, ...request }, now)
  return buildEvent(version, draft, place)
}

const expected: UnsignedEvent = {
  room_id: asked.roomId,
  type: 'm.room.member',
  sender: zoe,
  state_key: zoe,
  content: { displayname: 'Zoë', membership: 'join' },
  depth: 9,
  prev_events: [idOf('p')],
  auth_events: [idOf('a'), idOf('b')],
  origin_server_ts: now,
}

test.each(['join', 'leave', 'knock'] as const)(
  'an honest template of a %s becomes an event of our making',
  (membership) => {
    const event = built(answer({ content: { membership } }), { membership })
    expect(event).toEqual({ ...expected, content: { displayname: 'Zoë', membership } })
    const version = requireRoomVersion('10')
    const signed = signEvent(version, event, nobleKey('home.example', 'ed25519:1', new Uint8Array(32)), nobleCrypto)
    expect(fromWire(version, wireForm(version, signed), nobleCrypto)).toEqual(signed)
  },
)

const refusals: { name: string; changes: JsonObject }[] = [
  { name: 'another sender', changes: { sender: hostile } },
  { name: 'another user of ours as the sender', changes: { sender: '@yan:home.example' } },
  { name: 'another state key', changes: { state_key: hostile } },
  { name: 'an empty state key', changes: { state_key: '' } },
  { name: 'another room', changes: { room_id: '!other:resident.example' } },
  { name: 'another type', changes: { type: 'm.room.power_levels' } },
  { name: 'a message', changes: { type: 'm.room.message', content: { membership: 'join', body: 'I owe you' } } },
  { name: 'another membership', changes: { content: { membership: 'leave' } } },
  { name: 'an invite', changes: { content: { membership: 'invite' } } },
  { name: 'no membership', changes: { content: {} } },
  {
    name: 'a membership on the prototype',
    changes: JSON.parse('{"content":{"__proto__":{"membership":"join"}}}') as JsonObject,
  },
  { name: 'content that is a list', changes: { content: ['join'] } },
  { name: 'a depth that is a fraction', changes: { depth: 1.5 } },
  { name: 'a depth beyond 2^53 - 1', changes: { depth: 2 ** 53 } },
  { name: 'a depth of zero', changes: { depth: 0 } },
  { name: 'a depth as a text', changes: { depth: '9' } },
  { name: 'no previous events', changes: { prev_events: [] } },
  { name: 'previous events that are no list', changes: { prev_events: { 0: idOf('p') } } },
  { name: 'twenty-one previous events', changes: { prev_events: Array.from({ length: 21 }, () => idOf('p')) } },
  {
    name: 'a hundred thousand previous events',
    changes: { prev_events: Array.from({ length: 100_000 }, () => idOf('p')) },
  },
  { name: 'eleven auth events', changes: { auth_events: Array.from({ length: 11 }, () => idOf('a')) } },
  { name: 'an auth event of another form', changes: { auth_events: ['$143273582443PhrSn:evil.example'] } },
  { name: 'an auth event that is an object', changes: { auth_events: [{ type: 'm.room.create' }] } },
]

test.each(refusals)('refused: $name', ({ changes }) => {
  expect(codeOf(() => built(answer(changes)))).toBe('M_BAD_JSON')
})

test.each(Object.keys(template).filter((key) => !key.startsWith('origin')))('refused: no %s', (key) => {
  const { [key]: _absent, ...rest } = template
  expect(codeOf(() => built({ room_version: '10', event: rest }))).toBe('M_BAD_JSON')
})

test.each([null, [], 'x', {}, { event: null }, { event: [] }])('refused: the answer %j', (given) => {
  expect(codeOf(() => built(given as Json))).toBe('M_BAD_JSON')
})

const ignored: { name: string; changes: JsonObject }[] = [
  {
    name: 'extra content',
    changes: { content: { membership: 'join', displayname: 'Mallory', 'org.example.debt': 1e6 } },
  },
  { name: 'a third-party invite', changes: { content: { membership: 'join', third_party_invite: { signed: {} } } } },
  { name: 'floats in content', changes: { content: { membership: 'join', weight: 1.5 } } },
  { name: 'a time', changes: { origin_server_ts: 1 } },
  { name: 'an origin', changes: { origin: 'evil.example' } },
  { name: 'an event id', changes: { event_id: idOf('e') } },
  { name: 'what it redacts', changes: { redacts: idOf('r') } },
  { name: 'hashes and signatures', changes: { hashes: { sha256: 'x' }, signatures: { 'evil.example': {} } } },
  { name: 'unknown fields', changes: { extra: { a: [1] }, unsigned: { age: 1 }, prev_state: [], membership: 'ban' } },
]

test.each(ignored)('left out: $name', ({ changes }) => {
  expect(built(answer(changes))).toEqual(expected)
})

test.each([
  ['none', undefined, 'M_UNSUPPORTED_ROOM_VERSION'],
  ['an old one', '5', 'M_UNSUPPORTED_ROOM_VERSION'],
  ['an unknown one', 'org.example.new', 'M_UNSUPPORTED_ROOM_VERSION'],
  ['a number', 10, 'M_BAD_JSON'],
  ['one whose room ids look otherwise', '12', 'M_BAD_JSON'],
])('refused: a room version that is %s', (_name, version, code) => {
  const { room_version: _version, ...rest } = answer()
  expect(codeOf(() => built(version === undefined ? rest : answer({}, version)))).toBe(code)
})

test('a version that the invite did not name is refused', () => {
  const version = requireRoomVersion('9')
  expect(codeOf(() => built(answer(), { version }))).toBe('M_BAD_JSON')
  expect(built(answer({}, '9'), { version })).toEqual(expected)
})

test('a room whose id is a hash is of version 12', () => {
  const roomId = `!${'r'.repeat(42)}A` as RoomId
  expect(built(answer({ room_id: roomId }, '12'), { roomId })).toEqual({ ...expected, room_id: roomId })
  expect(codeOf(() => built(answer({ room_id: roomId }, '11'), { roomId }))).toBe('M_BAD_JSON')
})

test('nobody knocks where the version knows no knocking', () => {
  const request = { membership: 'knock' } as const
  const given = (version: string): JsonObject => answer({ content: request }, version)
  expect(codeOf(() => built(given('6'), request))).toBe('M_BAD_JSON')
  expect(built(given('7'), request).content).toEqual({ displayname: 'Zoë', membership: 'knock' })
})

test('what the user says cannot change what they asked for', () => {
  const said = { membership: 'ban', reason: 'hi', join_authorised_via_users_server: '@host:resident.example' }
  expect(built(answer(), { content: said }).content).toEqual({ membership: 'join', reason: 'hi' })
})

const authorisedBy = (user: Json, membership = 'join'): JsonObject => ({
  content: { membership, join_authorised_via_users_server: user },
})

test('a restricted join names who authorises it, of the server that was asked', () => {
  const user = '@host:resident.example'
  const words = { displayname: 'Zoë', membership: 'join' }
  expect(built(answer(authorisedBy(user))).content).toEqual({ ...words, join_authorised_via_users_server: user })
  expect(built(answer(authorisedBy(user), '8')).content).toHaveProperty('join_authorised_via_users_server', user)
  // No such thing before version 8.
  expect(built(answer(authorisedBy(user), '7')).content).toEqual(words)
})

test.each([hostile, '@yan:home.example', 'resident.example', '', 5, null, [], {}])(
  'refused: a join that is authorised by %j',
  (user) => {
    expect(codeOf(() => built(answer(authorisedBy(user))))).toBe('M_BAD_JSON')
  },
)

test.each(['leave', 'knock'] as const)('a %s is authorised by nobody', (membership) => {
  const given = answer(authorisedBy('@host:resident.example', membership))
  expect(built(given, { membership }).content).toEqual({ displayname: 'Zoë', membership })
})

test('no template makes us sign anything but what was asked for', () => {
  const keys = [...Object.keys(template), 'redacts', 'event_id', 'hashes', 'signatures', '__proto__', 'extra']
  const values = fc.oneof(
    fc.constantFrom<Json[]>(zoe, hostile, asked.roomId, idOf('x'), 'm.room.member', 'm.room.create', 7, [idOf('y')]),
    fc.record({ membership: fc.constantFrom('join', 'ban'), displayname: fc.string() }),
    fc.jsonValue().map((value) => value as Json),
  )
  const changes = fc.dictionary(fc.constantFrom(...keys), values, { maxKeys: 3 })
  let read = 0
  fc.assert(
    fc.property(changes, (given) => {
      try {
        const { prev_events, auth_events, depth, ...rest } = built(answer(given))
        const { prev_events: _prev, auth_events: _auth, depth: _depth, ...own } = expected
        expect(rest).toEqual(own)
        expect([prev_events.length, auth_events.length, depth].every((n) => n <= Number.MAX_SAFE_INTEGER)).toBe(true)
        read++
      } catch (error) {
        if (!(error instanceof MatrixError)) throw error
      }
    }),
    { numRuns: 10_000, seed: 1 },
  )
  expect(read).toBeGreaterThan(1000)
})
