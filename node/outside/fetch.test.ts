import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '#node/deps.ts'
import { movableClock } from '#test/serve-slices.ts'
import { outsideFetch } from './fetch.ts'
import type { Resolve } from './guarded-agent.ts'
import type { OutsideCall } from './outside-call.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let answer: Answer
let calls: string[]
let server: Server
let port: number
const opened: { close: () => Promise<void> }[] = []

beforeEach(async () => {
  calls = []
  server = createServer((request, response) => {
    calls.push(`${request.method} ${request.headers.host?.replace(/:\d+$/, '')}${request.url}`)
    answer(request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
  server.closeAllConnections()
  server.close()
})

const toLoopback: Resolve = (name) =>
  Promise.resolve(name === 'inside.test' ? [{ address: '10.9.9.9', family: 4 }] : [{ address: '127.0.0.1', family: 4 }])

function callerOf({ allow = ['127.0.0.1/32'], resolve = toLoopback, clock = systemClock } = {}) {
  const outside = outsideFetch({ allowAddresses: allow }, clock, resolve)
  opened.push(outside)
  return (url: string, call: Partial<OutsideCall> = {}) =>
    outside.fetch(url, { maxBytes: 1_000, deadlineMs: 10_000, ...call })
}

test('brings status, headers and body, of whatever status', async () => {
  answer = (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => response.writeHead(418, { 'x-body': body }).end('no coffee'))
  }
  const found = await callerOf()(`http://friend.test:${port}/pot?a=b`, { method: 'POST', body: 'two cups' })
  expect({ ...found, body: found.body.toString() }).toMatchObject({
    status: 418,
    body: 'no coffee',
    headers: { 'x-body': 'two cups' },
    url: `http://friend.test:${port}/pot?a=b`,
  })
})

test.each([
  ['a closed address', (at: number) => `http://127.0.0.1:${at}/`],
  ['a name of one', (at: number) => `http://friend.test:${at}/`],
  ['an address in other digits', (at: number) => `http://0x7f.1:${at}/`],
  ['an address as one number', (at: number) => `http://2130706433:${at}/`],
  ['a mapped address', (at: number) => `http://[::ffff:127.0.0.1]:${at}/`],
  ['full-width digits', (at: number) => `http://１２７.0.0.1:${at}/`],
])('%s is not connected to', async (_, urlAt) => {
  let connections = 0
  server.on('connection', () => connections++)
  await expect(callerOf({ allow: [] })(urlAt(port))).rejects.toMatchObject({ reason: 'refused' })
  expect(connections).toBe(0)
})

test.each(['file:///etc/passwd', 'ftp://a.test/', 'http://user:word@friend.test/', 'gopher://a.test', 'nonsense', ''])(
  '%s is no address of the web',
  async (url) => {
    await expect(callerOf()(url)).rejects.toMatchObject({ reason: 'refused' })
  },
)

test('only the ports that a call names', async () => {
  await expect(callerOf()(`http://friend.test:${port}/`, { ports: [80, 443] })).rejects.toMatchObject({
    reason: 'refused',
  })
  expect(calls).toEqual([])
})

test('an address that the administrator chose is called wherever it is, and only that server', async () => {
  answer = (_, response) => response.writeHead(302, { location: `http://other.test:${port}/` }).end()
  const call = callerOf({ allow: [] })
  const trustedBase = `http://127.0.0.1:${port}/base`
  expect((await call(`http://127.0.0.1:${port}/base/a`, { trustedBase, maxRedirects: 3 })).status).toBe(302)
  for (const url of [`http://friend.test:${port}/base`, 'http://127.0.0.1:1/base', `https://127.0.0.1:${port}/base`])
    await expect(call(url, { trustedBase })).rejects.toMatchObject({ reason: 'refused' })
  await expect(call(`http://127.0.0.1:${port}/base`)).rejects.toMatchObject({ reason: 'refused' })
  expect(calls).toHaveLength(1)
})

test('a name that resolves otherwise the second time gains nothing: the address that was judged is the one that is used', async () => {
  answer = (_, response) => response.end('reached')
  let asked = 0
  const rebinding: Resolve = () => {
    asked++
    return Promise.resolve([{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }])
  }
  await callerOf({ resolve: rebinding })(`http://friend.test:${port}/`)
  expect(asked).toBe(1)
})

test('of the addresses of a name only the open ones are called', async () => {
  answer = (_, response) => response.end('reached')
  const mixed: Resolve = () =>
    Promise.resolve([
      { address: '::1', family: 6 },
      { address: '10.9.9.9', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ])
  const found = await callerOf({ resolve: mixed })(`http://friend.test:${port}/`)
  expect(found.body.toString()).toBe('reached')
})

test('redirects are followed as far as asked, each judged anew, and credentials stay with their server', async () => {
  const seen: (string | undefined)[] = []
  answer = (request, response) => {
    seen.push(request.headers.authorization)
    const hop = Number(request.url?.slice(1))
    if (hop < 3) response.writeHead(302, { location: hop === 1 ? `http://other.test:${port}/2` : `/${hop + 1}` }).end()
    else response.end('arrived')
  }
  const call = callerOf()
  const headers = { authorization: 'secret' }
  const found = await call(`http://friend.test:${port}/0`, { maxRedirects: 3, headers })
  expect([found.body.toString(), found.url]).toEqual(['arrived', `http://other.test:${port}/3`])
  expect(seen).toEqual(['secret', 'secret', undefined, undefined])
  await expect(call(`http://friend.test:${port}/0`, { maxRedirects: 2 })).rejects.toMatchObject({
    reason: 'too-many-redirects',
  })
  expect((await call(`http://friend.test:${port}/0`)).status).toBe(302)
})

test('a redirect to a closed address ends there', async () => {
  answer = (_, response) => response.writeHead(302, { location: 'http://inside.test/secrets' }).end()
  await expect(callerOf()(`http://friend.test:${port}/`, { maxRedirects: 5 })).rejects.toMatchObject({
    reason: 'refused',
  })
})

test('a body that is larger than asked for ends the call, announced or not', async () => {
  answer = (request, response) => {
    if (request.url === '/announced') response.writeHead(200, { 'content-length': '5000' })
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(500)));
      response.once('drain', more)
    }
    more()
  }
  for (const path of ['announced', 'endless'])
    await expect(callerOf()(`http://friend.test:${port}/${path}`)).rejects.toMatchObject({ reason: 'too-large' })
  for (const path of ['announced', 'endless']) {
    const found = await callerOf()(`http://friend.test:${port}/${path}`, { cut: true })
    expect(found.body.toString()).toBe('x'.repeat(1_000))
  }
})

test('a body that is packed, though none was asked for, is not unpacked', async () => {
  answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(500)))
  await expect(callerOf()(`http://friend.test:${port}/`)).rejects.toMatchObject({ reason: 'unreadable' })
})

test('an answer that comes drop by drop ends at the deadline of the whole call', async () => {
  const clock = movableClock()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  answer = (_, response) => {
    response.write('drop')
    begin()
  }
  const call = callerOf({ clock })(`http://friend.test:${port}/`, { deadlineMs: 5_000 })
  const outcome = expect(call).rejects.toMatchObject({ reason: 'too-slow' })
  await begun
  clock.advance(5_000)
  await outcome
})

test('whoever hangs up, or is no server of the web, is out of reach', async () => {
  answer = (_, response) => response.socket?.destroy()
  await expect(callerOf()(`http://friend.test:${port}/`)).rejects.toMatchObject({ reason: 'unreachable' })
  const babbling: TcpServer = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.end('SSH-2.0-server\r\n')
  })
  await once(babbling.listen(0, '127.0.0.1'), 'listening')
  const at = (babbling.address() as AddressInfo).port
  await expect(callerOf()(`http://friend.test:${at}/`)).rejects.toMatchObject({ reason: 'unreachable' })
  babbling.close()
  await expect(callerOf()(`http://friend.test:${at}/`)).rejects.toMatchObject({ reason: 'unreachable' })
})

test('headers without end are not read', async () => {
  answer = (_, response) => {
    response.setHeader('x-long', 'x'.repeat(20_000))
    response.end()
  }
  await expect(callerOf()(`http://friend.test:${port}/`)).rejects.toMatchObject({ reason: 'unreachable' })
})
