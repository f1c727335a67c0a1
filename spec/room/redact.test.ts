import { expect, test } from 'vitest'
import type { JsonObject } from '#spec/json.ts'
import { redact, redactContent } from '#spec/room/redact.ts'
import { requireRoomVersion, roomVersionIds } from '#spec/room/versions.ts'
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
