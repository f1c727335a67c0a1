import { expect, test } from 'vitest'
import { loginNameOf } from './login-name.ts'

test.each([
  ['ayse', 'ayse'],
  ['Ayşe Yılmaz', 'ayse.yilmaz'],
  ['İbrahim ÖZGÜR', 'ibrahim.ozgur'],
  ['Ольга Щукина', 'olga.shchukina'],
  ['Ion Țăranu', 'ion.taranu'],
  ['  Dedem 👴 ', 'dedem'],
  ['@mehmet:home.example', 'mehmet'],
  ['under_score-1', 'under_score-1'],
])('%s logs in as %s', (name, loginName) => {
  expect(loginNameOf(name)).toBe(loginName)
})

test('a name without any letter of a–z makes none', () => {
  expect(loginNameOf('🏡')).toBe('')
  expect(loginNameOf('明')).toBe('')
})

test('a log-in name stays itself', () => {
  expect(loginNameOf(loginNameOf('Gülşah Çiğdem'))).toBe(loginNameOf('Gülşah Çiğdem'))
})
