import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as api from '#spec/api/client/media.ts'
import { sendBytes } from '#test/adversary/raw-call.ts'
import { addPerson, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { cleanFilename, dispositionOf } from './file-headers.ts'
import { callMedia, download, paramsOf, refusalIn, serveMedia, upload } from './testing/media-caller.ts'

let node: ServedSlices
let ada: Person
beforeAll(async () => {
  node = await serveMedia()
  ada = await addPerson(node, 'ada')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

test('a file of anybody runs nowhere', async () => {
  const response = await download(node, ada, await upload(node, ada, '<script>', { type: 'text/html' }))
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/html',
    'content-disposition': 'attachment',
    'content-security-policy':
      "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; object-src 'self';",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'cross-origin',
    'access-control-allow-origin': '*',
    'referrer-policy': 'no-referrer',
    'cache-control': 'private, max-age=86400, immutable',
  })
})

test.each(['text/plain', 'Text/Plain; charset=utf-8', 'image/png', 'video/mp4', 'audio/ogg', 'application/json'])(
  '%s may be looked at',
  async (type) => {
    const response = await download(node, ada, await upload(node, ada, 'x', { type, filename: 'a.txt' }))
    expect(response.headers.get('content-disposition')).toBe('inline; filename="a.txt"')
    expect(response.headers.get('content-type')).toBe(type)
  },
)

test.each([
  'text/html',
  'TEXT/HTML',
  'text/html;x',
  'text/html ; image/png',
  'image/svg+xml',
  'application/xhtml+xml',
  'application/xml',
  'text/xml',
  'application/pdf',
  'text/javascript',
  'image/png,text/html',
  'image/png\ttext/html',
  'x',
])('%s is only to be saved', async (type) => {
  const response = await download(node, ada, await upload(node, ada, '<script>', { type }))
  expect(response.headers.get('content-disposition')).toBe('attachment')
})

test.each([
  ['a.txt', 'filename="a.txt"'],
  ['a b;c=d,e.txt', 'filename="a b;c=d,e.txt"'],
  ['"quoted".txt', `filename="_quoted_.txt"; filename*=UTF-8''%22quoted%22.txt`],
  ['100%.txt', `filename="100_.txt"; filename*=UTF-8''100%25.txt`],
  ["it's (1)*.txt", `filename="it's (1)*.txt"`],
  ["çay's (1)*.txt", `filename="_ay's (1)*.txt"; filename*=UTF-8''%C3%A7ay%27s%20%281%29%2A.txt`],
  ['🌷.png', `filename="_.png"; filename*=UTF-8''%F0%9F%8C%B7.png`],
  ['a\r\nSet-Cookie: b=c\r\n\r\n<html>', 'filename="aSet-Cookie: b=c<html>"'],
  ['../../etc/passwd', 'filename=".._.._etc_passwd"'],
  ['..\\..\\boot.ini', 'filename=".._.._boot.ini"'],
  ['photo\u202egpj.exe', 'filename="photogpj.exe"'],
  ['\u2066a\u2069\u200e\u0007', 'filename="a"'],
])('the name %j', async (name, parameter) => {
  const uri = await upload(node, ada, 'x', { filename: name })
  expect((await download(node, ada, uri)).headers.get('content-disposition')).toBe(`inline; ${parameter}`)
  const params = { ...paramsOf(uri), fileName: name }
  const other = await callMedia(node, api.downloadMediaAs, { who: ada, params })
  expect(other.headers.get('content-disposition')).toBe(`inline; ${parameter}`)
})

test('a name that says nothing is none, and one without end is refused', async () => {
  expect([undefined, '', ' ', '\r\n', '\u202e'].map(cleanFilename)).toEqual([null, null, null, null, null])
  expect(dispositionOf('image/png', null)).toBe('inline')
  const query = { filename: 'x'.repeat(256) }
  expect(await refusalIn(await callMedia(node, api.uploadMedia, { who: ada, query, body: 'x' }))).toBe(
    '400 M_INVALID_PARAM',
  )
})

test('another name goes before the one of the upload', async () => {
  const params = { ...paramsOf(await upload(node, ada, 'x', { filename: 'a.txt' })), fileName: 'b.txt' }
  const response = await callMedia(node, api.downloadMediaAs, { who: ada, params })
  expect(response.headers.get('content-disposition')).toBe('inline; filename="b.txt"')
})

test('a name on the wire is one header, whatever bytes it is written with', async () => {
  const { serverName, mediaId } = paramsOf(await upload(node, ada, 'x'))
  for (const name of [
    'a%0d%0aX-Evil:%201',
    'a%0aX-Evil:%201',
    'a%E2%80%A8X-Evil:%201',
    'a%22%0d%0a%0d%0aX-Evil:%201',
  ]) {
    const target = `/_matrix/client/v1/media/download/${serverName}/${mediaId}/${name}`
    const head = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`
    const text = await sendBytes(node.address, head)
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(text).not.toMatch(/^x-evil/im)
  }
})

test('a part, a second look, and only the headers', async () => {
  const uri = await upload(node, ada, '0123456789')
  const part = await download(node, ada, uri, { headers: { range: 'bytes=2-4' } })
  expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10'])
  const etag = part.headers.get('etag')!
  expect((await download(node, ada, uri, { headers: { 'if-none-match': etag } })).status).toBe(304)
  const head = await download(node, ada, uri, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '10'])
})

describe('without a login', () => {
  test('nothing is downloaded', async () => {
    const uri = await upload(node, ada, 'x')
    const stranger = { ...ada, token: `${ada.token}x` }
    expect(await refusalIn(await download(node, undefined, uri))).toBe('401 M_MISSING_TOKEN')
    expect(await refusalIn(await download(node, stranger, uri))).toBe('401 M_UNKNOWN_TOKEN')
    const byQuery = await download(node, undefined, uri, { query: { access_token: ada.token } })
    expect(await refusalIn(byQuery)).toBe('401 M_MISSING_TOKEN')
  })

  test('what was open once is frozen', async () => {
    const params = { ...paramsOf(await upload(node, ada, 'x')), fileName: 'a' }
    for (const endpoint of [api.downloadMediaUnauthenticated, api.downloadMediaAsUnauthenticated])
      for (const who of [undefined, ada]) {
        const query = { allow_remote: 'true', timeout_ms: '0' }
        expect(await refusalIn(await callMedia(node, endpoint, { who, params, query }))).toBe('404 M_NOT_FOUND')
      }
  })
})

test('files of other servers are not there', async () => {
  expect(await refusalIn(await download(node, ada, 'mxc://other.example/abc'))).toBe('404 M_NOT_FOUND')
})
