import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { whoami } from '#spec/api/client/account.ts'
import { closeCode, maxInboundBytes, streamPath } from '#spec/extensions/stream/messages.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { StreamClient } from './testing/stream-client.ts'
import { addTalker, serveTalk, type Talker } from './testing/talk.ts'

/* What a client does to a stream that means no good. */

let node: ServedSlices
let ali: Talker
beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const handshake = (more = '') =>
  `GET ${streamPath} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${more}\r\n`

/** A frame as a client sends it, masked with zeroes. */
function frame(opcode: number, payload: string | Buffer, isLast = true): Buffer {
  const data = Buffer.from(payload)
  const length =
    data.length < 126 ? Buffer.from([0x80 | data.length]) : Buffer.from([0xfe, data.length >> 8, data.length & 255])
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode]), length, Buffer.alloc(4), data])
}
const [continuation, text, ping] = [0, 1, 9]

interface RawStream {
  readonly socket: Socket
  readonly received: () => Buffer
  readonly ended: Promise<unknown>
}

async function openRaw(more = ''): Promise<RawStream> {
  const { hostname, port } = new URL(node.address)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  const ended = new Promise((resolve) => socket.once('close', resolve))
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write(handshake(more))
  await once(socket, 'data')
  return { socket, received: () => Buffer.concat(chunks), ended }
}

const start = () => JSON.stringify({ type: 'start', access_token: ali.person.token })
const codeIn = (bytes: Buffer) => bytes.readUInt16BE(bytes.length - 2)
const isServed = async () => expect((await ali.do(whoami)).user_id).toBe(ali.id)

test('compression is not spoken: a small frame cannot become a large one', async () => {
  const { socket, received } = await openRaw('Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n')
  expect(received().toString()).toMatch(/^HTTP\/1\.1 101 /)
  expect(received().toString()).not.toMatch(/extensions/i)
  socket.destroy()
})

test('a message in pieces is one message, and is no larger than another', async () => {
  const whole = await openRaw()
  const letters = [...start()]
  whole.socket.write(
    Buffer.concat(letters.map((letter, n) => frame(n === 0 ? text : continuation, letter, n === letters.length - 1))),
  )
  await expect.poll(() => whole.received().includes('next_batch')).toBe(true)
  whole.socket.destroy()

  const endless = await openRaw()
  const piece = 'x'.repeat(1_000)
  const pieces = Math.ceil(maxInboundBytes / piece.length) + 1
  endless.socket.write(
    Buffer.concat(Array.from({ length: pieces }, (_, n) => frame(n === 0 ? text : continuation, piece, false))),
  )
  await endless.ended
  expect(codeIn(endless.received())).toBe(closeCode.tooBig)
  await isServed()
})

test.each<[string, Buffer]>([
  ['an unmasked frame', Buffer.from([0x81, 2, 0x7b, 0x7d])],
  ['an opcode that is none', frame(3, '{}')],
  ['a reserved bit', Buffer.concat([Buffer.from([0xf1]), frame(text, '{}').subarray(1)])],
  ['a ping in pieces', frame(ping, 'x', false)],
  ['a ping of 126 bytes', frame(ping, 'x'.repeat(126))],
  ['a continuation of nothing', frame(continuation, 'x')],
  ['a length of 2^63', Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.alloc(8, 0xff), Buffer.alloc(4)])],
  ['text that is no UTF-8', frame(text, Buffer.from([0xff, 0xfe]))],
])('%s ends the stream', async (_, bytes) => {
  const stream = await openRaw()
  stream.socket.write(bytes)
  await stream.ended
  expect([1002, 1007, 1009]).toContain(codeIn(stream.received()))
  await isServed()
})

test('who pings and does not read the answers is hung up on', async () => {
  const stream = await openRaw()
  stream.socket.write(frame(text, start()))
  await expect.poll(() => stream.received().includes('next_batch')).toBe(true)
  stream.socket.pause()
  const flood = Buffer.concat(Array.from({ length: 1_000 }, () => frame(ping, 'x'.repeat(125))))
  // What both ends' buffers hold is some megabytes; the node keeps a few dozen answers.
  for (let n = 0; n < 2_000 && !stream.socket.destroyed; n++) {
    if (stream.socket.write(flood)) continue
    const drained = new Promise((resolve) => stream.socket.once('drain', resolve))
    await Promise.race([drained, stream.ended])
  }
  expect(stream.socket.destroyed).toBe(true)
  await isServed()
})

test('who asks for pongs and does not read them is closed', async () => {
  const client = await StreamClient.start(ali)
  await client.next()
  client.socket.pause()
  for (let n = 0; n < 400_000 && client.closeCode === undefined; n++) {
    client.say({ type: 'ping', id: n })
    if (n % 5_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  client.socket.resume()
  await client.until(() => client.closeCode !== undefined, 20_000)
  expect(client.closeCode).toBe(closeCode.tooSlow)
  await isServed()
})

test('pings that are answered may be many', async () => {
  const client = await StreamClient.start(ali)
  await client.next()
  for (let n = 0; n < 2_000; n++) client.say({ type: 'ping', id: n })
  await client.until(() => client.others.length === 2_000)
  expect(client.others.map(({ id }) => id)).toEqual(Array.from({ length: 2_000 }, (_, n) => n))
  client.close()
})

test('what comes after a close is not heard', async () => {
  const client = new StreamClient(node.address)
  await once(client.socket, 'open')
  client.socket.send('{')
  client.socket.send(start())
  client.socket.send('{')
  await client.until(() => client.closeCode !== undefined)
  expect([client.closeCode, client.frames.length, client.others.length]).toEqual([closeCode.malformed, 0, 1])
})

test('streams that nobody has started count for their address', async () => {
  const limited = await serveTalk(undefined, { HEARTH_RATE_LIMITS: 'on' })
  const address = limited.address.replace('http', 'ws') + streamPath
  const sockets: WebSocket[] = []
  const opened = Array.from({ length: 1_000 }, () => {
    const socket = new WebSocket(address)
    sockets.push(socket)
    return new Promise<number>((resolve) => {
      socket.on('open', () => resolve(101))
      socket.on('error', () => undefined)
      socket.on('unexpected-response', (_, response) => {
        expect(Number(response.headers['retry-after'])).toBeGreaterThan(0)
        resolve(response.statusCode!)
        socket.terminate()
      })
    })
  })
  const answers = await Promise.all(opened)
  expect(new Set(answers)).toEqual(new Set([101, 429]))
  expect(answers.filter((status) => status === 101).length).toBeLessThan(800)
  for (const socket of sockets) socket.terminate()
  await limited.stop()
  await limited.database.drop()
})
