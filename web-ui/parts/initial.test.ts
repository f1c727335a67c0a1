import { expect, test } from 'vitest'
import { hueOf } from './hue.ts'
import { initialOf } from './initial.ts'

test('an avatar shows the first letter, past emoji and punctuation', () => {
  expect(initialOf('Ayşe')).toBe('A')
  expect(initialOf('🏡 Aile')).toBe('A')
  expect(initialOf('@mehmet:home')).toBe('m')
  expect(initialOf('Ольга')).toBe('О')
})

test('a name of emoji alone shows its first whole emoji', () => {
  expect(initialOf('👨‍👩‍👧 🏡')).toBe('👨‍👩‍👧')
})

test('an empty name still shows something', () => {
  expect(initialOf('   ')).toBe('·')
})

test('a colour is one of twelve, and stays with its id', () => {
  const hues = new Set(Array.from({ length: 200 }, (_, i) => hueOf(`@person${i}:home`)))
  expect(hues.size).toBe(12)
  expect(hueOf('@ayse:home')).toBe(hueOf('@ayse:home'))
})
