import { expect, test } from 'vitest'
import { defaultRoomVersion, requireRoomVersion, roomVersion, roomVersionIds } from '#spec/room/versions.ts'

test('versions 6 to 12 are known, new rooms are 12', () => {
  expect(roomVersionIds).toEqual(['6', '7', '8', '9', '10', '11', '12'])
  expect(defaultRoomVersion.id).toBe('12')
})

test('other versions are refused by name', () => {
  for (const id of ['1', '5', '13', '', '012', 'org.example.x', '__proto__']) expect(roomVersion(id)).toBeUndefined()
  expect(() => requireRoomVersion('5')).toThrow('Room version 5 is not supported')
  const expected = expect.objectContaining({ code: 'M_UNSUPPORTED_ROOM_VERSION', status: 400 }) as Error
  expect(() => requireRoomVersion('5')).toThrow(expected)
})
