import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeAll, afterAll, expect, test } from 'vitest'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'
import { boundConnections } from './connections.ts'

const nobody = () => Promise.reject(new Error('nobody logs in here'))
const serveBehind = (proxies: string) =>
  serveSlices([], {
    identifyToken: nobody,
    settings: { HEARTH_RATE_LIMITS: 'on', HEARTH_TRUSTED_PROXIES: proxies },
  })

let node: ServedSlices
beforeAll(async () => {
  node = await serveBehind('127.0.0.9')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

let server: Server
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function listen(bounds: Parameters<typeof boundConnections>[2]): Promise<number> {
  server = createServer((_, outgoing) => void outgoing.end('here'))
  boundConnections(node.deps, server, bounds)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

/** An idle connection, and whether the node has hung up on it. */
async function open(port: number, from: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}
/** What is answered to a request on it: nothing if it is closed. */
async function answerOn(socket: Socket): Promise<string> {
  const answered = Promise.race([once(socket, 'data'), once(socket, 'close')])
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const [first] = (await answered) as [unknown]
  return first instanceof Buffer ? first.toString() : ''
}

const isServed = async (socket: Socket) => (await answerOn(socket)).startsWith('HTTP/1.1 200')

test('of one network so many are served, and the next one again when one of them has gone', async () => {
  const port = await listen({ connections: 100, ofOneNetwork: 5 })
  const held = await Promise.all(Array.from({ length: 5 }, () => open(port, '127.0.0.1')))
  for (const socket of held) expect(await isServed(socket)).toBe(true)
  expect(await isServed(await open(port, '127.0.0.1'))).toBe(false)
  expect(await isServed(await open(port, '127.0.0.2'))).toBe(true)
  held[0]!.destroy()
  await expect.poll(async () => isServed(await open(port, '127.0.0.1'))).toBe(true)
})

test('in all there are so many', async () => {
  const port = await listen({ connections: 8, ofOneNetwork: 5 })
  const served: boolean[] = []
  for (let n = 0; n < 12; n++) served.push(await isServed(await open(port, `127.0.0.${1 + (n % 4)}`)))
  expect(served.filter(Boolean)).toHaveLength(8)
})

test('a proxy of ours is nobody in particular', async () => {
  const port = await listen({ connections: 100, ofOneNetwork: 5 })
  for (let n = 0; n < 20; n++) expect(await isServed(await open(port, '127.0.0.9'))).toBe(true)
})
