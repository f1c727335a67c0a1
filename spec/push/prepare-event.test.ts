import { expect, test } from 'vitest'
import { notificationLevelOf, prepareEvent } from '#spec/push/prepare-event.ts'
import { parsePropertyPath } from '#spec/push/property-path.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'
import { expandEvent } from '#spec/vectors/short-event.ts'

test('the level that a notification takes', () => {
  const level = (version: string, notifications: object | undefined, key = 'room'): number =>
    notificationLevelOf(
      requireRoomVersion(version),
      notifications && { content: { notifications: { ...notifications } } },
      key,
    )
  expect(level('12', undefined)).toBe(50)
  expect(level('12', {})).toBe(50)
  expect(level('12', { room: 0 })).toBe(0)
  expect(level('12', { room: 0 }, 'here')).toBe(50)
  expect(level('12', {}, 'constructor')).toBe(50)
  expect(level('12', { room: '20' })).toBe(50)
  expect(level('9', { room: '20' })).toBe(20)
  expect(notificationLevelOf(requireRoomVersion('12'), { content: { notifications: 5 } }, 'room')).toBe(50)
})

test('of an event, what clients see of it', () => {
  const event = prepareEvent(expandEvent({ type: 'x', sender: '@a:b', content: { list: [1, 'a'] } }), {
    memberCount: 1,
    senderLevel: 0,
    notificationLevel: () => 50,
  })
  const property = (path: string) => event.property(path, parsePropertyPath(path))
  expect(property('sender').text).toMatchObject({ original: '@a:b', folded: '@a:b' })
  expect(property('origin_server_ts').value).toBe(1)
  expect(property('content.list').items).toEqual(new Set([1, 'a']))
  for (const path of ['state_key', 'depth', 'hashes', 'prev_events', 'unsigned', 'content.none'])
    expect(property(path)).toEqual({ value: undefined, text: undefined, items: undefined })
  expect(property('sender')).toBe(property('sender'))
})
