import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '#spec/json.ts'
import { eventIdOf } from '#spec/room/event.ts'
import { redact, redactContent } from '#spec/room/redact.ts'
import { requireRoomVersion, roomVersionIds } from '#spec/room/versions.ts'
import { nobleCrypto } from '#spec/vectors/noble-crypto.ts'
import vectors from '../vectors/redaction.json' with { type: 'json' }

test.each(roomVersionIds)('keys that stay on top in version %s', (id) => {
  const kept = vectors.top_level.kept as Record<string, string[]>
  const redacted = redact(requireRoomVersion(id), vectors.top_level.event as JsonObject)
  expect(Object.keys(redacted).sort()).toEqual(kept[id]!.toSorted())
  expect(redacted['content']).toEqual({})
})

const contents = vectors.contents.flatMap(({ name, type, content, kept }) =>
  Object.entries(kept).map(([id, left]) => ({ id, name, type, content: content as JsonObject, left })),
)

test.each(contents)('version $id: $name', ({ id, type, content, left }) => {
  const version = requireRoomVersion(id)
  const once = redactContent(version, type, content)
  expect(once).toEqual(left)
  expect(redactContent(version, type, once)).toEqual(left)
})

test('keys of the prototype are not content', () => {
  const content = JSON.parse('{"__proto__":{"membership":"join"}}') as JsonObject
  expect(redactContent(requireRoomVersion('12'), 'm.room.member', content)).toEqual({})
})

const keptSomewhere = [
  ...['membership', 'join_authorised_via_users_server', 'third_party_invite', 'creator', 'join_rule', 'allow', 'ban'],
  ...['events', 'invite', 'users', 'history_visibility', 'redacts', 'aliases', 'body', '__proto__'],
]
const values = fc.oneof(
  fc.constantFrom<Json[]>(null, true, 1, 'x', [], {}, ['x']),
  fc.record({ signed: fc.constantFrom<Json[]>({ mxid: '@a:b', token: 't' }, 1, {}), display_name: fc.string() }),
  fc.dictionary(fc.string({ maxLength: 3 }), fc.integer(), { maxKeys: 2 }),
)
const wires = fc.record({
  type: fc.constantFrom(...new Set(vectors.contents.map(({ type }) => type))),
  content: fc.dictionary(fc.constantFrom(...keptSomewhere), values),
  more: fc.dictionary(fc.constantFrom(...Object.keys(vectors.top_level.event), 'x', '__proto__'), values),
})

test('redaction keeps the id, is done once and for all, and adds nothing', () => {
  const versions = fc.constantFrom(...roomVersionIds.map(requireRoomVersion))
  fc.assert(
    fc.property(versions, wires, (version, { type, content, more }) => {
      const wire: JsonObject = { ...more, type, content }
      const redacted = redact(version, wire)
      expect(redact(version, redacted)).toEqual(redacted)
      expect(eventIdOf(version, redacted, nobleCrypto)).toBe(eventIdOf(version, wire, nobleCrypto))
      const { content: left, ...top } = redacted
      for (const [key, value] of Object.entries(top)) expect(wire[key]).toBe(value)
      for (const key of Object.keys(left as JsonObject)) expect(Object.keys(content)).toContain(key)
    }),
    { numRuns: 500, seed: 1 },
  )
})
