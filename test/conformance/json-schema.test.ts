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
