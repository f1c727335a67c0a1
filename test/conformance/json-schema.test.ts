import { expect, test } from 'vitest'
import { breaches } from './json-schema.ts'

const person = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', pattern: '^[A-Z]' },
    age: { type: ['integer', 'null'] },
    of: { enum: ['a', 'b'] },
  },
  additionalProperties: { type: 'boolean' },
} as const

test.each([
  [{ name: 'Ada', age: 36, of: 'a', other: true }, []],
  [{ age: null }, ['the answer.name is missing']],
  [{ name: 'ada' }, ['the answer.name does not match ^[A-Z]']],
  [{ name: 'Ada', age: 1.5 }, ['the answer.age is 1.5, not integer or null']],
  [{ name: 'Ada', of: 'c' }, ['the answer.of is none of a, b']],
  [{ name: 'Ada', other: 1 }, ['the answer.other is 1, not boolean']],
  [[], ['the answer is [], not object']],
])('%j', (value, wanted) => {
  expect(breaches(person, value)).toEqual(wanted)
})

test('schemas are combined', () => {
  expect(breaches({ type: 'array', items: { type: 'string' } }, ['a', 1])).toEqual(['the answer[1] is 1, not string'])
  expect(breaches({ allOf: [{ type: 'string' }, { enum: ['a'] }] }, 'b')).toEqual(['the answer is none of a'])
  expect(breaches({ oneOf: [{ type: 'string' }, { type: 'integer' }] }, true)).toHaveLength(1)
  expect(breaches({ anyOf: [{ type: 'string' }, { type: 'integer' }] }, 3)).toEqual([])
  expect(breaches({ patternProperties: { '^m\\.': { type: 'string' } } }, { 'm.a': 1, b: 1 })).toHaveLength(1)
})

test('formats are looked at', () => {
  const faultsOf = (format: string, ...values: (string | number)[]) =>
    values.filter((value) => breaches({ format }, value).length > 0)
  expect(faultsOf('mx-user-id', '@a:b', 'a', '@a')).toEqual(['a', '@a'])
  expect(faultsOf('mx-room-id', '!a:b', '#a:b')).toEqual(['#a:b'])
  expect(faultsOf('mx-event-id', '$a:b', 'a')).toEqual(['a'])
  expect(faultsOf('mx-room-alias', '#a:b', '!a:b')).toEqual(['!a:b'])
  expect(faultsOf('mx-mxc-uri', 'mxc://a/b', 'https://a/b')).toEqual(['https://a/b'])
  expect(faultsOf('mx-server-name', 'a.b:1', 'a b')).toEqual(['a b'])
  expect(faultsOf('uri', 'turn:a.b', 'a')).toEqual(['a'])
  expect(faultsOf('email', 'a@b.c', 'a.b')).toEqual(['a.b'])
  expect(faultsOf('int64', 7, 2 ** 53)).toEqual([2 ** 53])
  expect(faultsOf('unheard of', 'a')).toEqual([])
})

test('the size of an object and the names in it are looked at', () => {
  expect(breaches({ maxProperties: 0 }, { a: 1 })).toEqual(['the answer has more than 0 members'])
  expect(breaches({ minProperties: 1 }, {})).toEqual(['the answer has fewer than 1 members'])
  expect(breaches({ propertyNames: { maxLength: 1 } }, { ab: 1, c: 2 })).toHaveLength(1)
  expect(breaches({ properties: { a: {} }, additionalProperties: false }, { a: 1, b: 2 })).toEqual([
    'the answer.b is none of ',
  ])
})
