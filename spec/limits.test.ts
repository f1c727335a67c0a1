import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isLongerThan, utf8, utf8Length } from '#spec/limits.ts'

test('utf8Length counts what the encoder writes', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '日', '\u{1F600}', '\ud83d', '\ude00') }), (s) => {
      expect(utf8Length(s)).toBe(utf8(s).length)
    }),
  )
})

test('isLongerThan counts bytes, not UTF-16 units', () => {
  expect(isLongerThan('a'.repeat(255), 255)).toBe(false)
  expect(isLongerThan('a'.repeat(256), 255)).toBe(true)
  expect(isLongerThan('é'.repeat(127) + 'a', 255)).toBe(false)
  expect(isLongerThan('é'.repeat(128), 255)).toBe(true)
  expect(isLongerThan('日'.repeat(85), 255)).toBe(false)
  expect(isLongerThan('日'.repeat(85) + 'a', 255)).toBe(true)
})
