import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getVersions } from '#spec/api/client/versions.ts'
import { register } from '#spec/api/client/register.ts'
import { addPerson, servePeople } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

/* What comes over a socket that no library would send. */

let node: ServedSlices
beforeAll(async () => {
  node = await servePeople()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

function open(): { socket: Socket; ended: Promise<string> } {
  const { hostname, port } = new URL(node.address)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString('latin1')))
  // Being hung up on is an answer.
  socket.on('error', () => undefined)
  return { socket, ended: new Promise((resolve) => socket.on('close', () => resolve(text))) }
}

/** Sends these bytes, and waits until the node hangs up. */
function say(bytes: string): Promise<string> {
  const { socket, ended } = open()
  socket.write(bytes, 'latin1')
  return ended
}

const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
const versions = getVersions.path
const head = `GET ${versions} HTTP/1.1\r\nHost: a\r\n`
const post = (headers: string, body: string) => `POST ${register.path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n${body}`
const hidden = `GET ${versions} HTTP/1.1\r\nHost: a\r\n\r\n`

test.each([
  ['a length and chunks', post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${hidden}`)],
  ['two lengths', post('Content-Length: 2\r\nContent-Length: 40\r\n', `{}${hidden}`)],
  ['a length with a sign', post('Content-Length: +2\r\n', `{}${hidden}`)],
  ['a length in words', post('Content-Length: two\r\n', `{}${hidden}`)],
  ['an unknown transfer coding', post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${hidden}`)],
  ['two transfer codings', post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${hidden}`)],
  ['a chunk size in words', post('Transfer-Encoding: chunked\r\n', `zz\r\n{}\r\n0\r\n\r\n${hidden}`)],
  ['a chunk size that overflows', post('Transfer-Encoding: chunked\r\n', `fffffffffffffffff1\r\n{}\r\n${hidden}`)],
  ['endless chunk extensions', post('Transfer-Encoding: chunked\r\n', `2;${'x'.repeat(200_000)}\r\n{}\r\n0\r\n\r\n`)],
  ['a folded header', `${head}X-A: b\r\n c\r\n${'\r\n'}`.replace('X-A', 'X-A:\r\n X-B')],
  ['a bare line feed in a header', `${head}X-A: b\nX-B: c\r\0\n\r\n`],
  ['a blank before the colon', `${head}Content-Length : 0\r\n\r\n`],
  ['U+0000 in a header', `${head}X-A: a\0b\r\n\r\n`],
  ['no host', `GET ${versions} HTTP/1.1\r\n\r\n`],
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['headers beyond measure', `${head}X-A: ${'x'.repeat(100_000)}\r\n\r\n`],
])('%s is refused, and the connection ends there', async (_, bytes) => {
  const seen = statuses(await say(bytes))
  expect(seen.length).toBeLessThanOrEqual(1)
  for (const status of seen) expect(status).toBeGreaterThanOrEqual(400)
  expect(seen.filter((status) => status >= 500)).toEqual([])
})

test('requests that come at once are answered one after the other', async () => {
  const last = `${head}Connection: close\r\n\r\n`
  const bodies = `${head}\r\n${post('Content-Type: application/json\r\nContent-Length: 2\r\n', '{}')}${last}`
  expect(statuses(await say(bodies))).toEqual([200, 401, 200])
})

test('a request that breaks off changes nothing, and the next one is served', async () => {
  const body = JSON.stringify({ username: 'halfway', password: 'a cat in the garden', auth: { type: 'm.login.dummy' } })
  const { socket, ended } = open()
  socket.write(post(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`, body.slice(0, -1)))
  socket.end()
  await ended
  await expect(addPerson(node, 'halfway')).resolves.toMatchObject({ userId: '@halfway:localhost' })
})

test('who sends headers drop by drop is cut off; meanwhile everybody else is served', { timeout: 60_000 }, async () => {
  const slow = Array.from({ length: 200 }, open)
  const drip = setInterval(() => slow.forEach(({ socket }) => socket.writable && socket.write('X')), 1_000)
  slow.forEach(({ socket }, n) => n % 2 === 0 && socket.write(`${head}X-Slow: `))
  for (let n = 0; n < 50; n++) expect((await node.call(getVersions)).status).toBe(200)
  const answers = await Promise.all(slow.map(({ ended }) => ended))
  clearInterval(drip)
  // Bytes that no request begins with are refused at once, the others when their time is over.
  expect(new Set(answers.flatMap(statuses))).toEqual(new Set([400, 408]))
})
