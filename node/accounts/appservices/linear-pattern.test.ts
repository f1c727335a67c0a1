import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { linearPattern, PatternProblem } from './linear-pattern.ts'

test.each([
  ['@_irc_.*', '@_irc_mert:example.org', true],
  ['@_irc_.*', '@irc_mert:example.org', false],
  ['@_irc_', '@_irc_mert:example.org', true],
  ['irc', '@_irc_mert:example.org', false],
  ['^@irc_[0-9]{3,}:example\\.org$', '@irc_1234:example.org', true],
  ['^@irc_[0-9]{3,}:example\\.org$', '@irc_12:example.org', false],
  ['^@irc_[0-9]{3}:example\\.org$', '@irc_1234:example.org', false],
  ['@irc:example.org$', '@irc:example.org.evil', false],
  ['@(a|bc|):x', '@:x', true],
  ['@(?:a|bc)+:x', '@abcbca:x', true],
  ['#[^:a-c]+:x', '#def:x', true],
  ['#[^:a-c]+:x', '#deb:x', false],
  ['#[]a-]+$', '#]a-', true],
  ['[[:alnum:]_]+$', 'aZ9_', true],
  ['\\w+\\s\\S\\D\\d$', 'ab xy7', true],
  ['a{2}b?c*?$', 'aacc', true],
  ['🌷.$', '🌷🌷', true],
  ['', 'anything', true],
])('%s and %s: %s', (pattern, text, expected) => {
  expect(linearPattern(pattern)(text)).toBe(expected)
})

test.each([
  '(',
  ')',
  '[a',
  'a{',
  'a{x}',
  'a{3,2}',
  'a{999}',
  '*',
  '(?=a)',
  '(a)\\1',
  '[z-a]',
  '[[:odd:]]',
  '\\',
  'x'.repeat(1_001),
])('%.20s is refused', (pattern) => {
  expect(() => linearPattern(pattern)).toThrow(PatternProblem)
})

test('repetitions of repetitions are refused before they fill the memory', () => {
  expect(() => linearPattern('((((a{255}){255}){255}){255})')).toThrow(PatternProblem)
})

const piece = fc.constantFrom(
  'a',
  'b',
  '.',
  '[ab]',
  '[^a]',
  '(a|b)',
  '(ab)*',
  'a+',
  'b?',
  'a{1,2}',
  '(a|ba)*',
  '^',
  '$',
)

test('agrees with the engine of the language, which tries one way after the other', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 6 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }),
      (pieces, text) => {
        const pattern = pieces.join('')
        expect([pattern, text, linearPattern(pattern)(text)]).toEqual([
          pattern,
          text,
          new RegExp(`^(?:${pattern})`, 's').test(text),
        ])
      },
    ),
    { numRuns: 2_000, seed: 7 },
  )
})

test('takes time in proportion to the text where backtracking would take for ever', () => {
  const matches = linearPattern('@(a+)+(a|aa)*(.*)*:x$')
  const steps = Array.from({ length: 5 }, () => matches(`@${'a'.repeat(250)}!`))
  expect(steps).toEqual([false, false, false, false, false])
})
