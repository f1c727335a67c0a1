import { expect, test } from 'vitest'
import {
  defaultRoomVersion,
  requireRoomVersion,
  roomVersion,
  roomVersionIds,
  type RoomVersion,
} from '#spec/room/versions.ts'

test('versions 6 to 12 are known, new rooms are 12', () => {
  expect(roomVersionIds).toEqual(['6', '7', '8', '9', '10', '11', '12'])
  expect(defaultRoomVersion.id).toBe('12')
})

/** What each page of the specification brought, by the versions that have it. */
const flags: { readonly [flag in keyof RoomVersion]?: readonly string[] } = {
  knocking: ['7', '8', '9', '10', '11', '12'],
  restrictedJoins: ['8', '9', '10', '11', '12'],
  redactionKeepsAllow: ['8', '9', '10', '11', '12'],
  redactionKeepsAuthorisingUser: ['9', '10', '11', '12'],
  knockRestrictedJoins: ['10', '11', '12'],
  integerPowerLevels: ['10', '11', '12'],
  creatorInContent: ['6', '7', '8', '9', '10'],
  redactsInContent: ['11', '12'],
  updatedRedaction: ['11', '12'],
  roomIdIsCreateHash: ['12'],
  privilegedCreators: ['12'],
  resolvesFromEmptyState: ['12'],
}

test('which version has what', () => {
  const { id: _id, ruleNumbers: _numbers, ...all } = defaultRoomVersion
  expect(Object.keys(all)).toEqual(Object.keys(flags))
  for (const [flag, ids] of Object.entries(flags)) {
    const having = roomVersionIds.filter((id) => requireRoomVersion(id)[flag as keyof typeof all])
    expect([flag, having]).toEqual([flag, ids])
  }
})

test.each(['1', '2', '3', '4', '5', '13', '', '012', '6.0', 'org.example.x', '__proto__', 'constructor'])(
  'version %j is refused by its name',
  (id) => {
    expect(roomVersion(id)).toBeUndefined()
    const expected = expect.objectContaining({
      code: 'M_UNSUPPORTED_ROOM_VERSION',
      status: 400,
      message: `Room version ${id} is not supported`,
    }) as Error
    expect(() => requireRoomVersion(id)).toThrow(expected)
  },
)
