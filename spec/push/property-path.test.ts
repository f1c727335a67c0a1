import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '#spec/json.ts'
import { parsePropertyPath, valueAt } from '#spec/push/property-path.ts'
import { splitLiterally } from './testing/evaluate-literally.ts'

test('the examples of the specification', () => {
  expect(parsePropertyPath('content.body')).toEqual(['content', 'body'])
  expect(parsePropertyPath(String.raw`content.m\.relates_to`)).toEqual(['content', 'm.relates_to'])
  expect(parsePropertyPath(String.raw`content.m\\foo`)).toEqual(['content', String.raw`m\foo`])
  expect(parsePropertyPath(String.raw`a\x`)).toEqual([String.raw`a\x`])
})

const name = fc.string({ unit: fc.constantFrom('a', '.', '\\', 'x'), maxLength: 6 })

test('paths read as character by character', () => {
  fc.assert(
    fc.property(name, (path) => {
      expect(parsePropertyPath(path)).toEqual(splitLiterally(path))
    }),
    { seed: 3, numRuns: 1000 },
  )
})

test('escaped names come back', () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const path = names.map((one) => one.replaceAll(/[.\\]/g, String.raw`\$&`)).join('.')
      expect(parsePropertyPath(path)).toEqual(names)
    }),
    { seed: 4, numRuns: 1000 },
  )
})

test('only own members of objects are there', () => {
  const object = JSON.parse('{"a":{"b":[1]},"__proto__":{"c":2}}') as JsonObject
  expect(valueAt(object, ['a', 'b'])).toEqual([1])
  expect(valueAt(object, ['__proto__', 'c'])).toBe(2)
  expect(valueAt(object, ['a', 'b', '0'])).toBeUndefined()
  expect(valueAt(object, ['a', 'constructor'])).toBeUndefined()
  expect(valueAt(object, ['a', '__proto__'])).toBeUndefined()
})
