import { expect, test } from 'vitest'
import { passwordStrength } from './password-strength.ts'

test.each([
  ['', 'none'],
  ['abc', 'short'],
  ['aaaaaaaaaaaa', 'weak'],
  ['12345678', 'weak'],
  ['ayse.yilmaz', 'weak'],
  ['mavi7kapi', 'fair'],
  ['Mavi kapı, 7 basamak', 'strong'],
  ['correct horse battery', 'strong'],
] as const)('%s is %s', (password, strength) => {
  expect(passwordStrength(password, 'ayse.yilmaz')).toBe(strength)
})
