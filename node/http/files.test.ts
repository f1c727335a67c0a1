import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import * as z from 'zod/mini'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { endpoint } from '#spec/endpoint.ts'
import { rawCall } from '#test/adversary/raw-call.ts'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'
import { FileAnswer, route } from './route.ts'
import { rangeOf } from './send-file.ts'
import { serve } from './serve.ts'

const upload = endpoint({
  method: 'POST',
  path: '/_matrix/upload',
  auth: 'none',
  limit: 'none',
  requestBody: 'bytes',
  response: z.looseObject({}),
})
const json = endpoint({ method: 'POST', path: '/_matrix/json', auth: 'none', limit: 'none', response: z.object({}) })
const download = endpoint({
  method: 'GET',
  path: '/_matrix/download',
  auth: 'none',
  limit: 'none',
  responseBody: 'bytes',
  response: z.object({}),
})

const maxBytes = 1_000_000
const content = Buffer.from('0123456789')
const headers = { 'content-type': 'text/plain' }

let node: ServedSlices
let server: Server
let address: string
/** What has arrived so far, told by an event. */
let arrived: { bytes: number; heard: () => void }
let file: FileAnswer
let source: Readable

beforeAll(async () => {
  node = await serveSlices([], { identifyToken: () => Promise.reject(new Error('nobody is known')) })
  node.deps.log.level = 'silent'
  const routes = [
    route(upload, async (_, call) => {
      for await (const chunk of call.upload.read(maxBytes)) {
        arrived.bytes += chunk.length
        arrived.heard()
      }
      return { type: call.upload.contentType, size: call.upload.sizeBytes, bytes: arrived.bytes }
    }),
    route(json, () => ({})),
    route(download, () => file),
  ]
  server = serve(node.deps, {
    slices: [{ name: 'files', routes }],
    identifyToken: () => Promise.reject(new Error('nobody is known')),
    elsewhere: () => undefined,
    isReady: () => Promise.resolve(true),
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
beforeEach(() => {
  arrived = { bytes: 0, heard: () => undefined }
  file = new FileAnswer({
    headers,
    sizeBytes: content.length,
    etag: '"ten"',
    open: ({ from, to }) => (source = Readable.from([content.subarray(from, to + 1)])),
  })
})

/** Resolves when that many bytes of an upload have been read by its handler. */
const whenArrived = (bytes: number) =>
  new Promise<void>((resolve) => {
    arrived.heard = () => arrived.bytes >= bytes && resolve()
    arrived.heard()
  })

const post = (body: string | Uint8Array | Uint8Array[], headers = {}) =>
  rawCall(address, { method: 'POST', target: upload.path, body, headers })

test('a file is taken with a length and in chunks', async () => {
  const whole = await post(content, { 'content-type': 'image/x' })
  expect(whole.body).toEqual({ type: 'image/x', size: 10, bytes: 10 })
  arrived.bytes = 0
  expect((await post([content, content])).body).toEqual({ bytes: 20 })
  arrived.bytes = 0
  expect((await post('')).body).toEqual({ size: 0, bytes: 0 })
})

test('a file that is too large is refused by its length before it comes, and in chunks as soon as it is', async () => {
  const tooMuch = Buffer.alloc(maxBytes + 1)
  expect((await post(tooMuch)).status).toBe(413)
  expect(arrived.bytes).toBe(0)
  expect((await post([tooMuch.subarray(1), tooMuch.subarray(0, 1)])).body.errcode).toBe('M_TOO_LARGE')
  expect(arrived.bytes).toBeLessThanOrEqual(maxBytes)
})

/** A request of an upload that has begun. */
function begin(headers: Record<string, string> = { 'transfer-encoding': 'chunked' }): ClientRequest {
  const outgoing = request(address + upload.path, { method: 'POST', headers })
  outgoing.on('error', () => undefined)
  return outgoing
}

/** Resolves when the connection is gone, however it goes. */
const whenGone = (outgoing: ClientRequest) => new Promise<void>((resolve) => outgoing.once('close', () => resolve()))

test('an upload without an end ends at the limit', async () => {
  const outgoing = begin()
  let sent = 0
  const more = () => {
    while (!outgoing.destroyed && outgoing.write(Buffer.alloc(16_384))) sent += 16_384
    sent += 16_384
  }
  outgoing.on('drain', more)
  more()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  expect(incoming.statusCode).toBe(413)
  expect(arrived.bytes).toBeLessThanOrEqual(maxBytes)
  const gone = whenGone(outgoing)
  node.clock.advance(500)
  await gone
  expect(sent).toBeGreaterThan(maxBytes)
})

test('a slow upload goes on as long as it moves', async () => {
  const outgoing = begin()
  for (let minute = 1; minute <= 10; minute++) {
    outgoing.write(Buffer.alloc(1_024))
    await whenArrived(minute * 1_024)
    node.clock.advance(60_000)
  }
  outgoing.end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  expect([incoming.statusCode, arrived.bytes]).toEqual([200, 10_240])
  incoming.resume()
})

test.each([
  ['of which nothing more comes', 0],
  ['of which next to nothing more comes', 9],
])('an upload %s ends', async (_, bytes) => {
  const outgoing = begin()
  outgoing.write(Buffer.alloc(1_024))
  await whenArrived(1_024)
  node.clock.advance(60_000)
  if (bytes > 0) outgoing.write(Buffer.alloc(bytes))
  await whenArrived(1_024 + bytes)
  const gone = whenGone(outgoing)
  node.clock.advance(60_000)
  await gone
})

test('a body of JSON comes within a minute', async () => {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  const heard = once(socket, 'data') as Promise<[Buffer]>
  const asked = once(server, 'request')
  socket.write(`POST ${json.path} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{`)
  await asked
  node.clock.advance(60_000)
  expect(String((await heard)[0])).toMatch(/^HTTP\/1\.1 408 [^]*M_UNKNOWN/)
  socket.destroy()
})

const get = (headers: Record<string, string> = {}, method = 'GET') =>
  fetch(address + download.path, { method, headers })

test('a file is sent with its length, open to scripts of other origins', async () => {
  const response = await get()
  expect(await response.text()).toBe('0123456789')
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-length': '10',
    'content-type': 'text/plain',
    'accept-ranges': 'bytes',
    'access-control-allow-origin': '*',
    etag: '"ten"',
  })
})

test('HEAD opens nothing', async () => {
  file = new FileAnswer({ headers, sizeBytes: 7, etag: '"x"', open: () => Promise.reject(new Error('opened')) })
  const response = await get({ range: 'bytes=1-2' }, 'HEAD')
  expect([response.status, response.headers.get('content-length')]).toEqual([200, '7'])
})

test('an empty file has no part', async () => {
  file = new FileAnswer({ headers, sizeBytes: 0, etag: '"x"', open: () => Promise.reject(new Error('opened')) })
  expect(await (await get()).text()).toBe('')
  expect((await get({ range: 'bytes=0-' })).status).toBe(416)
})

test('whoever has a file already is not sent it again', async () => {
  for (const known of ['"ten"', 'W/"ten"', '"other", "ten"', '*'])
    expect((await get({ 'if-none-match': known })).status, known).toBe(304)
  expect((await get({ 'if-none-match': '"other"' })).status).toBe(200)
})

test.each([
  ['bytes=0-0', '0', 'bytes 0-0/10'],
  ['bytes=3-5', '345', 'bytes 3-5/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=-2', '89', 'bytes 8-9/10'],
  ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ['bytes=5-99999999999999999999', '56789', 'bytes 5-9/10'],
])('of a file, the part %s', async (range, text, contentRange) => {
  const response = await get({ range })
  expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
    206,
    contentRange,
    text,
  ])
})

test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=99999999999999999999-'])(
  'a file has no part %s',
  async (range) => {
    const response = await get({ range })
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10'])
    expect(await response.json()).toMatchObject({ errcode: 'M_INVALID_PARAM' })
  },
)

test.each(['bytes=5-3', 'bytes=0-1,4-5', 'bytes=a-b', 'bytes=-', 'lines=0-1', 'bytes', 'bytes=1', 'bytes=--1'])(
  'the range %s is no range: the file is sent whole',
  async (range) => {
    const response = await get({ range })
    expect([response.status, await response.text()]).toEqual([200, '0123456789'])
  },
)

test('a part is of the file that the reader knows, or the file is sent whole', async () => {
  expect((await get({ range: 'bytes=3-5', 'if-range': '"ten"' })).status).toBe(206)
  for (const other of ['"eleven"', 'W/"ten"', 'Wed, 21 Oct 2015 07:28:00 GMT'])
    expect((await get({ range: 'bytes=3-5', 'if-range': other })).status).toBe(200)
  expect(rangeOf({ range: 'bytes=0-1' }, { etag: undefined, sizeBytes: 10 })).toBeUndefined()
})

/** A file of zeroes that tells how much of it has been taken. */
function zeroes(sizeBytes: number): { taken: number } {
  const pace = { taken: 0 }
  const open = () =>
    (source = new Readable({
      read() {
        pace.taken += 65_536
        this.push(pace.taken > sizeBytes ? null : Buffer.alloc(65_536))
      },
    }))
  file = new FileAnswer({ headers, sizeBytes, etag: '"zeroes"', open })
  return pace
}

test('a large file goes at the pace of its reader, and its source is closed when the reader goes', async () => {
  const size = 1_024 * 65_536
  const pace = zeroes(size)
  const outgoing = request(address + download.path)
  outgoing.end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  incoming.pause()
  await once(incoming, 'readable')
  expect(pace.taken).toBeLessThan(size / 4)
  const closed = once(source, 'close')
  incoming.destroy()
  await closed
  expect(pace.taken).toBeLessThan(size / 2)
})

test('a reader that has gone to sleep is let go', async () => {
  zeroes(1_024 * 65_536)
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  socket.write(`GET ${download.path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  await once(socket, 'readable')
  const closed = once(source, 'close')
  const sleep = setInterval(() => node.clock.advance(120_000), 20)
  await closed.finally(() => clearInterval(sleep))
  socket.destroy()
})

test.each([
  [
    'breaks off',
    () =>
      Readable.from(
        (function* () {
          yield content.subarray(0, 3)
          throw new Error('a bad sector')
        })(),
      ),
  ],
  ['is shorter than it should be', () => Readable.from([content.subarray(0, 3)])],
])('a file that %s never looks whole', async (_, open) => {
  file = new FileAnswer({ headers, sizeBytes: content.length, etag: '"ten"', open })
  const response = await get()
  await expect(response.text()).rejects.toThrow()
})

test('a file that cannot be opened is an error like any other', async () => {
  file = new FileAnswer({ headers, sizeBytes: 10, etag: '"ten"', open: () => Promise.reject(new Error('secret path')) })
  const response = await get()
  expect([response.status, await response.json()]).toMatchObject([500, { errcode: 'M_UNKNOWN' }])
})
