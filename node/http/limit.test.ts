import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { endpoints } from '#spec/api/all.ts'
import { getVersions } from '#spec/api/client/versions.ts'
import { endpoint, type Auth, type Limit } from '#spec/endpoint.ts'
import type { Slice } from '#node/slice.ts'
import { rawCall, sendBytes } from '#test/adversary/raw-call.ts'
import { servePeople } from '#test/people.ts'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'
import { takeFromLimit } from './limit.ts'
import { route } from './route.ts'

/** How many calls come through at once, and how long until there is one more. */
const bursts: readonly (readonly [limit: Limit, burst: number, secondsForOne: number])[] = [
  ['read', 300, 1],
  ['write', 100, 1],
  ['send', 60, 1],
  ['create', 20, 5],
  ['report', 20, 50],
  ['search', 30, 1],
  ['login', 20, 5],
  ['register', 20, 10],
]

const limited = (limit: Limit, auth: Auth) =>
  endpoint({ method: 'GET', path: `/_matrix/${auth}/${limit}`, auth, limit, response: z.looseObject({}) })
const byUser = new Map(bursts.map(([limit]) => [limit, limited(limit, 'token')]))
const byAddress = new Map(bursts.map(([limit]) => [limit, limited(limit, 'none')]))
const slice: Slice = {
  name: 'limited',
  routes: [...byUser.values(), ...byAddress.values()].map((each) => route(each, () => ({}))),
}

let node: ServedSlices
let people: ServedSlices
beforeAll(async () => {
  node = await serveSlices([slice], {
    settings: { HEARTH_RATE_LIMITS: 'on', HEARTH_TRUSTED_PROXIES: '127.0.0.1' },
    // A token is the name of its user, and of a device.
    identifyToken: (_, token) =>
      Promise.resolve({
        userId: `@${token.split('.')[0]}:localhost`,
        deviceId: token.split('.')[1] ?? 'ONE',
        isAdmin: false,
        tokenHash: token,
      } as never),
  })
  people = await servePeople({ HEARTH_RATE_LIMITS: 'on' })
})
afterAll(async () => {
  for (const one of [node, people]) {
    await one.stop()
    await one.database.drop()
  }
})

type Caller = { token: string } | { address: string }
const ask = (limit: Limit, caller: Caller) => {
  const isUser = 'token' in caller
  return rawCall(node.address, {
    method: 'GET',
    target: (isUser ? byUser : byAddress).get(limit)!.path,
    ...(isUser ? { token: caller.token } : { headers: { 'x-forwarded-for': caller.address } }),
  })
}
/** How many calls come through before one is refused, and that refusal: the next call may come through again, as time goes on meanwhile. */
async function drainUntil(limit: Limit, caller: Caller, most = 1_000) {
  let answer = await ask(limit, caller)
  let passed = 0
  for (; answer.status === 200 && passed < most; passed++) answer = await ask(limit, caller)
  return { passed, refused: answer }
}
const drain = async (limit: Limit, caller: Caller, most?: number) => (await drainUntil(limit, caller, most)).passed

test.each(bursts)('%s: after a burst of %i comes 429, with the time to wait', async (limit, burst, secondsForOne) => {
  for (const caller of [{ token: 'ayse.PHONE' }, { address: '203.0.113.7' }]) {
    const { passed, refused } = await drainUntil(limit, caller)
    expect(passed).toBeGreaterThanOrEqual(burst)
    // What trickles in meanwhile is little.
    expect(passed).toBeLessThan(burst * 2)
    const { status, headers, body } = refused
    expect([status, body.errcode, body.error]).toEqual([429, 'M_LIMIT_EXCEEDED', expect.stringMatching(/wait/)])
    const waitMs = body['retry_after_ms'] as number
    expect(waitMs).toBeGreaterThan(0)
    expect(waitMs).toBeLessThanOrEqual(secondsForOne * 1_000)
    expect(headers['retry-after']).toBe(String(Math.ceil(waitMs / 1_000)))
    node.clock.advance(waitMs)
    expect((await ask(limit, caller)).status).toBe(200)
  }
  // All devices of a user share; nobody else is held up.
  expect(await drain(limit, { token: 'ayse.TABLET' })).toBeLessThan(burst / 2)
  expect((await ask(limit, { token: 'mert' })).status).toBe(200)
  expect((await ask(limit, { address: '203.0.113.8' })).status).toBe(200)
})

test('who may do no more of one thing may do another', async () => {
  await drain('create', { token: 'busy' })
  expect((await ask('create', { token: 'busy' })).status).toBe(429)
  for (const [limit] of bursts)
    expect((await ask(limit, { token: 'busy' })).status).toBe(limit === 'create' ? 429 : 200)
})

test('who has waited for a year has one burst, not more', async () => {
  await drain('create', { token: 'patient' })
  node.clock.advance(365 * 86_400_000)
  expect(await drain('create', { token: 'patient' })).toBeLessThan(25)
})

test('a clock that is put back gives nothing and takes nothing', async () => {
  await drain('create', { token: 'timeless' })
  node.clock.advance(-3_600_000)
  expect((await ask('create', { token: 'timeless' })).status).toBe(429)
  node.clock.advance(3_600_000)
})

test('callers without number cost no more than their calls', () => {
  for (let n = 0; n < 150_000; n++) takeFromLimit(node.deps, 'register', `2001:db8:${n >> 16}:${n & 0xffff}::/64`)
  expect(() => takeFromLimit(node.deps, 'register', 'another')).not.toThrow()
})

test('every endpoint is limited but the one that waits, and what makes accounts and sessions has limits of its own', () => {
  const of = (limit: Limit) => Object.keys(endpoints).filter((name) => endpoints[name]!.limit === limit)
  expect(of('none')).toEqual(['sync'])
  expect(of('login')).toEqual(expect.arrayContaining(['login', 'refresh', 'changePassword']))
  expect(of('register')).toEqual(expect.arrayContaining(['register']))
})

test('a flood on one path: it is told to wait, and whether the node lives is told all the same', async () => {
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
  const flood = get(getVersions.path).repeat(499) + get(getVersions.path, 'Connection: close\r\n')
  const answers = Promise.all(Array.from({ length: 10 }, () => sendBytes(people.address, flood)))
  const health: number[] = []
  for (let n = 0; n < 10; n++) health.push((await fetch(`${people.address}/health/ready`)).status)
  expect(new Set(health)).toEqual(new Set([200]))
  const statuses = (await answers).flatMap((text) =>
    [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status),
  )
  expect(new Set(statuses)).toEqual(new Set(['200', '429']))
  expect(statuses.filter((status) => status === '200').length).toBeLessThan(statuses.length / 2)
  expect((await fetch(`${people.address}/health/live`)).status).toBe(200)
})
