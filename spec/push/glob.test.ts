import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldedText } from '#spec/push/fold-case.ts'
import { buildAutomaton, findInWhole, findInWords, isFound } from '#spec/push/glob-automaton.ts'
import { literalWordMatcher, wholeMatcher, wordMatcher } from '#spec/push/glob.ts'
import { mostApart, SharedGlobs } from './shared-globs.ts'
import { globMatches, wordsMatch } from './testing/evaluate-literally.ts'

// Few different characters, so that much matches; one of each sort: letter, capital, sign, blank, beyond ASCII, beyond U+FFFF.
const text = fc.string({ unit: fc.constantFrom(...'aaabbA- _şŞı😀'), maxLength: 20 })
const longText = fc.string({ unit: fc.constantFrom(...'aaaaaaab '), minLength: 30, maxLength: 90 })
const pattern = fc.string({ unit: fc.constantFrom(...'aaabbB- ş😀**??'), maxLength: 10 })
const starsOnly = fc.string({ unit: fc.constantFrom(...'aaab *'), maxLength: 12 })
// So short that the ends of a pattern want the same letters.
const tiny = fc.string({ unit: fc.constantFrom(...'ab '), maxLength: 4 })
const tinyPattern = fc.string({ unit: fc.constantFrom(...'ab*'), maxLength: 5 })
// Longer than the 32 states of one word of the automaton.
const longPattern = fc.string({ unit: fc.constantFrom(...'aaaaaa *?'), minLength: 30, maxLength: 80 })
/** Texts and patterns by themselves, and patterns made of a part of the text, which match more often. */
const pairs = fc.oneof(
  fc.tuple(pattern, text),
  fc.tuple(starsOnly, text),
  fc.tuple(tinyPattern, tiny),
  fc.tuple(longPattern, longText),
  fc
    .tuple(text, fc.nat(20), fc.nat(20), fc.array(fc.tuple(fc.nat(20), fc.constantFrom('*', '?'))))
    .map(([whole, from, length, changes]): [string, string] => {
      const part = [...whole].slice(from % (whole.length + 1)).slice(0, length)
      for (const [at, wildcard] of changes) if (at < part.length) part[at] = wildcard
      return [part.join(''), whole]
    }),
)
const runs = { seed: 7, numRuns: 4000 }

test('whole texts match as dynamic programming says', () => {
  let matched = 0
  fc.assert(
    fc.property(pairs, ([glob, whole]) => {
      const expected = globMatches(glob, whole)
      if (expected) matched++
      expect(wholeMatcher(glob)(foldedText(whole))).toBe(expected)
    }),
    runs,
  )
  expect(matched).toBeGreaterThan(runs.numRuns / 50)
})

test('words match as trying every part says', () => {
  let matched = 0
  fc.assert(
    fc.property(pairs, ([glob, whole]) => {
      const expected = wordsMatch(glob, whole)
      if (expected) matched++
      expect(wordMatcher(glob)(foldedText(whole))).toBe(expected)
    }),
    { ...runs, numRuns: 2000 },
  )
  expect(matched).toBeGreaterThan(runs.numRuns / 50)
})

test('the automaton alone decides alike', () => {
  fc.assert(
    fc.property(pairs, ([glob, whole]) => {
      const ready = foldedText(whole)
      const automaton = buildAutomaton([{ pieces: foldedText(glob).folded.split('*'), hasAny: true }])
      expect(isFound(automaton, findInWhole(automaton, ready), 0)).toBe(globMatches(glob, whole))
      expect(isFound(automaton, findInWords(automaton, ready), 0)).toBe(wordsMatch(glob, whole))
    }),
    { ...runs, numRuns: 2000 },
  )
})

test('patterns that go through a text together match as each does alone', () => {
  let matched = 0
  fc.assert(
    fc.property(fc.array(pairs, { minLength: 1, maxLength: 8 }), (several) => {
      const whole = several[0]![1]
      // So long that they are not tried one by one.
      const ready = foldedText(`${whole} ${'é'.repeat(mostApart)}`)
      const [inWords, inWhole] = [new SharedGlobs('words'), new SharedGlobs('whole')]
      const globs = several.map(([glob]) => glob)
      const matchers = globs.map((glob) => [inWords.add(glob), inWhole.add(glob)] as const)
      for (const [i, [word, all]] of matchers.entries()) {
        const expected = wordMatcher(globs[i]!)(ready)
        if (expected) matched++
        expect(word(ready)).toBe(expected)
        expect(all(ready)).toBe(wholeMatcher(globs[i]!)(ready))
        expect(word(foldedText(whole))).toBe(wordsMatch(globs[i]!, whole))
        expect(all(foldedText(whole))).toBe(globMatches(globs[i]!, whole))
      }
    }),
    { seed: 9, numRuns: 60 },
  )
  expect(matched).toBeGreaterThan(20)
})

test('a text that is meant as it is matches as the same glob does where it has no stars', () => {
  fc.assert(
    fc.property(text, text, (name, whole) => {
      expect(literalWordMatcher(name)(foldedText(whole))).toBe(wordsMatch(name, whole))
    }),
    { seed: 7, numRuns: 1000 },
  )
})

const kilobytes64 = 65_536
const as = foldedText('a'.repeat(kilobytes64))
const words = foldedText('ab ba '.repeat(kilobytes64 / 6))
const hostile: [name: string, pattern: string, text: typeof as, matches: boolean][] = [
  ['255 stars, each with a letter', '*a'.repeat(255), as, true],
  ['255 stars and a letter that is not there', `${'*a'.repeat(255)}*b`, as, false],
  ['255 stars that end in the middle', `${'*a'.repeat(255)}?b`, as, false],
  ['255 times any character', '?'.repeat(255), as, false],
  ['letters and any characters in turn', `${'a?'.repeat(250)}b`, as, false],
  ['a long run of one letter', 'a'.repeat(500), as, false],
  ['a long run of words, cut', `${'ab ba '.repeat(80)}a`, words, false],
  ['stars and any characters in turn', `${'*?a'.repeat(170)}`, as, true],
]

test.each(hostile)('a pattern made to be slow: %s', (_, glob, whole, matches) => {
  // Going back and trying again would not end within the time of a test.
  expect(wordMatcher(glob)(whole)).toBe(matches)
})
