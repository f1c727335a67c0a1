import { expect, test } from 'vitest'
import type { JsonObject } from '#spec/json.ts'
import { authNeeds } from '#spec/room/needs.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'

const needs = (id: string, type: string, content: JsonObject = {}, state_key?: string): string[] =>
  authNeeds(requireRoomVersion(id), {
    type,
    sender: '@s:a',
    content,
    ...(state_key === undefined ? {} : { state_key }),
  }).map(([needed, key]) => `${needed.slice('m.room.'.length)} ${key}`.trim())
const member = (id: string, content: JsonObject, target = '@t:b'): string[] =>
  needs(id, 'm.room.member', content, target)

test('the create event is cited until version 11', () => {
  expect(needs('12', 'm.room.message')).toEqual(['power_levels', 'member @s:a'])
  expect(needs('11', 'm.room.message')).toEqual(['create', 'power_levels', 'member @s:a'])
  expect(needs('12', 'm.room.create')).toEqual([])
})

test('memberships cite the target, and join rules where these matter', () => {
  const base = ['power_levels', 'member @s:a', 'member @t:b']
  for (const membership of ['leave', 'ban', 'other']) expect(member('12', { membership })).toEqual(base)
  for (const membership of ['join', 'invite', 'knock'])
    expect(member('12', { membership })).toEqual([...base, 'join_rules'])
  // Where nobody can knock too: the rules refuse the membership, not what it cites.
  expect(member('6', { membership: 'knock' })).toContain('join_rules')
  expect(member('12', { membership: 'leave' }, '@s:a')).toEqual(['power_levels', 'member @s:a'])
})

test('third-party invites cite the pending one, restricted joins who authorised them', () => {
  const third_party_invite = { signed: { token: 'tok' } }
  expect(member('12', { membership: 'invite', third_party_invite })).toContain('third_party_invite tok')
  expect(member('12', { membership: 'join', third_party_invite })).not.toContain('third_party_invite tok')
  for (const odd of [null, 1, {}, { signed: 'x' }, { signed: { token: 5 } }])
    expect(member('12', { membership: 'invite', third_party_invite: odd })).toHaveLength(4)
  for (const token of ['__proto__', 'constructor'])
    expect(
      member('12', { membership: 'invite', third_party_invite: { signed: { token } } }).filter((need) =>
        need.startsWith('third_party_invite'),
      ),
    ).toEqual([`third_party_invite ${token}`])
  const join = { membership: 'join', join_authorised_via_users_server: '@v:c' }
  expect(member('12', join)).toContain('member @v:c')
  expect(member('7', join)).not.toContain('member @v:c')
  expect(member('12', { ...join, membership: 'invite' })).not.toContain('member @v:c')
  expect(member('12', { ...join, join_authorised_via_users_server: '@t:b' })).toHaveLength(4)
})
