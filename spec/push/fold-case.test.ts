import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldCase } from '#spec/push/fold-case.ts'

const letters = fc.string({ unit: fc.constantFrom(...'aAıIiİσΣςßẞKéÉ😀 \u0307') })

test('no character changes its length, and folding twice changes nothing', () => {
  const changed: string[] = []
  for (let point = 0; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point)
    const folded = foldCase(character)
    if (folded.length !== character.length || foldCase(folded) !== folded) changed.push(point.toString(16))
  }
  expect(changed).toEqual([])
})

test('a character is folded alike wherever it stands', () => {
  fc.assert(
    fc.property(letters, (text) => {
      expect(foldCase(text)).toBe(Array.from(text, foldCase).join(''))
    }),
    { seed: 1 },
  )
})

test.each([
  ['ISTANBUL', 'İstanbul'],
  ['IŞIK', 'ışık'],
  ['ΟΔΟΣ', 'οδος'],
  ['ÉCLAIR', 'éclair'],
  ['STRAẞE', 'straße'],
])('%s is %s', (one, other) => {
  expect(foldCase(one)).toBe(foldCase(other))
})

test('different letters stay different', () => {
  expect(foldCase('e')).not.toBe(foldCase('é'))
  expect(foldCase('ss')).not.toBe(foldCase('ß'))
})
