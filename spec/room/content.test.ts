import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '#spec/json.ts'
import * as content from '#spec/room/content.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'
import { expandEvent } from '#spec/vectors/short-event.ts'

const v12 = requireRoomVersion('12')
const event = (type: string, fields: JsonObject) => expandEvent({ type, sender: '@a:b', content: fields })

test('getters give what is there', () => {
  expect(content.membershipOf(event('m.room.member', { membership: 'knock' }))).toBe('knock')
  expect(content.joinRuleOf(event('m.room.join_rules', { join_rule: 'restricted' }))).toBe('restricted')
  expect(content.historyVisibilityOf(event('m.room.history_visibility', { history_visibility: 'joined' }))).toBe(
    'joined',
  )
  expect(content.roomVersionIdOf(event('m.room.create', {}))).toBe('1')
  expect(content.allowsGuests(event('m.room.guest_access', { guest_access: 'can_join' }))).toBe(true)
  expect(content.redactionTargetOf(v12, event('m.room.redaction', { redacts: '$a' }))).toBe('$a')
  expect(
    content.redactionTargetOf(requireRoomVersion('10'), event('m.room.redaction', { redacts: '$a' })),
  ).toBeUndefined()
  expect(content.redactionTargetOf(v12, event('m.room.message', { redacts: '$a' }))).toBeUndefined()
})

test('power levels leave out what is none', () => {
  const levels = content.powerLevelsOf(
    v12,
    event('m.room.power_levels', { ban: 60, kick: '50', users: { '@a:b': 5, '@c:d': null }, events: [] }),
  )
  expect(levels).toMatchObject({ ban: 60, kick: undefined, invite: undefined })
  expect([...levels!.users]).toEqual([['@a:b', 5]])
  expect(levels!.events.size).toBe(0)
})

test('getters never throw, whatever the content', () => {
  const keys = fc.constantFrom(
    'membership',
    'join_rule',
    'history_visibility',
    'users',
    'ban',
    'name',
    'redacts',
    'alias',
    'room_version',
    '__proto__',
    'constructor',
  )
  const getters = [
    content.membershipOf,
    content.joinRuleOf,
    content.historyVisibilityOf,
    content.allowsGuests,
    content.authorisingUserOf,
    content.displayNameOf,
    content.avatarUrlOf,
    content.roomNameOf,
    content.topicOf,
    content.roomAvatarOf,
    content.canonicalAliasOf,
    content.encryptionOf,
    content.roomTypeOf,
    content.replacementRoomOf,
    content.roomVersionIdOf,
  ]
  fc.assert(
    fc.property(fc.dictionary(keys, fc.jsonValue() as fc.Arbitrary<Json>), (fields) => {
      const given = event('m.room.redaction', fields)
      for (const getter of getters) expect(['string', 'undefined', 'boolean']).toContain(typeof getter(given))
      expect(content.powerLevelsOf(v12, given)!.users).toBeInstanceOf(Map)
      expect(['string', 'undefined']).toContain(typeof content.redactionTargetOf(v12, given))
    }),
  )
})
