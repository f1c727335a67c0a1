import * as z from 'zod/mini'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '#node/db/connect.ts'
import { fieldsOf, withValue, type Field } from './bend-schema.ts'
import { bentCall, endsSession, expectAnswer, servedEndpoints } from './bent-call.ts'
import { furnish, type House } from './good-calls.ts'
import { refusalOf } from './raw-call.ts'

/*
 * Too long, too many, too deep, too large, and names that objects have by nature, in every place that a schema names. Each is answered with a
 * yes or with a refusal that says why, and in the end nothing has grown beyond what people may keep.
 */

let house: House
beforeAll(async () => {
  house = await furnish()
})
afterAll(async () => {
  await house.node.stop()
  await house.node.database.drop()
})

const endpoints = servedEndpoints((_, name) => !endsSession(name))
const withBody = endpoints.filter(({ endpoint }) => endpoint.body)
const takingJson = endpoints.filter(({ endpoint }) => endpoint.method !== 'GET' && endpoint.requestBody === 'json')
const namesIn = (schema: z.ZodMiniType | undefined) => Object.keys((schema as z.ZodMiniObject | undefined)?.shape ?? {})

const at = (body: unknown, path: Field['path']): unknown =>
  path.reduce((value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key], body)

function manyOf(value: unknown, count: number): unknown[] {
  const one: unknown = (Array.isArray(value) ? (value as unknown[])[0] : undefined) ?? 'x'
  return Array.from({ length: count }, (_, n) => (typeof one === 'string' ? `${one}${n}` : one))
}

function manyKeysOf(value: unknown, count: number): object {
  const [key, held] = Object.entries((value ?? {}) as object)[0] ?? ['a', {}]
  const nth = (n: number) => (key.startsWith('@') ? `@person${n}:localhost` : `${key}${n}`)
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [nth(n), held as unknown]))
}

/** Values of a field's own type that nobody means. */
function excessesOf({ type }: Field, value: unknown): readonly unknown[] {
  if (type === 'string' || type === 'custom' || type === 'literal' || type === 'enum')
    return ['x'.repeat(60_000), 'ü'.repeat(100_000), `${typeof value === 'string' ? value : ''}${'x'.repeat(1_000)}`]
  if (type === 'number' || type === 'int')
    return [-1, 0, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 1 - 2 ** 53, 2 ** 53, 2 ** 63, 1.5, 1e300, -1e300, 1e-300]
  if (type === 'array') return [manyOf(value, 5_000)]
  if (type === 'record') return [manyKeysOf(value, 5_000)]
  return []
}

describe.each(withBody)('$name', ({ name, endpoint }) => {
  test('answers to values that are too long, too many or too large', async () => {
    const { body } = house.calls[name]!
    for (const field of fieldsOf(endpoint.body!))
      if (field.path.length > 0)
        for (const excess of excessesOf(field, at(body, field.path))) {
          const what = `${field.path.join('.')} = ${JSON.stringify(excess).slice(0, 40)}`
          expectAnswer(await bentCall(house, name, { body: withValue(body, field.path, excess) }), what)
        }
  })
})

const numbers = [
  '2147483648',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775807',
  '9223372036854775808',
  '1e10',
  '0x10',
  '-0',
  '٣',
]
const long = ['x'.repeat(8_000), `!${'x'.repeat(300)}`, `@${'x'.repeat(300)}:localhost`, 'ü'.repeat(1_000)]

describe.each(endpoints.filter(({ endpoint }) => endpoint.query ?? endpoint.params))('$name', ({ name, endpoint }) => {
  test('answers to an address that is too long, or counts too far', async () => {
    for (const key of namesIn(endpoint.query))
      for (const value of [...long, ...numbers, ...numbers.flatMap((number) => [`s${number}`, `t${number}`])])
        expectAnswer(await bentCall(house, name, { query: { [key]: value } }), `?${key}=${value.slice(0, 40)}`)
    for (const key of namesIn(endpoint.params))
      for (const value of [...long, ...numbers, '__proto__', 'constructor'])
        expectAnswer(await bentCall(house, name, { params: { [key]: value } }), `{${key}} = ${value.slice(0, 40)}`)
  })
})

const levels = 32_000
const pits = [
  `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`,
  `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`,
  '['.repeat(levels),
  `{"a":${'[{"a":'.repeat(levels)}`,
]
const nature = JSON.parse(
  '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"hasOwnProperty":1,"valueOf":null}',
) as object
const isClean = () => expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()

describe.each(takingJson)('$name', ({ name, endpoint }) => {
  test('falls into no pit', async () => {
    for (const pit of pits)
      expect(refusalOf(await bentCall(house, name, { body: pit }))).toMatch(/^(400 M_(BAD|NOT)_JSON|413 M_TOO_LARGE)$/)
  })

  test('takes no harm from names that objects have by nature', async () => {
    const body = (house.calls[name]!.body ?? {}) as object
    const places = endpoint.body ? fieldsOf(endpoint.body) : [{ path: [], type: 'object' }]
    for (const { path, type } of places) {
      if (type !== 'object' && type !== 'record') continue
      const polluted = withValue(body, path, { ...((at(body, path) ?? {}) as object), ...nature })
      expect(Object.hasOwn(at(polluted, path) as object, '__proto__')).toBe(true)
      expectAnswer(await bentCall(house, name, { body: polluted }), path.join('.'))
      isClean()
    }
  })
})

/** The largest row of every table. */
async function largestRows(sql: Sql): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' order by tablename`
  const rows: Record<string, number> = {}
  for (const { name } of tables) {
    const [row] = await sql<{ size: number }[]>`
      select coalesce(max(octet_length(t::text)), 0) as size from ${sql(name)} t`
    rows[name] = row!.size
  }
  return rows
}

test('after all that no row is larger than an event', async () => {
  await house.node.worker.idle()
  const rows = await largestRows(house.node.database.sql)
  expect(rows['events']).toBeGreaterThan(60_000)
  expect(Object.entries(rows).filter(([, size]) => size > 150_000)).toEqual([])
})
