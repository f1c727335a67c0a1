import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, canonicalString, compareCodePoints, composeObject, parseJson } from '#spec/json.ts'
import type { Json, JsonObject } from '#spec/json.ts'
import { codeOf } from './vectors/code-of.ts'
import vectors from './vectors/canonical-json.json' with { type: 'json' }

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

test.each(vectors.cases)('canonical: $name', ({ json, canonical }) => {
  expect(canonicalJson(parseJson(json))).toBe(canonical)
  expect(canonicalJson(parseJson(bytesOf(json)))).toBe(canonical)
  expect(canonicalJson(parseJson(canonical))).toBe(canonical)
})

test.each(vectors.refused)('refused: $name', ({ json, error, ...rest }) => {
  expect(codeOf(() => parseJson(json))).toBe(error)
  expect(codeOf(() => parseJson(bytesOf(json)))).toBe(error)
  expect(codeOf(() => parseJson(json, { numbers: 'any' }))).toBe('any' in rest ? undefined : error)
})

test.each(vectors.refused_bytes)('refused bytes: $name', ({ hex, error }) => {
  expect(codeOf(() => parseJson(Uint8Array.from(Buffer.from(hex, 'hex'))))).toBe(error)
})

test('lone surrogates in a text that was never bytes are refused', () => {
  expect(codeOf(() => parseJson('"\ud83d"'))).toBe('M_BAD_JSON')
  expect(codeOf(() => parseJson('{"\ude00":1}'))).toBe('M_BAD_JSON')
})

test('a depth of a hundred is read, 30,000 levels cost no stack', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  expect(parseJson(nested(100))).toBeDefined()
  expect(parseJson(nested(101), { maxDepth: 101 })).toBeDefined()
  expect(codeOf(() => parseJson(nested(101)))).toBe('M_BAD_JSON')
  expect(codeOf(() => parseJson(nested(30_000)))).toBe('M_BAD_JSON')
  expect(codeOf(() => parseJson('[[]]', { maxDepth: 1 }))).toBe('M_BAD_JSON')
})

test('__proto__ is kept as data and reaches no prototype', () => {
  const value = parseJson('{"__proto__":{"polluted":true},"a":{"__proto__":1}}') as Record<string, Json>
  expect(Object.keys(value)).toEqual(['__proto__', 'a'])
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('what is no JSON has no canonical form', () => {
  const values: unknown[] = [
    1.5,
    NaN,
    Infinity,
    -0,
    2 ** 53,
    undefined,
    () => 1,
    Symbol('a'),
    1n,
    '\ud800',
    { '\udc00': 1 },
    [undefined],
  ]
  for (const value of values) expect(codeOf(() => canonicalJson(value as Json))).toBe('M_BAD_JSON')
  expect(canonicalJson({ a: undefined, b: 1 } as unknown as Json)).toBe('{"b":1}')
  expect(canonicalString('a"b')).toBe('"a\\"b"')
  expect(composeObject({ b: '1', a: '[]', c: undefined })).toBe('{"a":[],"b":1}')
})

test('canonical JSON of something too deep is refused, not a stack overflow', () => {
  let value: Json = 1
  for (let i = 0; i < 100_000; i++) value = [value]
  expect(codeOf(() => canonicalJson(value))).toBe('M_BAD_JSON')
})

const integers = fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n))
const texts = fc.string({ unit: 'binary' }).filter((s) => !s.includes('\u0000'))
const { json: anyJson } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    integers,
    texts,
    fc.array(tie('json'), { maxLength: 5 }),
    fc.dictionary(texts, tie('json'), { maxKeys: 5 }),
  ),
}))

const codePoints = (s: string): number[] => Array.from(s, (c) => c.codePointAt(0)!)
const compareNumbers = (a: readonly number[], b: readonly number[]): number => {
  const at = a.findIndex((number, i) => number !== b[i])
  return at < 0 ? a.length - b.length : at < b.length ? a[at]! - b[at]! : 1
}

/** Canonical JSON as its definition reads, without a thought for speed. */
function naive(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(naive).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => compareNumbers(codePoints(a), codePoints(b)))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${naive(member)}`).join(',')}}`
}

test('canonical JSON is what its definition says, and reading it gives the value back', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const text = canonicalJson(value)
      expect(text).toBe(naive(value))
      const read = parseJson(text)
      expect(read).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(read)).toBe(text)
      expect(canonicalJson(parseJson(JSON.stringify(value, null, 1)))).toBe(text)
    }),
  )
})

/** The same value with the keys of every object in another order. */
function reordered(value: Json, by: (keys: string[]) => string[]): Json {
  if (Array.isArray(value)) return value.map((item) => reordered(item, by))
  if (typeof value !== 'object' || value === null) return value
  const object = value as JsonObject
  return Object.fromEntries(by(Object.keys(object)).map((key) => [key, reordered(object[key]!, by)]))
}

test('the order of keys does not matter', () => {
  const orders = fc.constantFrom<((keys: string[]) => string[])[]>(
    (keys) => keys.toReversed(),
    (keys) => keys.toSorted(),
    (keys) => [...keys.slice(1), ...keys.slice(0, 1)],
  )
  fc.assert(
    fc.property(anyJson, orders, (value, order) => {
      expect(canonicalJson(reordered(value, order))).toBe(canonicalJson(value))
    }),
  )
})

test('what has no canonical form is refused wherever it stands', () => {
  const bad = fc.oneof(
    fc.constantFrom<unknown[]>(-0, NaN, Infinity, 2 ** 53, -(2 ** 53), 1.5, '\ud800', 'a\udc00', undefined, 1n),
    fc.double({ noInteger: true, noDefaultInfinity: true, noNaN: true }),
    fc.integer({ min: 1, max: 900 }).map((power) => 2 ** 53 * power),
  )
  const around = fc.array(fc.tuple(fc.boolean(), anyJson), { maxLength: 6 })
  fc.assert(
    fc.property(bad, around, (value, layers) => {
      const whole = layers.reduce<unknown>(
        (inner, [isList, beside]) => (isList ? [beside, inner] : { beside, z: [inner] }),
        [value],
      )
      expect(codeOf(() => canonicalJson(whole as Json))).toBe('M_BAD_JSON')
    }),
  )
})

test('compareCodePoints orders as the numbers of the characters do', () => {
  const wide = fc.string({ unit: fc.constantFrom('a', 'b', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', '\ud7ff') })
  fc.assert(
    fc.property(wide, wide, (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(compareNumbers(codePoints(a), codePoints(b))))
    }),
  )
})

test('a text is read or refused, never anything else', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '1',
    '-',
    '.5',
    'e3',
    'true',
    ' ',
    '"',
    '\\',
    '\\u0000',
    '0',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      const code = codeOf(() => parseJson(text))
      const isJson = codeOf(() => parseJson(text, { numbers: 'any', maxDepth: 1000 })) !== 'M_NOT_JSON'
      let native = true
      try {
        JSON.parse(text)
      } catch {
        native = false
      }
      expect(isJson).toBe(native)
      expect([undefined, 'M_NOT_JSON', 'M_BAD_JSON']).toContain(code)
    }),
  )
})
