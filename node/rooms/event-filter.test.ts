import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matches } from './event-filter.ts'

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 })
const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 6 })

test('a star stands for any run of characters, and nothing else stands for anything', () => {
  fc.assert(
    fc.property(patterns, letters, (pattern, type) => {
      const literal = pattern.split('*').map((part) => part.replaceAll('.', '\\.'))
      expect(matches(pattern, type)).toBe(new RegExp(`^${literal.join('.*')}$`, 's').test(type))
    }),
    {
      numRuns: 2_000,
      examples: [
        ['a*a', 'a'],
        ['*', ''],
        ['**', 'ab'],
        ['a*b*a', 'aba'],
      ],
    },
  )
})

test('no pattern takes long', () => {
  const pattern = 'a*'.repeat(5_000) + 'b*a'
  const started = performance.now()
  expect(matches(pattern, 'a'.repeat(50_000))).toBe(false)
  expect(performance.now() - started).toBeLessThan(1_000)
})
