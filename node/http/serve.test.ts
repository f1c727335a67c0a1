import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import * as z from 'zod/mini'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endpoint } from '#spec/endpoint.ts'
import { rawCall, sendBytes } from '#test/adversary/raw-call.ts'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'
import { RawJson, route } from './route.ts'
import { serve } from './serve.ts'

const echo = endpoint({
  method: 'POST',
  path: '/_matrix/echo/{first}/{second}',
  auth: 'none',
  limit: 'none',
  maxBodyBytes: 100,
  params: z.object({ first: z.string(), second: z.string() }),
  query: z.looseObject({ a: z.optional(z.union([z.string(), z.array(z.string())])) }),
  body: z.looseObject({}),
  response: z.looseObject({}),
})
const bug = endpoint({ method: 'GET', path: '/_matrix/bug', auth: 'none', limit: 'none', response: z.looseObject({}) })

let node: ServedSlices
let server: Server
let address: string
let isReady = true
beforeAll(async () => {
  node = await serveSlices([], { identifyToken: () => Promise.reject(new Error('nobody is known')) })
  node.deps.log.level = 'silent'
  const routes = [
    route(echo, (_, { params, query, body }) => ({ params, query, body })),
    route(bug, () => {
      throw new Error('a secret of the house')
    }),
    route({ ...bug, path: '/_matrix/raw' }, () => new RawJson('{"raw":1}')),
  ]
  server = serve(node.deps, {
    slices: [{ name: 'echo', routes }],
    identifyToken: () => Promise.reject(new Error('nobody is known')),
    elsewhere: (request) =>
      request.method !== 'POST' ? { status: 200, headers: { 'content-type': 'text/html' }, body: 'a page' } : undefined,
    isReady: () => Promise.resolve(isReady),
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await node.stop()
  await node.database.drop()
})

const post = (target: string, body: string | Uint8Array | string[] = '') =>
  rawCall(address, { method: 'POST', target, body })

test.each([
  ['/_matrix/echo/a/b', { first: 'a', second: 'b' }],
  ['/_matrix/echo/a%2Fb/%3F%23%25', { first: 'a/b', second: '?#%' }],
  ['/_matrix/echo/%252F/%25', { first: '%2F', second: '%' }],
  ['/_matrix/echo/a+b/%20', { first: 'a+b', second: ' ' }],
  ['/_matrix/echo/..%2f../.', { first: '../..', second: '.' }],
  ['/_matrix/echo/%C3%BC/%F0%9F%8C%B7', { first: 'ü', second: '🌷' }],
  ['/_matrix/echo/;x=1/a:b@c', { first: ';x=1', second: 'a:b@c' }],
])('the parameters of %s are decoded once', async (target, params) => {
  expect((await post(target)).body['params']).toEqual(params)
})

test.each<[string, unknown]>([
  ['', {}],
  ['a=1', { a: '1' }],
  ['a=1&a=2', { a: ['1', '2'] }],
  ['a=%2B+%26&b', { a: '+ &', b: '' }],
  ['a=1&__proto__=x&__proto__=y', { a: '1' }],
  ['a=?/#', { a: '?/#' }],
])('the query %s', async (query, expected) => {
  expect((await post(`/_matrix/echo/a/b?${query}`)).body['query']).toEqual(expected)
})

test('a body may come in pieces, and none is an empty one', async () => {
  expect((await post('/_matrix/echo/a/b', ['{"x"', ':', '1}'])).body['body']).toEqual({ x: 1 })
  expect((await post('/_matrix/echo/a/b')).body['body']).toEqual({})
  const exact = `{"x":"${'y'.repeat(92)}"}`
  expect((await post('/_matrix/echo/a/b', exact)).status).toBe(200)
  expect((await post('/_matrix/echo/a/b', `${exact} `)).status).toBe(413)
  expect((await post('/_matrix/echo/a/b', [exact, ' '])).status).toBe(413)
})

test('what nobody expected is told to nobody', async () => {
  const text = await sendBytes(address, 'GET /_matrix/bug HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  expect(text).toMatch(/^HTTP\/1\.1 500 /)
  expect(text).toContain('"errcode":"M_UNKNOWN"')
  expect(text).not.toContain('secret')
})

test('JSON that is text already is sent as it is', async () => {
  expect((await rawCall(address, { method: 'GET', target: '/_matrix/raw' })).text).toBe('{"raw":1}')
})

const isPage = async (target: string, method = 'GET') =>
  (await sendBytes(address, `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)).includes('a page')

test.each(['/', '/chat/!room', '/login', '/assets/app.js', '/matrix', '/healthy', '/my_matrix', '/x/../login'])(
  '%s is for the web app',
  async (target) => {
    expect(await isPage(target)).toBe(true)
  },
)

test.each([
  '/_matrix',
  '/_matrix/client/v3/nothing',
  '//_matrix/raw',
  '/./_matrix/raw',
  '/_MATRIX/raw',
  '/%5Fmatrix/raw',
  '/_matrix;x/raw',
  '/_matrix%2Fraw',
  '/_hearth/x',
  '/_synapse/admin',
  '/.well-known/matrix/server',
  '/health/other',
])('%s is never answered with a page', async (target) => {
  expect(await isPage(target)).toBe(false)
})

test('a page is there to be got, and nothing else', async () => {
  expect(await isPage('/', 'POST')).toBe(false)
  expect((await rawCall(address, { method: 'POST', target: '/' })).body.errcode).toBe('M_UNRECOGNIZED')
})

test('HEAD answers as GET does, without the body', async () => {
  for (const target of ['/', '/_matrix/raw', '/health/live']) {
    const text = await sendBytes(address, `HEAD ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 200 [^]*content-length: [1-9][^]*\r\n\r\n$/i)
  }
})

test('a body that is refused is not waited for: the connection ends', async () => {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  socket.write('POST /_matrix/echo/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n{"x":')
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  expect(chunk.toString()).toMatch(/^HTTP\/1\.1 413 /)
  expect(socket.readyState).toBe('open')
  node.clock.advance(500)
  await once(socket, 'end')
})

test('health is told without a token', async () => {
  const status = async (target: string) => (await fetch(address + target)).status
  expect([await status('/health/live'), await status('/health/ready')]).toEqual([200, 200])
  isReady = false
  expect([await status('/health/live'), await status('/health/ready')]).toEqual([200, 503])
})
