import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Slice } from '#node/slice.ts'
import { endpoint } from '#spec/endpoint.ts'
import * as z from 'zod/mini'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'
import { networkOf } from './address.ts'
import { route } from './route.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

const whence = endpoint({
  method: 'GET',
  path: '/_hearth/test/whence',
  auth: 'none',
  limit: 'login',
  response: z.looseObject({ address: z.string() }),
})
const slice: Slice = { name: 'whence', routes: [route(whence, (_, { address }) => ({ address }))] }
const nobody = () => Promise.reject(new Error('nobody logs in here'))
const serveBehind = (proxies?: string) =>
  serveSlices([slice], {
    identifyToken: nobody,
    settings: { HEARTH_RATE_LIMITS: 'on', ...(proxies !== undefined && { HEARTH_TRUSTED_PROXIES: proxies }) },
  })

let open: ServedSlices
let behind: ServedSlices
beforeAll(async () => {
  open = await serveBehind()
  behind = await serveBehind('127.0.0.0/8,10.0.0.0/8')
})
afterAll(async () => {
  for (const node of [open, behind]) {
    await node.stop()
    await node.database.drop()
  }
})

const ask = async (node: ServedSlices, forwarded?: string | string[]) => {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; address?: string }>()
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  request(`${node.address}${whence.path}`, { headers }, (response) => {
    let text = ''
    response.on('data', (chunk: Buffer) => (text += chunk.toString()))
    response.on('end', () => resolve({ status: response.statusCode!, ...(JSON.parse(text) as { address: string }) }))
  })
    .on('error', reject)
    .end()
  return promise
}
const addressOf = async (node: ServedSlices, forwarded?: string | string[]) => (await ask(node, forwarded)).address

test('without a proxy of ours nobody says who they are', async () => {
  expect(await addressOf(open)).toBe('127.0.0.1')
  expect(await addressOf(open, '203.0.113.7')).toBe('127.0.0.1')
})

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7, 10.1.2.3', '203.0.113.7'],
  ['203.0.113.7,10.1.2.3 , ', '203.0.113.7'],
  ['2001:db8::7', '2001:db8::7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['10.1.2.3', '10.1.2.3'],
  ['', '127.0.0.1'],
])('behind one, X-Forwarded-For %j means %s', async (forwarded, address) => {
  expect(await addressOf(behind, forwarded)).toBe(address)
})

test('what the caller wrote before the proxy opens no new purse', async () => {
  const statuses: number[] = []
  while (statuses.at(-1) !== 429 && statuses.length < 1_000)
    statuses.push((await ask(behind, `192.0.2.${statuses.length % 250}, 203.0.113.99`)).status)
  expect(statuses.at(-1)).toBe(429)
  // Nor does another address of the same network.
  const drained: number[] = []
  while (drained.at(-1) !== 429 && drained.length < 1_000)
    drained.push((await ask(behind, `2001:db8:5:5::${drained.length + 1}`)).status)
  expect(drained.at(-1)).toBe(429)
  expect((await ask(behind, '2001:db8:5:6::1')).status).toBe(200)
})
