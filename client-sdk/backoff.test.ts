import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

const failures = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1_000]

test('waits double, up to five seconds where somebody is looking', () => {
  const waits = failures.map((count) => backoffMs(count, 1, false))
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 5_000, 5_000])
})

test('waits double, up to a minute while the page is hidden', () => {
  const waits = failures.map((count) => backoffMs(count, 1, true))
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
})

test('the upper half is by chance', () => {
  expect([0, 0.5, 1].map((random) => backoffMs(1, random, false))).toEqual([500, 750, 1_000])
  expect([0, 0.5, 1].map((random) => backoffMs(50, random, true))).toEqual([30_000, 45_000, 60_000])
})
