import * as z from 'zod/mini'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endpoints } from '#spec/api/all.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { slices } from '#node/slices.ts'
import { fieldsOf, withValue, wrongValues } from './adversary/bend-schema.ts'
import { told } from '#node/appservices/testing/bridge.ts'
import { callerOf, furnish, targetOf, type House } from './adversary/good-calls.ts'
import { rawCall, refusalOf, type RawAnswer, type RawRequest } from './adversary/raw-call.ts'
import { checksums } from './checksums.ts'

let house: House
beforeAll(async () => {
  house = await furnish()
})
afterAll(async () => {
  await house.node.stop()
  await house.node.database.drop()
})

const served = new Set(slices.flatMap((slice) => slice.routes ?? []).map((route) => route.endpoint))
const all = Object.entries(endpoints).filter(([, endpoint]) => served.has(endpoint))
const those = (wanted: (endpoint: Endpoint) => unknown) => all.filter(([, endpoint]) => wanted(endpoint))
const named = (list: typeof all) => list.map(([name, endpoint]) => ({ name, endpoint }))

interface Bent {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: RawRequest['body']
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly target?: string
  readonly method?: string
}

const bodyOf = ({ requestBody }: Endpoint, body: unknown) =>
  requestBody === 'bytes' ? (body as string) : JSON.stringify(body)

/** The good call of an endpoint, but for what is bent. */
function call(name: string, bent: Bent = {}): Promise<RawAnswer> {
  const endpoint = endpoints[name]!
  const good = house.calls[name]!
  const target = bent.target ?? targetOf(endpoint, { ...good, ...(bent.params && { params: bent.params }) })
  const body = bent.body ?? (good.body === undefined ? undefined : bodyOf(endpoint, good.body))
  return rawCall(house.node.address, {
    method: bent.method ?? endpoint.method,
    target: bent.query === undefined ? target : `${target.split('?')[0]}?${bent.query}`,
    token: 'token' in bent ? bent.token : callerOf(house, endpoint).token,
    mayBeFile: endpoint.responseBody === 'bytes',
    ...(bent.headers && { headers: bent.headers }),
    ...(body !== undefined && { body }),
  })
}

/** Nothing in the database is another than before, and the node answers. */
async function unchanged(work: () => Promise<void>): Promise<void> {
  const { sql } = house.node.database
  // What application services are told of earlier calls is written meanwhile.
  await told(house.node)
  const before = await checksums(sql)
  await work()
  expect(await checksums(sql)).toEqual(before)
  expect((await call('whoami')).body['user_id']).toBe(house.ayse.userId)
}

const refuses = async (name: string, bent: Bent, expected: string | readonly string[], why?: string) => {
  const refusal = refusalOf(await call(name, bent))
  expect([expected].flat(), `${why ?? JSON.stringify(bent).slice(0, 300)}: ${refusal}`).toContain(refusal)
}

test('every endpoint that is served has a good call, and every one of the specification is served', () => {
  expect(Object.keys(house.calls).toSorted()).toEqual(all.map(([name]) => name).toSorted())
  expect(Object.keys(endpoints).filter((name) => !served.has(endpoints[name]!))).toEqual([])
})

describe.each(named(those(({ auth }) => auth === 'token' || auth === 'admin')))('$name', ({ name, endpoint }) => {
  test('asks for a token, in the header only, and one that is known', () =>
    unchanged(async () => {
      await refuses(name, { token: undefined }, '401 M_MISSING_TOKEN')
      const { token: good } = callerOf(house, endpoint)
      const query = `access_token=${good}`
      await refuses(name, { token: undefined, query }, '401 M_MISSING_TOKEN')
      for (const authorization of ['', 'Bearer', `Basic ${good}`, good])
        await refuses(name, { token: undefined, headers: { authorization } }, '401 M_MISSING_TOKEN')
      for (const token of ['x', `${good}x`, good.slice(0, -1), 'ü', 'x'.repeat(9_000), `${good}, x`])
        await refuses(name, { token }, '401 M_UNKNOWN_TOKEN')
    }))

  test('has no ear for a body before it knows whose it is', async () => {
    if (endpoint.method !== 'GET') await refuses(name, { token: undefined, body: '{' }, '401 M_MISSING_TOKEN')
  })
})

test('where a token is optional, a wrong one is wrong', async () => {
  for (const [name] of those(({ auth }) => auth === 'optional'))
    await refuses(name, { token: 'x' }, '401 M_UNKNOWN_TOKEN')
})

const deep = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
const bytes = (...values: number[]) => Buffer.from([...Buffer.from('{"a":"'), ...values, ...Buffer.from('"}')])

/** Bodies that nobody takes, whatever they are for. */
const badBodies: readonly (readonly [why: string, body: string | Uint8Array, expected: string])[] = [
  ['an open brace', '{', '400 M_NOT_JSON'],
  ['no JSON', 'hello', '400 M_NOT_JSON'],
  ['a blank', ' ', '400 M_NOT_JSON'],
  ['a form', 'a=1&b=2', '400 M_NOT_JSON'],
  ['a value that is missing', '{"a":}', '400 M_NOT_JSON'],
  ['a comma too many', '{"a":1,}', '400 M_NOT_JSON'],
  ['single quotes', "{'a':1}", '400 M_NOT_JSON'],
  ['a comment', '{}//', '400 M_NOT_JSON'],
  ['something behind', '{}{}', '400 M_NOT_JSON'],
  ['NaN', '{"a":NaN}', '400 M_NOT_JSON'],
  ['a number with a zero before', '{"a":01}', '400 M_NOT_JSON'],
  ['a line break in a string', '{"a":"\n"}', '400 M_NOT_JSON'],
  ['a byte order mark', '\ufeff{}', '400 M_NOT_JSON'],
  ['UTF-16', Buffer.from('{}', 'utf16le'), '400 M_NOT_JSON'],
  ['a byte that UTF-8 does not have', bytes(0xff), '400 M_NOT_JSON'],
  ['a sequence that breaks off', bytes(0xc3), '400 M_NOT_JSON'],
  ['an overlong sequence', bytes(0xc0, 0xaf), '400 M_NOT_JSON'],
  ['a surrogate in UTF-8', bytes(0xed, 0xa0, 0x80), '400 M_NOT_JSON'],
  ['U+0000 as it is', bytes(0), '400 M_NOT_JSON'],
  ['U+0000 escaped', '{"a":"\\u0000"}', '400 M_BAD_JSON'],
  ['U+0000 in a key', '{"\\u0000":1}', '400 M_BAD_JSON'],
  ['a lone surrogate', '{"a":"\\ud800"}', '400 M_BAD_JSON'],
  ['surrogates the wrong way round', '{"a":"\\udc00\\ud800"}', '400 M_BAD_JSON'],
  ['a key twice', '{"a":1,"a":1}', '400 M_BAD_JSON'],
  ['a key twice, once escaped', '{"a":1,"\\u0061":2}', '400 M_BAD_JSON'],
  ['a key twice, deep down', '{"a":[{"b":{"c":1,"c":2}}]}', '400 M_BAD_JSON'],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}', '400 M_BAD_JSON'],
  ['101 levels', deep(101), '400 M_BAD_JSON'],
  ['1,800 levels', deep(1_800), '400 M_BAD_JSON'],
  ['a number beyond all', '{"a":1e400}', '400 M_BAD_JSON'],
  ['an array', '[]', '400 M_BAD_JSON'],
  ['an array of objects', '[{}]', '400 M_BAD_JSON'],
  ['a string', '"{}"', '400 M_BAD_JSON'],
  ['null', 'null', '400 M_BAD_JSON'],
  ['a number', '7', '400 M_BAD_JSON'],
  ['true', 'true', '400 M_BAD_JSON'],
]
/** Numbers that a signed event cannot hold. */
const badNumbers = [
  '1.5',
  '1.0',
  '1e2',
  '-0',
  '9007199254740992',
  '-9007199254740992',
  '1e-7',
  '123456789012345678901234567890',
]

describe.each(named(those(({ method, requestBody }) => method !== 'GET' && requestBody === 'json')))(
  '$name',
  ({ name, endpoint }) => {
    test('refuses bodies that are no JSON, or JSON that is no object', () =>
      unchanged(async () => {
        for (const [why, body, expected] of badBodies) await refuses(name, { body }, expected, why)
        if (endpoint.json === 'any') return
        for (const number of badNumbers) await refuses(name, { body: `{"a":{"b":[${number}]}}` }, '400 M_BAD_JSON')
      }))

    test('refuses bodies that are too large, with a length and without', () =>
      unchanged(async () => {
        const filling = 'x'.repeat(endpoint.maxBodyBytes - 8)
        const tooLarge = `{"a":"${filling}x"}`
        expect(tooLarge.length).toBe(endpoint.maxBodyBytes + 1)
        await refuses(name, { body: tooLarge }, '413 M_TOO_LARGE')
        await refuses(name, { body: [tooLarge.slice(0, 9), tooLarge.slice(9)] }, '413 M_TOO_LARGE')
      }))
  },
)

describe.each(named(those(({ requestBody }) => requestBody === 'bytes')))('$name', ({ name }) => {
  test('refuses a file that is too large, with a length and without', () =>
    unchanged(async () => {
      const tooLarge = Buffer.alloc(house.node.deps.config.maxUploadBytes + 1)
      await refuses(name, { body: tooLarge }, '413 M_TOO_LARGE')
      await refuses(name, { body: [tooLarge.subarray(0, 9), tooLarge.subarray(9)] }, '413 M_TOO_LARGE')
    }))
})

describe.each(named(those(({ body }) => body)))('$name', ({ name, endpoint }) => {
  test('refuses a value of another type in every field', () =>
    unchanged(async () => {
      for (const field of fieldsOf(endpoint.body!)) {
        if (field.path.length === 0) continue
        for (const value of wrongValues(field)) {
          const body = JSON.stringify(withValue(house.calls[name]!.body, field.path, value))
          await refuses(name, { body }, '400 M_BAD_JSON', `${field.path.join('.')} = ${JSON.stringify(value)}`)
        }
      }
    }))

  test('refuses to do without what it needs', () =>
    unchanged(async () => {
      if (z.safeParse(endpoint.body!, {}).success) return
      await refuses(name, { body: '{}' }, ['400 M_BAD_JSON', '400 M_MISSING_PARAM'])
      // No body at all is an empty one.
      await refuses(name, { body: '' }, ['400 M_BAD_JSON', '400 M_MISSING_PARAM'])
    }))
})

describe.each(named(those(({ query }) => query)))('$name', ({ name, endpoint }) => {
  const keys = Object.keys((endpoint.query as z.ZodMiniObject).shape)

  test('refuses a query that it cannot understand', () =>
    unchanged(async () => {
      const good = new URLSearchParams(house.calls[name]!.query ?? {})
      for (const key of keys) {
        for (const value of [
          '',
          'x',
          '-1',
          '1.5',
          'null',
          '[]',
          '{}',
          '{"limit":"x"}',
          `{"x":${'['.repeat(500)}${']'.repeat(500)}}`,
          '{"limit":1,"limit":2}',
          '9'.repeat(30),
          ['a', 'b'],
          ['', ''],
        ]) {
          const raw = { ...Object.fromEntries(good), [key]: value }
          if (z.safeParse(endpoint.query!, raw).success) continue
          const query = new URLSearchParams(good)
          query.delete(key)
          for (const each of [value].flat()) query.append(key, each)
          await refuses(name, { query: String(query) }, ['400 M_INVALID_PARAM', '400 M_MISSING_PARAM'], `${query}`)
        }
        for (const value of ['%00', 'a%00b', '%FF', '%C3%28', '%ED%A0%80', '%zz', '%'])
          await refuses(name, { query: `${good}&${key}=${value}` }, '400 M_INVALID_PARAM', `${key}=${value}`)
      }
    }))

  test('takes no harm from names that objects have by nature', () =>
    unchanged(async () => {
      if (endpoint.method !== 'GET') return
      const good = targetOf(endpoint, house.calls[name]!)
      for (const key of ['__proto__', 'constructor', 'toString'])
        expect((await call(name, { target: `${good}${good.includes('?') ? '&' : '?'}${key}=1&${key}=2` })).status).toBe(
          200,
        )
      expect(({} as Record<string, unknown>)['0']).toBeUndefined()
    }))
})

describe.each(named(those(({ params }) => params)))('$name', ({ name, endpoint }) => {
  const { shape } = endpoint.params as z.ZodMiniObject
  const bend = (key: string, raw: string): Bent => {
    const params = { ...house.calls[name]!.params, [key]: 'BENT' }
    return { target: targetOf(endpoint, { ...house.calls[name]!, params }).replace('BENT', raw) }
  }

  test('refuses a path that it cannot understand', () =>
    unchanged(async () => {
      for (const [key, schema] of Object.entries(shape)) {
        for (const raw of ['%00', 'a%00b', '%FF', '%C3%28', '%ED%A0%80', '%zz', '%', 'a%'])
          await refuses(name, bend(key, raw), '400 M_INVALID_PARAM', `${key} = ${raw}`)
        for (const value of [
          'x',
          '..',
          '.',
          '@',
          '!',
          '$',
          '#',
          '@a',
          '@a:',
          '@:b c',
          '!a:b/c',
          `@${'é'.repeat(130)}:b`,
          '[object Object]',
        ])
          if (!z.safeParse(schema as z.ZodMiniType, value).success)
            await refuses(name, bend(key, encodeURIComponent(value)), '400 M_INVALID_PARAM', `${key} = ${value}`)
      }
    }))
})

const patterns = all.map(([, { path }]) => new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`))
const isServed = (path: string) => patterns.some((pattern) => pattern.test(path))

describe.each(named(all))('$name', ({ name, endpoint }) => {
  test('has one path, which no other way of writing leads to', () =>
    unchanged(async () => {
      const [path] = targetOf(endpoint, house.calls[name]!).split('?') as [string]
      const tricks = [
        `${path}/`,
        `/${path}`,
        `${path}//`,
        path.slice(1),
        path.toUpperCase(),
        path.replace('/client/', '/Client/'),
        path.replace('/client/', '//client/'),
        path.replace('/client/', '/./client/'),
        path.replace('/client/', '/x/../client/'),
        path.replace('/client/', '/x/%2e%2e/client/'),
        path.replace('/client/', '/client;x=1/'),
        path.replace('/client/', '%2Fclient/'),
        path.replace('/client/', '/clien%74/'),
        path.replace('/client/', '/client%20/'),
        path.replace('/client/', '\\client/'),
        path.replace(/^\/_/, '/%5F'),
        `${path}.`,
        `${path}%20`,
        `${path};x`,
        `${path}%2F`,
        `${path}/extra`,
        `${path}/..`,
        `${path}#x`,
      ].filter((trick) => trick !== path && trick.startsWith('/') && !isServed(trick))
      for (const target of tricks)
        await refuses(name, { target }, ['404 M_UNRECOGNIZED', '400 M_INVALID_PARAM'], `${endpoint.method} ${target}`)
    }))

  test('answers to its own methods only', () =>
    unchanged(async () => {
      const own = new Set(
        all.filter(([, { path }]) => path === endpoint.path).map(([, { method }]) => method as string),
      )
      for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'])
        if (!own.has(method))
          await refuses(name, { method, body: '' }, '405 M_UNRECOGNIZED', `${method} ${endpoint.path}`)
      const options = await call(name, { method: 'OPTIONS', token: undefined, body: '' })
      expect([options.status, options.headers['access-control-allow-origin']]).toEqual([204, '*'])
    }))
})

test('paths that nobody serves are not known', () =>
  unchanged(async () => {
    const targets = [
      '/',
      '/?access_token=x',
      '/_matrix',
      '/_matrix/',
      '/_matrix/client',
      '/_matrix/client/v3',
      '/_matrix/client/v3/',
      '/_matrix/client/v3/nothing',
      '/_matrix/client/r0/sync',
      '/_matrix/client/v3/rooms//join',
      '/_matrix/client/v3/rooms//send/m.room.message/1',
      '/_matrix/federation/v1/version',
      '/_matrix/key/v2/server',
      '/_hearth/client/v1/stream',
      '/_hearth',
      '/_synapse/admin/v1/nothing',
      '/.well-known/matrix/server',
      `/${'a'.repeat(4_000)}`,
      '/%00',
      '/%FF',
    ]
    for (const target of targets)
      for (const method of ['GET', 'POST', 'PUT', 'DELETE'])
        await refuses('whoami', { target, method, body: method === 'GET' ? '' : '{}' }, '404 M_UNRECOGNIZED', target)
  }))
