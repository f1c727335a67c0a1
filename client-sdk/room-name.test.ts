import { expect, test } from 'vitest'
import type { RoomAlias, UserId } from '#spec/ids.ts'
import { englishName, namePartsOf } from './room-name.ts'
import { newRoomRow } from './room-row.ts'
import type { RoomRow } from './store/store.ts'
import { kitchen, me } from './testing/fake-node.ts'

const named = (facts: Partial<RoomRow>): string => englishName(namePartsOf({ ...newRoomRow(kitchen), ...facts }, me))
const heroes = (...names: string[]) =>
  names.map((name) => ({ userId: `@${name.toLowerCase()}:test` as UserId, displayName: name }))

test('a name, else an alias, else the people', () => {
  const people = { heroes: heroes('Bob'), joinedCount: 2 }
  expect(named({ name: 'Kitchen', canonicalAlias: '#k:test' as RoomAlias, ...people })).toBe('Kitchen')
  expect(named({ name: '  ', canonicalAlias: '#k:test' as RoomAlias, ...people })).toBe('#k:test')
  expect(named({ name: '', ...people })).toBe('Bob')
})

test('people are listed, others counted, the user left out', () => {
  expect(named({ heroes: heroes('Ada', 'Bob'), joinedCount: 3 })).toBe('Ada and Bob')
  expect(named({ heroes: heroes('Ada', 'Bob', 'Cem'), joinedCount: 2, invitedCount: 2 })).toBe('Ada, Bob and Cem')
  expect(named({ heroes: heroes('Ada', 'Bob'), joinedCount: 4 })).toBe('Ada, Bob and 1 other')
  expect(named({ heroes: heroes('Ada'), joinedCount: 1_236 })).toBe('Ada and 1234 others')
  expect(named({ heroes: [...heroes('Ada'), { userId: me, displayName: 'Me' }], joinedCount: 2 })).toBe('Ada')
})

test('an empty room says who was there', () => {
  expect(named({ joinedCount: 1 })).toBe('Empty room')
  expect(named({ heroes: heroes('Ada', 'Bob'), joinedCount: 1 })).toBe('Empty room (was Ada and Bob)')
})

test('people without a name, and people with the same one', () => {
  expect(named({ heroes: [{ userId: '@cem:test' as UserId }], joinedCount: 2 })).toBe('cem')
  const twins = [
    { userId: '@a:test' as UserId, displayName: 'Ada' },
    { userId: '@b:test' as UserId, displayName: 'Ada' },
  ]
  expect(named({ heroes: twins, joinedCount: 3 })).toBe('Ada (@a:test) and Ada (@b:test)')
})
