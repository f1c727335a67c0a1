import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import * as api from '#spec/api/client/media.ts'
import { addPerson, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { maxLooksPerDay } from './preview.ts'
import { download, refusalIn, serveMedia } from './testing/media-caller.ts'
import { picture, pngOf } from './testing/pictures.ts'

/** An address of this machine that no other test has. */
const ownAddress = () => `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(1, 255)}`
const port = 8448
const none = '404 M_NOT_FOUND'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let web: Server
let trap: TcpServer
let trapped = 0
const open = ownAddress()
const closed = ownAddress()
const at = (path: string, host = open) => `http://${host}:${port}${path}`
let answers: Record<string, Answer>
let calls: string[]

let node: ServedSlices
let ada: Person
let tulip: Buffer
beforeAll(async () => {
  web = createServer((request, response) => {
    calls.push(request.url!)
    const answer = answers[request.url!]
    if (answer) answer(request, response)
    else response.writeHead(404).end()
  })
  await once(web.listen(port, open), 'listening')
  trap = createTcpServer((socket) => {
    trapped++
    socket.destroy()
  })
  await once(trap.listen(port, closed), 'listening')
  node = await serveMedia({ HEARTH_ALLOW_ADDRESSES: `${open}/32`, HEARTH_PREVIEW_BLOCKED: 'blocked.example' })
  ada = await addPerson(node, 'ada')
  tulip = await picture(60, 40).png().toBuffer()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
  web.closeAllConnections()
  web.close()
  trap.close()
})
beforeEach(() => {
  calls = []
  answers = { '/tulip.png': (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(tulip) }
})
afterEach(() => expect(trapped).toBe(0))

const ask = (url: string, who: Person = ada) =>
  fetch(`${node.address}${api.getUrlPreview.path}?${new URLSearchParams({ url })}`, {
    headers: { authorization: `Bearer ${who.token}` },
  })
const page =
  (html: string, type = 'text/html; charset=utf-8'): Answer =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': type }).end(html)
const leadTo =
  (location: string): Answer =>
  (_, response) =>
    void response.writeHead(302, { location }).end()
const previewOf = async (url: string) => (await (await ask(url)).json()) as Record<string, string | number>

test('a page is shown with its picture, which is a file of this server', async () => {
  answers['/'] = page(
    '<title>Tulips</title><meta property="og:image" content="tulip.png"><meta name=description content="Red">',
  )
  const preview = await previewOf(at('/'))
  expect(preview).toEqual({
    'og:title': 'Tulips',
    'og:description': 'Red',
    'og:image': expect.stringMatching(/^mxc:\/\/localhost\/[\w-]{32}$/),
    'og:image:type': 'image/png',
    'og:image:width': 60,
    'og:image:height': 40,
    'matrix:image:size': tulip.length,
  })
  const file = await download(node, ada, String(preview['og:image']))
  expect([file.headers.get('content-type'), Buffer.from(await file.arrayBuffer()).equals(tulip)]).toEqual([
    'image/png',
    true,
  ])
})

test('a picture is shown as what it is', async () => {
  expect(await previewOf(at('/tulip.png'))).toMatchObject({ 'og:url': at('/tulip.png'), 'og:image:width': 60 })
  answers['/large.png'] = (_, response) =>
    void response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.concat([tulip, Buffer.alloc(2_000_000)]))
  expect(await previewOf(at('/large.png'))).toMatchObject({ 'matrix:image:size': tulip.length + 2_000_000 })
})

test('it is looked at once within the hour, by however many at once, and the part after # is nobody’s business', async () => {
  answers['/often'] = page('<title>Often</title>')
  await Promise.all(Array.from({ length: 10 }, () => previewOf(at('/often#here'))))
  await previewOf(at('/often#there'))
  expect(calls).toEqual(['/often'])
  node.clock.advance(3_600_000)
  await previewOf(at('/often'))
  expect(calls).toEqual(['/often', '/often'])
})

test('what has nothing to show is asked again after some minutes', async () => {
  expect(await refusalIn(await ask(at('/later')))).toBe(none)
  answers['/later'] = page('<title>Now</title>')
  expect(await refusalIn(await ask(at('/later')))).toBe(none)
  node.clock.advance(300_000)
  expect(await previewOf(at('/later'))).toEqual({ 'og:title': 'Now' })
})

test('a preview is forgotten after a week, with its picture', async () => {
  answers['/week'] = page('<title>Week</title><meta property="og:image" content="/tulip.png">')
  const image = String((await previewOf(at('/week')))['og:image'])
  node.clock.advance(6 * 86_400_000)
  await node.worker.idle()
  expect((await download(node, ada, image)).status).toBe(200)
  node.clock.advance(2 * 86_400_000)
  await node.worker.idle()
  expect(await refusalIn(await download(node, ada, image))).toBe(none)
})

test.each([
  ['in plain digits', () => at('/', closed)],
  ['by a redirect', () => at('/0')],
  ['as the picture of a page', () => at('/picture')],
  ['by a redirect of the picture', () => at('/picture-away')],
])('nobody behind a closed address is called: %s', async (_, url) => {
  for (let hop = 0; hop < 3; hop++) answers[`/${hop}`] = leadTo(`/${hop + 1}`)
  answers['/3'] = leadTo(at('/', closed))
  answers['/picture'] = page(`<title>T</title><meta property="og:image" content="${at('/x.png', closed)}">`)
  answers['/away.png'] = leadTo(at('/x.png', closed))
  answers['/picture-away'] = page('<title>T</title><meta property="og:image" content="/away.png">')
  const response = await ask(url())
  const body = (await response.json()) as object
  expect([404, 200]).toContain(response.status)
  if (response.status === 200) expect(body).toEqual({ 'og:title': 'T' })
})

test.each([
  'http://127.0.0.1:8448/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://127.1/',
  'http://１２７.0.0.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:7f00:1::1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://10.0.0.1/',
  'http://100.64.0.1/',
  'http://0.0.0.0/',
  'http://localhost/',
  `http://${open}:22/`,
  `http://${open}:5432/`,
  'http://blocked.example/',
  'https://a.b.blocked.example/',
  'http://nothing.invalid/',
])('%s has nothing to show, and says no more', async (url) => {
  const response = await ask(url)
  const text = await response.clone().text()
  expect(await refusalIn(response)).toBe(none)
  expect(JSON.parse(text)).toEqual({ errcode: 'M_NOT_FOUND', error: 'There is no preview of this address.' })
})

test.each([
  '',
  'x',
  'file:///etc/passwd',
  'ftp://a/',
  'javascript:alert(1)',
  'data:text/html,<title>x',
  'http://',
  `http://user:word@${open}/`,
  'mxc://a/b',
  `http://a/${'x'.repeat(3_000)}`,
])('%s is no address of the web', async (url) => {
  expect(await refusalIn(await ask(url))).toBe('400 M_INVALID_PARAM')
})

test('three redirects are followed, a circle is not, and the list is asked each time', async () => {
  for (let hop = 0; hop < 3; hop++) answers[`/r${hop}`] = leadTo(`/r${hop + 1}`)
  answers['/r3'] = page('<title>There</title>')
  expect(await previewOf(at('/r0'))).toEqual({ 'og:title': 'There' })
  answers['/more'] = leadTo('/r0')
  answers['/circle'] = leadTo('/circle')
  answers['/to-blocked'] = leadTo('http://blocked.example/')
  answers['/to-file'] = leadTo('file:///etc/passwd')
  for (const path of ['/more', '/circle', '/to-blocked', '/to-file'])
    expect(await refusalIn(await ask(at(path)))).toBe(none)
  expect(calls.filter((one) => one === '/circle')).toHaveLength(4)
})

test('a page without end is read for a mebibyte, and no script of it is followed', async () => {
  answers['/endless'] = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.write('<title>Endless</title><meta http-equiv="refresh" content="0; url=/elsewhere">')
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  }
  expect(await previewOf(at('/endless'))).toEqual({ 'og:title': 'Endless' })
  expect(calls).toEqual(['/endless'])
})

test('a page that comes drop by drop ends in time', async () => {
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  answers['/slow'] = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.write('<title>')
    resolve()
  }
  const asked = ask(at('/slow'))
  await begun
  node.clock.advance(10_000)
  expect(await refusalIn(await asked)).toBe(none)
})

test.each<[string, Answer]>([
  [
    'a packed page',
    (_, response) =>
      void response
        .writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' })
        .end(gzipSync('<title>x')),
  ],
  ['an error', (_, response) => void response.writeHead(500, { 'content-type': 'text/html' }).end('<title>x')],
  ['a program', page('<title>x</title>', 'application/x-msdownload')],
  ['a drawing that is a program', page('<svg><title>x</title></svg>', 'image/svg+xml')],
  ['a picture that is none', page('<title>x</title>', 'image/png')],
  ['nothing at all', (_, response) => void response.socket?.destroy()],
])('%s has nothing to show', async (_, answer) => {
  answers['/odd'] = answer
  node.clock.advance(3_600_000)
  expect(await refusalIn(await ask(at('/odd')))).toBe(none)
})

test.each<[string, string | Buffer]>([
  ['a picture of too many pixels', pngOf(60_000, 60_000)],
  ['a picture that is a page', '<html>'],
])('a page is shown without %s', async (name, body) => {
  const path = `/${encodeURIComponent(name)}`
  answers['/bad.png'] = (_, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(body)
  answers[path] = page('<title>T</title><meta property="og:image" content="/bad.png">')
  expect(await previewOf(at(path))).toEqual({ 'og:title': 'T' })
})

test.each(['data:image/png;base64,AAAA', 'javascript:x', 'file:///etc/passwd', 'http://user:pass@a/', '//'])(
  'the picture %s is none',
  async (source) => {
    const path = `/with?${encodeURIComponent(source)}`
    answers[path] = page(`<title>T</title><meta property="og:image" content="${source}">`)
    expect(await previewOf(at(path))).toEqual({ 'og:title': 'T' })
  },
)

test('one person cannot have the whole web looked at', async () => {
  const ben = await addPerson(node, 'ben')
  for (let count = 0; count < maxLooksPerDay; count++) await ask(at(`/n${count}`), ben)
  expect(await refusalIn(await ask(at('/one-more'), ben))).toBe('429 M_LIMIT_EXCEEDED')
  expect(await refusalIn(await ask(at('/n1'), ben))).toBe(none)
  expect(await refusalIn(await ask(at('/one-more')))).toBe(none)
  node.clock.advance(86_400_000)
  expect(await refusalIn(await ask(at('/one-more'), ben))).toBe(none)
})

test('nobody without a login is shown anything', async () => {
  const response = await fetch(`${node.address}${api.getUrlPreview.path}?url=${at('/')}`)
  expect(await refusalIn(response)).toBe('401 M_MISSING_TOKEN')
})

test('an administrator may turn previews off', async () => {
  const other = await serveMedia({ HEARTH_ALLOW_ADDRESSES: `${open}/32`, HEARTH_PREVIEW_BLOCKED: '*' })
  const can = await addPerson(other, 'can')
  const response = await fetch(`${other.address}${api.getUrlPreview.path}?${new URLSearchParams({ url: at('/') })}`, {
    headers: { authorization: `Bearer ${can.token}` },
  })
  expect([await refusalIn(response), calls]).toEqual([none, []])
  await other.stop()
  await other.database.drop()
})
