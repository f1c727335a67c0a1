import type * as z from 'zod/mini'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Endpoint } from '#spec/endpoint.ts'
import type { CallInput } from '#test/serve-slices.ts'
import { checksums } from '../checksums.ts'
import { fieldsOf, withValue } from './bend-schema.ts'
import { bentCall, endsSession, expectAnswer, servedEndpoints } from './bent-call.ts'
import { furnish, type House } from './good-calls.ts'
import type { RawAnswer } from './raw-call.ts'

/*
 * What means something to SQL, to LIKE, to text search or to a shell, in every string that a caller may send. A quote that reaches the parser of
 * the database is a 500, which no call here survives; a condition that does shows in that "true" and "false" are answered differently.
 */

let house: House
beforeAll(async () => {
  house = await furnish()
  // The first search writes down what can be found.
  await bentCall(house, 'search', {})
})
afterAll(async () => {
  await house.node.stop()
  await house.node.database.drop()
})

const [yes, no] = [`' or '1'='1`, `' or '1'='2`]
const signs = [
  `'`,
  `"`,
  `\\`,
  `';drop table accounts;--`,
  `') union all values(1,2)--`,
  '$1',
  '%',
  '_%',
  `a & !b | c:* <-> 'd'`,
  '((',
  '{1,NULL}',
  '/*',
  '$(sleep 60)`sleep 60`',
]

/** Every place of a call in which a text may stand, as the call with that text in it. */
function placesOf(name: string, endpoint: Endpoint): ((text: string) => CallInput)[] {
  const good = house.calls[name]!
  const names = (schema: z.ZodMiniType | undefined) => Object.keys((schema as z.ZodMiniObject | undefined)?.shape ?? {})
  const fields = endpoint.body ? fieldsOf(endpoint.body) : []
  const texts = fields.filter(({ path, type }) => path.length > 0 && /string|custom|enum|literal/.test(type))
  return [
    ...names(endpoint.params).map((key) => (text: string) => ({ params: { [key]: text } })),
    ...names(endpoint.query).map((key) => (text: string) => ({ query: { [key]: text } })),
    ...texts.map(({ path }) => (text: string) => ({ body: withValue(good.body, path, text) })),
  ]
}

/** What stands in that place in the good call, with this behind it: what is no identifier at all does not get far. */
function appended(name: string, place: (text: string) => CallInput, text: string): CallInput {
  const good = house.calls[name]!
  const bent = place(text)
  const [key] = Object.keys(bent.params ?? bent.query ?? {})
  const before = key === undefined ? '' : ((bent.params ? good.params : good.query)?.[key] ?? '')
  return key === undefined ? bent : place(before + text)
}

/** These only look; a preview is remembered. */
const isReading = (name: string, { method }: Endpoint) =>
  (method === 'GET' && name !== 'getUrlPreview') ||
  ['search', 'searchUserDirectory', 'queryPublicRooms', 'queryKeys'].includes(name)

describe.each(servedEndpoints((endpoint, name) => isReading(name, endpoint)))('$name', ({ name, endpoint }) => {
  test('takes for text what is text', async () => {
    const { sql } = house.node.database
    const before = await checksums(sql)
    for (const place of placesOf(name, endpoint)) {
      for (const text of signs)
        for (const input of [place(text), appended(name, place, text)])
          expectAnswer(await bentCall(house, name, input), JSON.stringify(input))
      const plain = (answer: RawAnswer, text: string) => [
        answer.status,
        answer.text.replaceAll(text, '').replace(/"age":\d+/g, ''),
      ]
      for (const of of [place, (text: string) => appended(name, place, text)])
        expect(plain(await bentCall(house, name, of(yes)), yes), JSON.stringify(of(yes))).toEqual(
          plain(await bentCall(house, name, of(no)), no),
        )
    }
    expect(await checksums(sql)).toEqual(before)
  })
})

const writing = servedEndpoints((endpoint, name) => !isReading(name, endpoint) && !endsSession(name))
describe.each(writing)('$name', ({ name, endpoint }) => {
  test('takes for text what is text', async () => {
    for (const place of placesOf(name, endpoint))
      for (const text of [...signs, yes])
        for (const input of [place(text), appended(name, place, text)])
          expectAnswer(await bentCall(house, name, input), JSON.stringify(input))
  })
})

test('the accounts are who they were', async () => {
  const rows = await house.node.database.sql<
    { name: string }[]
  >`select user_id as name from accounts where user_id ~ '[^a-z0-9._=/@:-]'`
  expect(rows).toEqual([])
  expect((await bentCall(house, 'whoami', {})).body['user_id']).toBe(house.ayse.userId)
})
