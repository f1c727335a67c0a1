import { expect, test } from 'vitest'
import { commonPasswords } from './common-passwords.ts'
import { checkNewPassword, minPasswordLength } from './password-rules.ts'

const isTaken = (password: string, localpart?: string): boolean => {
  try {
    checkNewPassword(password, localpart)
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'M_WEAK_PASSWORD', status: 400 })
    return false
  }
}

test.each(['a cat in the garden', 'kedi bahçede uyuyor', 'xK9#mQ2v', '猫が庭にいるよねえ', 'ayse4tulips'])(
  '%s is taken',
  (password) => {
    expect(isTaken(password, 'ayse')).toBe(true)
  },
)

test.each([
  '',
  '1234567',
  'ığüşöç',
  'aaaaaaaa',
  'abababab',
  'abcdefghij',
  '98765432',
  '1234567890',
  'Password1',
  'GALATASARAY1905',
  'ayse1ayse2',
])('%s is refused', (password) => {
  expect(isTaken(password, 'ayse')).toBe(false)
})

test('the list of common passwords holds none that its length refuses already', () => {
  expect(commonPasswords.size).toBeGreaterThan(300)
  const wrong = [...commonPasswords].filter(
    (one) => [...one].length < minPasswordLength || one !== one.normalize('NFKC').toLowerCase(),
  )
  expect(wrong).toEqual([])
})
