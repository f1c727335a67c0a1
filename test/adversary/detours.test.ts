import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endpoints } from '#spec/api/all.ts'
import { checksums } from '../checksums.ts'
import { servedEndpoints } from './bent-call.ts'
import { furnish, targetOf, type House } from './good-calls.ts'
import { rawCall, refusalOf } from './raw-call.ts'

/*
 * Headers and parameters by which some frameworks and proxies take one request for another. Here a request is what its first line says: whoever
 * guards a path and whoever serves it see the same.
 */

let house: House
beforeAll(async () => {
  house = await furnish()
})
afterAll(async () => {
  await house.node.stop()
  await house.node.database.drop()
})

const methodHeaders = ['x-http-method-override', 'x-http-method', 'x-method-override']
const pathHeaders = ['x-original-url', 'x-rewrite-url', 'x-original-uri', 'x-forwarded-uri', 'x-forwarded-prefix']
const targetOfGood = (name: string) => targetOf(endpoints[name]!, house.calls[name]!)
const withToken = () => ({ token: house.ayse.token })
const all = (names: readonly string[], value: string) => Object.fromEntries(names.map((name) => [name, value]))

const changing = servedEndpoints(({ method, path }) => {
  const sharesPath = Object.values(endpoints).some((other) => other.path === path && other.method === 'GET')
  return method !== 'GET' && !sharesPath
})

describe.each(changing)('$name', ({ name, endpoint: { method } }) => {
  test('is not reached by another method that says it means this one', async () => {
    const before = await checksums(house.node.database.sql)
    const target = targetOfGood(name)
    const more = `${target}${target.includes('?') ? '&' : '?'}_method=${method}&_HttpMethod=${method}`
    const get = { method: 'GET', target: more, ...withToken(), headers: all(methodHeaders, method) }
    expect(refusalOf(await rawCall(house.node.address, get))).toBe('405 M_UNRECOGNIZED')
    const own = Object.values(endpoints).some(
      (other) => other.path === endpoints[name]!.path && other.method === 'POST',
    )
    const body = JSON.stringify({ ...(house.calls[name]!.body as object), _method: method })
    if (!own)
      expect(refusalOf(await rawCall(house.node.address, { ...get, method: 'POST', body }))).toBe('405 M_UNRECOGNIZED')
    expect(await checksums(house.node.database.sql)).toEqual(before)
  })
})

test('no header leads elsewhere', async () => {
  const before = await checksums(house.node.database.sql)
  const ask = (target: string, headers: Record<string, string>, token?: string) =>
    rawCall(house.node.address, { method: 'GET', target, token, headers })
  const { path: open } = endpoints['getVersions']!
  const plain = (await ask(open, {})).text
  for (const { name } of servedEndpoints(({ auth }) => auth === 'token'))
    for (const headers of [all(pathHeaders, targetOfGood(name)), { host: 'elsewhere.example' }])
      expect((await ask(open, headers)).text).toBe(plain)
  const headers = {
    ...all(pathHeaders, open),
    'x-forwarded-user': house.ayse.userId,
    'x-remote-user': house.ayse.userId,
  }
  expect(refusalOf(await ask(targetOfGood('whoami'), headers))).toBe('401 M_MISSING_TOKEN')
  expect(refusalOf(await ask(targetOfGood('whoami'), { cookie: `access_token=${house.ayse.token}` }))).toBe(
    '401 M_MISSING_TOKEN',
  )
  expect(await checksums(house.node.database.sql)).toEqual(before)
})

test('nothing is told to a browser that would let a page act as its user', async () => {
  for (const origin of ['https://evil.example', 'null', house.node.address]) {
    const { headers } = await rawCall(house.node.address, {
      method: 'OPTIONS',
      target: targetOfGood('logoutAll'),
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    })
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['access-control-allow-credentials']).toBeUndefined()
    expect(headers['set-cookie']).toBeUndefined()
  }
  const { headers } = await rawCall(house.node.address, {
    method: 'POST',
    target: targetOfGood('login'),
    body: JSON.stringify(house.calls['login']!.body),
  })
  expect(headers['set-cookie']).toBeUndefined()
})
