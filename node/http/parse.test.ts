import * as z from 'zod/mini'
import { expect, test } from 'vitest'
import { jsonObject, queryInteger, queryJson } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { MatrixError } from '#spec/errors.ts'
import { roomId, userId } from '#spec/ids.ts'
import { parseBody, parseParams, parseQuery } from './parse.ts'

const call = endpoint({
  method: 'PUT',
  path: '/_matrix/{roomId}',
  auth: 'none',
  limit: 'none',
  params: z.object({ roomId }),
  query: z.looseObject({
    dir: z.enum(['b', 'f']),
    limit: z.optional(queryInteger(1, 100)),
    filter: z.optional(queryJson(z.looseObject({ types: z.optional(z.array(z.string())) }))),
  }),
  body: z.looseObject({
    user_id: userId,
    name: z.optional(z.string().check(z.maxLength(3))),
    age: z.optional(z.int().check(z.gte(1))),
    list: z.optional(z.array(z.looseObject({ a: z.string() })).check(z.maxLength(1))),
    either: z.optional(z.union([z.string(), z.boolean()])),
    content: z.optional(jsonObject),
  }),
  response: z.looseObject({}),
})

function problem(run: () => unknown): string {
  try {
    return `fine: ${JSON.stringify(run())}`
  } catch (error) {
    if (error instanceof MatrixError) return `${error.code} ${error.message}`
    throw error
  }
}

const mert = { user_id: '@mert:localhost' }

test.each<[object, string]>([
  [mert, 'fine: {"user_id":"@mert:localhost"}'],
  [{}, 'M_BAD_JSON user_id is missing.'],
  [{ user_id: 'mert' }, 'M_BAD_JSON user_id is not valid: Not a user id.'],
  [{ ...mert, name: 5 }, 'M_BAD_JSON name must be of the type string.'],
  [{ ...mert, name: 'long' }, 'M_BAD_JSON name must be at most 3 characters long.'],
  [{ ...mert, age: 1.5 }, 'M_BAD_JSON age must be of the type integer.'],
  [{ ...mert, age: 0 }, 'M_BAD_JSON age must be at least 1.'],
  [{ ...mert, list: [{}] }, 'M_BAD_JSON list.0.a is missing.'],
  [{ ...mert, list: [{ a: 'x' }, { a: 'y' }] }, 'M_BAD_JSON list must be at most 1 entries long.'],
  [{ ...mert, either: 7 }, 'M_BAD_JSON either is not written as it must be.'],
  [{ ...mert, content: [] }, 'M_BAD_JSON content is not valid: expected an object.'],
])('the body %j', (body, expected) => {
  expect(problem(() => parseBody(call, body as never))).toBe(expected)
})

test.each<[Record<string, string | string[]>, string]>([
  [{ dir: 'b', other: 'x' }, 'fine: {"dir":"b","other":"x"}'],
  [{ dir: 'b', limit: '7' }, 'fine: {"dir":"b","limit":7}'],
  [{}, 'M_MISSING_PARAM dir is missing.'],
  [{ dir: 'x' }, 'M_INVALID_PARAM dir must be one of: b, f.'],
  [{ dir: ['b', 'f'] }, 'M_INVALID_PARAM dir must be one of: b, f.'],
  [{ dir: 'b', limit: 'x' }, 'M_INVALID_PARAM limit is not written as it must be.'],
  [{ dir: 'b', limit: '101' }, 'M_INVALID_PARAM limit must be at most 100.'],
  [{ dir: 'b', filter: '{' }, 'M_INVALID_PARAM filter is not valid: Body is not JSON.'],
  [{ dir: 'b', filter: '{"types":"x"}' }, 'M_INVALID_PARAM filter.types must be of the type array.'],
  [{ dir: 'a\0b' }, 'M_INVALID_PARAM dir has a character that cannot be: U+0000.'],
])('the query %j', (query, expected) => {
  expect(problem(() => parseQuery(call, query))).toBe(expected)
})

test.each([
  [{ roomId: '!a:localhost' }, 'fine: {"roomId":"!a:localhost"}'],
  [{ roomId: 'kitchen' }, 'M_INVALID_PARAM roomId is not valid: Not a room id.'],
  [{ roomId: '!a\0:localhost' }, 'M_INVALID_PARAM roomId has a character that cannot be: U+0000.'],
])('the path %j', (params, expected) => {
  expect(problem(() => parseParams(call, params))).toBe(expected)
})

test('an object of any kind is handed on as it is', () => {
  const any = { ...call, body: jsonObject }
  const body = JSON.parse('{"__proto__":{"a":1}}') as never
  expect(parseBody(any as never, body)).toBe(body)
})
