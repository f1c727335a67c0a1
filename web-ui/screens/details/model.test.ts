import { expect, test } from 'vitest'
import type { Member } from '#client-sdk/members.ts'
import type { UserId } from '#spec/ids.ts'
import { memberList, roleOf } from './model.ts'

const member = (name: string, powerLevel = 0, membership: Member['membership'] = 'join'): Member => ({
  userId: `@${name}:home` as UserId,
  name,
  powerLevel,
  membership,
})

test('power levels are told in words', () => {
  expect(roleOf(member('a', Infinity))).toBe('owner')
  expect(roleOf(member('a', 100))).toBe('owner')
  expect(roleOf(member('a', 50))).toBe('admin')
  expect(roleOf(member('a', 0))).toBe('member')
  expect(roleOf(member('a', 100, 'invite'))).toBe('invited')
})

test('members stand by role, then by name as the language sorts; those who left do not', () => {
  const people = [
    member('Zeynep'),
    member('Çiğdem'),
    member('Deniz'),
    member('Ali', 0, 'invite'),
    member('Ece', 100),
    member('Can', 0, 'leave'),
  ]
  const list = memberList({ byId: new Map(people.map((one) => [one.userId, one])), complete: true }, 'tr')
  expect(list.map((one) => one.name)).toEqual(['Ece', 'Çiğdem', 'Deniz', 'Zeynep', 'Ali'])
})
