import { afterEach, expect, test, vi } from 'vitest'
import { clockTime, dayKey, daysBetween, longDay, shortDay } from './time.ts'

afterEach(() => void vi.unstubAllGlobals())

const at = (year: number, month: number, day: number, hour = 12, minute = 0) =>
  new Date(year, month - 1, day, hour, minute).getTime()

test('days are counted by midnights, not by 24 hours', () => {
  expect(daysBetween(at(2026, 11, 20, 23, 59), at(2026, 11, 21, 0, 1))).toBe(1)
  expect(daysBetween(at(2026, 11, 21, 0, 1), at(2026, 11, 21, 23, 59))).toBe(0)
  expect(daysBetween(at(2026, 2, 27), at(2026, 3, 2))).toBe(3)
})

test('two moments of one day share a key', () => {
  expect(dayKey(at(2026, 11, 21, 0, 0))).toBe(dayKey(at(2026, 11, 21, 23, 59)))
  expect(dayKey(at(2026, 11, 21))).not.toBe(dayKey(at(2026, 11, 22)))
})

test.each(['tr', 'en-GB', 'ro', 'ru', 'de'])('%s writes the hour with two digits, up to 23', (locale) => {
  expect(clockTime(at(2026, 11, 21, 6, 24), locale)).toBe('06:24')
  expect(clockTime(at(2026, 11, 21, 18, 2), locale)).toBe('18:02')
})

test('American English writes it with as many as it has, twice a day up to 12', () => {
  expect(clockTime(at(2026, 11, 21, 18, 2), 'en-US')).toMatch(/^6:02\sPM$/)
})

test("the reader's region says how, if the browser knows it", () => {
  vi.stubGlobal('navigator', { languages: ['fr@euro', 'fr-CA', 'fr-FR'] })
  expect(clockTime(at(2026, 11, 21, 18, 2), 'fr')).toBe('18 h 02')
})

test('a day of the last week is its weekday, an older one its date, and the year only where it differs', () => {
  const now = at(2026, 11, 21)
  expect(shortDay(at(2026, 11, 19), now, 'en')).toBe('Thu')
  expect(shortDay(at(2026, 11, 2), now, 'tr')).toBe('2 Kas')
  expect(shortDay(at(2025, 11, 2), now, 'tr')).toBe('2 Kas 2025')
  expect(longDay(at(2026, 11, 2), now, 'tr')).toBe('2 Kasım Pazartesi')
})
