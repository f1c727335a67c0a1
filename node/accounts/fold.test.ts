import { expect, test } from 'vitest'
import { fold } from './fold.ts'

test.each([
  ['IŞIK', 'isik'],
  ['Işık', 'isik'],
  ['ışık', 'isik'],
  ['İpek', 'ipek'],
  ['ipek', 'ipek'],
  ['Çağrı Öztürk', 'cagri ozturk'],
  ['Cağrı', 'cagri'],
  ['José', 'jose'],
  ['Jose\u0301', 'jose'],
  ['Straße', 'strasse'],
  ['Łukasz Đorđević', 'lukasz dordevic'],
  ['Søren Ærø', 'soren aero'],
  ['ΝΊΚΟΣ', 'νικοσ'],
  ['Νίκος', 'νικοσ'],
  ['Ёлка', 'елка'],
  ['ＡＢＣ', 'abc'],
  ['  two \n words\t', 'two words'],
  ['🌷', '🌷'],
  ['', ''],
])('%j is compared as %j', (text, folded) => {
  expect(fold(text)).toBe(folded)
})

test('what is folded stays as it is when folded again', () => {
  for (const text of ['Işık', 'İstanbul', 'ﬁ', 'ǅ', '\u0130\u0307', 'ß']) expect(fold(fold(text))).toBe(fold(text))
})
