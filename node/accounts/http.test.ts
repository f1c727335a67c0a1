import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Endpoint } from '#spec/endpoint.ts'
import { devices } from '#node/devices/slice.ts'
import { directory } from '#node/directory/slice.ts'
import { addPerson, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { accounts } from './slice.ts'

let node: ServedSlices
let ayse: Person
beforeAll(async () => {
  node = await servePeople()
  ayse = await addPerson(node, 'ayse')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const endpoints = [accounts, devices, directory].flatMap((slice) => slice.routes ?? []).map(({ endpoint }) => endpoint)
const named = (all: Endpoint[]) => all.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const)

test.each(named(endpoints.filter(({ auth }) => auth === 'token')))('%s asks for a token', async (_, endpoint) => {
  const params = {
    userId: ayse.userId,
    roomId: '!a:localhost',
    deviceId: 'A',
    type: 'a.b',
    keyName: 'a.b',
    filterId: 'a',
    tag: 'u.a',
    protocol: 'irc',
    invite: 'a',
  }
  const body = endpoint.method === 'GET' ? {} : { body: {} }
  expect(await node.call(endpoint, { params, ...body })).toMatchObject({
    status: 401,
    body: { errcode: 'M_MISSING_TOKEN' },
  })
  const guessed = await node.call(endpoint, { params, ...body, token: `hearth_at_${'x'.repeat(43)}` })
  expect(guessed).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } })
})

const withFreeText = endpoints.filter(({ path }) => /\{(deviceId|type|keyName|filterId|invite)\}/.test(path))

test.each(named(withFreeText))('%s refuses U+0000 in its path', async (_, endpoint) => {
  const zero = 'a\u0000b'
  const params = {
    userId: ayse.userId,
    roomId: '!a:localhost',
    deviceId: zero,
    type: zero,
    keyName: zero,
    filterId: zero,
    invite: zero,
  }
  const body = endpoint.method === 'GET' ? {} : { body: {} }
  const answer = await node.call(endpoint, { token: ayse.token, params, ...body })
  expect(answer).toMatchObject({ status: 400, body: { errcode: 'M_INVALID_PARAM' } })
})
