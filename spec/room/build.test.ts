import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import { canonicalJson, type Json, type JsonObject } from '#spec/json.ts'
import { utf8 } from '#spec/limits.ts'
import { buildEvent, decodeEvent, encodeEvent, signEvent, type EventDraft } from '#spec/room/build.ts'
import { contentHash, eventIdOf, fromWire, wireForm } from '#spec/room/event.ts'
import { redact } from '#spec/room/redact.ts'
import { requireRoomVersion, roomVersionIds } from '#spec/room/versions.ts'
import { signedBytes } from '#spec/sign.ts'
import { codeOf } from '#spec/vectors/code-of.ts'
import { nobleKey } from '#spec/vectors/noble-crypto.ts'

const crypto = { sha256: (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest() }
/** Stands for a signature: a hash of what is signed, twice. */
const key = {
  ...nobleKey('one.example', 'ed25519:1', new Uint8Array(32)),
  sign: (message: Uint8Array) => Buffer.concat([crypto.sha256(message), crypto.sha256(message)]),
}

const sender = '@a:one.example' as UserId
const roomId = '!Nhcu5BS-UMnFX7hBVfVSoXiD7OgH6iRT-xyIuqDnpYQ' as RoomId
const ids = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `$${Buffer.from(bytes).toString('base64url')}` as EventId)
const texts = fc.string({ unit: 'binary', maxLength: 10 }).filter((s) => !s.includes('\u0000'))
const leaf = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), texts)
const contents = fc.dictionary(
  fc.oneof(
    texts,
    fc.constantFrom('membership', 'redacts', 'users', 'ban', 'creator', 'third_party_invite', 'allow', 'join_rule'),
  ),
  fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.dictionary(fc.oneof(texts, fc.constant('signed')), leaf, { maxKeys: 3 }),
  ),
) as fc.Arbitrary<JsonObject>
const types = fc.oneof(
  fc.constantFrom(
    'm.room.create',
    'm.room.member',
    'm.room.power_levels',
    'm.room.join_rules',
    'm.room.redaction',
    'm.room.message',
  ),
  texts,
)
const drafts = fc.record({
  type: types,
  content: contents,
  state_key: fc.option(texts, { nil: undefined }),
  redacts: fc.option(ids, { nil: undefined }),
})
const extras = fc.option(
  fc.dictionary(fc.constantFrom('origin', 'membership', 'prev_state', 'zebra', 'aardvark', '__proto__'), leaf, {
    minKeys: 1,
  }),
  { nil: undefined },
)
const heads = fc.array(fc.record({ event_id: ids, depth: fc.nat() }), { maxLength: 3 })

test('building by texts gives what the algorithms of the specification give', () => {
  const versions = fc.constantFrom(...roomVersionIds.map(requireRoomVersion))
  fc.assert(
    fc.property(
      versions,
      drafts,
      extras,
      heads,
      fc.array(ids, { maxLength: 3 }),
      (version, draft, extra, headList, authEvents) => {
        const place = {
          roomId: version.id === '12' ? roomId : ('!r:one.example' as RoomId),
          heads: headList,
          authEvents,
          originServerTs: 1,
        }
        const built = buildEvent(version, { ...draft, sender }, place)
        const event = signEvent(version, extra ? { ...built, extra } : built, key, crypto)
        const wire = wireForm(version, event)
        // Literally as the specification says it.
        expect(event.hashes.sha256).toBe(contentHash(wire, crypto))
        const signature = key
          .sign(signedBytes(redact(version, wire)))
          .toString('base64')
          .replaceAll('=', '')
        expect(event.signatures).toEqual({ 'one.example': { 'ed25519:1': signature } })
        expect(event.event_id).toBe(eventIdOf(version, wire, crypto))
        // There and back again.
        expect(fromWire(version, wire, crypto)).toEqual(event)
        const first = encodeEvent(version, event)
        expect(encodeEvent(version, event)).toEqual(first)
        expect(decodeEvent(event.event_id, event.room_id, first.content, first.envelope)).toEqual(event)
        const text = `{"content":${first.content},${first.envelope.slice(1)}`
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(canonicalJson(wire))
        // A redacted copy has the same id.
        expect(eventIdOf(version, redact(version, wire), crypto)).toBe(event.event_id)
      },
    ),
    { numRuns: 300 },
  )
})

const v12 = requireRoomVersion('12')
const place = {
  roomId,
  heads: [{ event_id: roomId as string as EventId, depth: 7 }],
  authEvents: [],
  originServerTs: 1,
}
const build = (draft: Partial<EventDraft>, where: Partial<typeof place> = {}) =>
  buildEvent(v12, { type: 'x', sender, content: {}, ...draft }, { ...place, ...where })
test('depth is one more than the deepest head, and stops at the largest integer', () => {
  const at = (...depths: number[]) => build({}, { heads: depths.map((depth) => ({ ...place.heads[0]!, depth })) }).depth
  expect([at(), at(7), at(3, 9, 4), at(2 ** 53 - 1)]).toEqual([1, 8, 10, 2 ** 53 - 1])
})

test('of many heads the deepest twenty are named', () => {
  const many = Array.from({ length: 30 }, (_, depth) => ({ event_id: `$${depth}` as EventId, depth }))
  const { prev_events, depth } = build({}, { heads: many })
  expect(prev_events).toHaveLength(20)
  expect(prev_events).toContain('$29')
  expect(prev_events).not.toContain('$9')
  expect(depth).toBe(30)
})

test('keys are measured in bytes', () => {
  expect(codeOf(() => build({ type: 'é'.repeat(127), state_key: 'é'.repeat(127) }))).toBeUndefined()
  expect(codeOf(() => build({ type: 'é'.repeat(128) }))).toBe('M_TOO_LARGE')
  expect(codeOf(() => build({ state_key: 'é'.repeat(128) }))).toBe('M_TOO_LARGE')
})

test('the size limit is that of the wire form, to the byte', () => {
  const sized = (bytes: number) => signEvent(v12, build({ content: { body: 'é' + 'x'.repeat(bytes) } }), key, crypto)
  const rest = utf8(canonicalJson(wireForm(v12, sized(0)))).length
  expect(utf8(canonicalJson(wireForm(v12, sized(65_536 - rest))))).toHaveLength(65_536)
  expect(codeOf(() => sized(65_537 - rest))).toBe('M_TOO_LARGE')
})

test('content that has no canonical JSON is not signed', () => {
  for (const bad of [1.5, -0, 2 ** 53, '\ud800'])
    expect(codeOf(() => signEvent(v12, build({ content: { bad } }), key, crypto))).toBe('M_BAD_JSON')
})

test('content may be nested ninety levels deep', () => {
  const nested = (levels: number): JsonObject => ({
    a: JSON.parse('['.repeat(levels - 1) + ']'.repeat(levels - 1)) as Json,
  })
  expect(codeOf(() => signEvent(v12, build({ content: nested(90) }), key, crypto))).toBeUndefined()
  expect(codeOf(() => signEvent(v12, build({ content: nested(91) }), key, crypto))).toBe('M_BAD_JSON')
})

test('an event has a room and at most ten auth events', () => {
  expect(
    codeOf(() => buildEvent(v12, { type: 'x', sender, content: {} }, { heads: [], authEvents: [], originServerTs: 1 })),
  ).toBe('M_BAD_JSON')
  expect(
    codeOf(() => build({}, { authEvents: Array.from({ length: 11 }, () => place.heads[0]!.event_id) as never[] })),
  ).toBe('M_BAD_JSON')
})
