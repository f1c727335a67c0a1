import { expect, test } from 'vitest'
import { matches } from './fold.ts'

test.each([
  ['İbrahim Işık', 'ibra'],
  ['İbrahim Işık', 'isik'],
  ['Işıl', 'IŞ'],
  ['Семён', 'семе'],
  ['Ștefan Ionescu', 'ion ste'],
  ['@ayse:home', 'ayse'],
])('%s is found by %s', (text, query) => expect(matches(text, query)).toBe(true))

test('the middle of a word does not match, an empty query matches all', () => {
  expect(matches('Ayşe', 'yse')).toBe(false)
  expect(matches('Ayşe', '  ')).toBe(true)
})
