import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSources, walkSyntax } from '../source-file.ts'

/*
 * A regular expression that backtracks turns one request into minutes. Every literal of the product meets texts that are made of its own
 * letters: 32 kB take the good ones about a millisecond, and a quadratic one a second.
 */

const root = join(import.meta.dirname, '..', '..')
const size = 32_768
const longestMs = 250

interface Literal {
  readonly where: string
  readonly regex: RegExp
}

const isProduct = (path: string) => !path.startsWith('test/') && !/\.test\.tsx?$|\/testing\//.test(path)

function literals(): Literal[] {
  return readSources(root)
    .filter(({ path }) => isProduct(path))
    .flatMap(({ path, program, text }) => {
      const found: Literal[] = []
      walkSyntax(program, (node) => {
        const regex = node['regex'] as { pattern: string; flags: string } | undefined
        if (node.type !== 'Literal' || regex === undefined) return
        const line = text.slice(0, node.start).split('\n').length
        found.push({ where: `${path}:${line} /${regex.pattern}/`, regex: new RegExp(regex.pattern, regex.flags) })
      })
      return found
    })
}

/** Letters that the expression names, and one of each kind that classes mean. */
function alphabetOf({ source }: RegExp): string[] {
  const named = source.replace(/\\[pPu]\{\w+\}|\\[a-zA-Z]/g, '').match(/[\p{L}\p{N}]|\\?[^\p{L}\p{N}\s]/gu) ?? []
  const letters = named.map((one) => (one.length > 1 ? one.slice(1) : one))
  return [...new Set([...letters, 'a', '0', ' ', '\t', '\n', '.', '-', 'ğ'])].slice(0, 40)
}

/** Long texts that almost match, in many ways. */
function* hostileTexts(regex: RegExp): Generator<string> {
  const letters = alphabetOf(regex)
  const opening = /^\^?((?:[\w@!#$:/.-]|\\[^\w\s])*)/.exec(regex.source)?.[1]?.replaceAll('\\', '') ?? ''
  for (const letter of letters) {
    const run = letter.repeat(size)
    yield `${run}\u0001`
    yield `${opening}${run}\u0001`
  }
  for (let at = 0; at + 1 < letters.length; at++)
    yield `${opening}${(letters[at]! + letters[at + 1]!).repeat(size / 2)}\u0001`
}

const msOf = (regex: RegExp, text: string): number => {
  regex.lastIndex = 0
  const before = performance.now()
  regex.test(text)
  return performance.now() - before
}

/** Only an expression that is slow three times is slow: the machine may have been elsewhere. */
const isSlow = (regex: RegExp, text: string): boolean => [1, 2, 3].every(() => msOf(regex, text) > longestMs)

function backtracks(regex: RegExp): boolean {
  for (const text of hostileTexts(regex)) if (isSlow(regex, text)) return true
  return false
}

test('no regular expression of the product backtracks', { timeout: 60_000 }, () => {
  const found = literals()
  expect(found.length).toBeGreaterThan(50)
  expect(found.filter(({ regex }) => backtracks(regex)).map(({ where }) => where)).toEqual([])
})

test('one that does is found', () => {
  expect([/ +$/, /^ +$/, /a+b/].map(backtracks)).toEqual([true, false, true])
})
