import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as api from '#spec/api/client/media.ts'
import { addPerson, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { maxFilesPerDay, maxUploadsAtOnce } from './quota.ts'
import { clearSpool } from './spool.ts'
import { callMedia, download, paramsOf, refusalIn, serveMedia, upload } from './testing/media-caller.ts'
import { maxAwaited } from './upload.ts'

const limit = 1_000_000
const dayMs = 86_400_000

let node: ServedSlices
let ada: Person
let ben: Person
beforeAll(async () => {
  node = await serveMedia({
    HEARTH_MAX_UPLOAD_BYTES: String(limit),
    HEARTH_MEDIA_QUOTA_BYTES: '3000000',
    HEARTH_MEDIA_DAILY_BYTES: '2000000',
  })
  ada = await addPerson(node, 'ada')
  ben = await addPerson(node, 'ben')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const folder = (name: string) => join(node.deps.config.dataDir, 'media', name)
const pathOf = (content: string | Uint8Array) => {
  const sha256 = createHash('sha256').update(content).digest('hex')
  return join(folder('blobs'), sha256.slice(0, 2), sha256.slice(2))
}
const textOf = async (response: Promise<Response>) => (await response).text()

test('the largest upload is told', async () => {
  const response = await callMedia(node, api.getMediaConfig, { who: ada })
  expect(await response.json()).toEqual({ 'm.upload.size': limit })
})

test('a file comes back as it went, with its type and name', async () => {
  const content = randomBytes(300_000)
  const uri = await upload(node, ada, content, { type: 'application/x-test; a=1', filename: 'Çay.bin' })
  const response = await download(node, ben, uri)
  expect(response.headers.get('content-type')).toBe('application/x-test; a=1')
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename="_ay.bin"; filename*=UTF-8''%C3%87ay.bin`,
  )
  expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true)
  expect((await readFile(pathOf(content))).equals(content)).toBe(true)
  expect((await stat(pathOf(content))).mode & 0o077).toBe(0)
})

test('a file of no type, and of none that could be one, is bytes', async () => {
  const body = new Blob(['x'])
  const plain = (await (await callMedia(node, api.uploadMedia, { who: ada, body })).json()) as { content_uri: string }
  for (const uri of [plain.content_uri, await upload(node, ada, 'x', { type: 'no type' })])
    expect((await download(node, ada, uri)).headers.get('content-type')).toBe('application/octet-stream')
})

test('an empty file is a file', async () => {
  const response = await download(node, ada, await upload(node, ada, ''))
  expect([response.status, await response.text()]).toEqual([200, ''])
})

test('the same bytes are kept once, under as many addresses as they were uploaded', async () => {
  const uris = await Promise.all([ada, ben, ada].map((who) => upload(node, who, 'the same')))
  expect(new Set(uris).size).toBe(3)
  for (const uri of uris) expect(await textOf(download(node, ada, uri))).toBe('the same')
  const blobs = await node.deps.sql`select sha256 from media_blobs where size_bytes = 8`
  expect(blobs).toHaveLength(1)
})

test('nothing is left of what was refused, and of what was broken off', async () => {
  const tooLarge = await callMedia(node, api.uploadMedia, { who: ada, body: Buffer.alloc(limit + 1) })
  expect(await refusalIn(tooLarge)).toBe('413 M_TOO_LARGE')
  const headers = { authorization: `Bearer ${ada.token}`, 'content-length': '1000' }
  const outgoing = request(node.address + api.uploadMedia.path, { method: 'POST', headers })
  outgoing.on('error', () => undefined)
  outgoing.write('a beginning')
  await expect.poll(() => readdir(folder('incoming'))).toHaveLength(1)
  outgoing.destroy()
  await expect.poll(() => readdir(folder('incoming'))).toEqual([])
  const rows = await node.deps.sql`select 1 from media where size_bytes in (11, ${limit + 1})`
  expect(rows).toEqual([])
})

test('an upload without an end ends at the limit, and leaves nothing', async () => {
  const outgoing = request(node.address + api.uploadMedia.path, {
    method: 'POST',
    headers: { authorization: `Bearer ${ada.token}`, 'transfer-encoding': 'chunked' },
  })
  outgoing.on('error', () => undefined)
  const more = () => {
    while (!outgoing.destroyed && outgoing.write(randomBytes(16_384)));
  }
  outgoing.on('drain', more)
  more()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  expect(incoming.statusCode).toBe(413)
  outgoing.destroy()
  expect(await readdir(folder('incoming'))).toEqual([])
})

test('what a killed node left half-way goes at the next start', async () => {
  await mkdir(folder('incoming'), { recursive: true })
  await writeFile(join(folder('incoming'), 'half'), 'x')
  await clearSpool(node.deps)
  await expect(readdir(folder('incoming'))).rejects.toThrow('ENOENT')
})

test('without room on the disk nothing is acknowledged', async () => {
  // A folder stands where the file would go: as little can be written as on a full disk.
  const content = 'no room for this'
  await mkdir(join(pathOf(content), 'in the way'), { recursive: true })
  node.deps.log.level = 'silent'
  const response = await callMedia(node, api.uploadMedia, { who: ada, body: content })
  node.deps.log.level = 'error'
  expect(response.status).toBe(500)
  expect(await node.deps.sql`select 1 from media where size_bytes = ${content.length}`).toEqual([])
  expect(await readdir(folder('incoming'))).toEqual([])
})

test('bytes that an administrator forbids are not taken again', async () => {
  const uri = await upload(node, ada, 'forbidden')
  await node.deps.sql`update media_blobs set quarantined_at = 1 where size_bytes = 9`
  expect(await refusalIn(await download(node, ada, uri))).toBe('404 M_NOT_FOUND')
  const again = await callMedia(node, api.uploadMedia, { who: ben, body: 'forbidden' })
  expect(await refusalIn(again)).toBe('403 M_FORBIDDEN')
})

describe('a share of space', () => {
  const full = '403 M_FORBIDDEN'
  const file = (bytes: number) => randomBytes(bytes)
  const tryUpload = (who: Person, body: BodyInit) => callMedia(node, api.uploadMedia, { who, body })

  test('is used up within a day, and in all', async () => {
    const can = await addPerson(node, 'can')
    for (let count = 0; count < 2; count++) await upload(node, can, file(900_000))
    expect(await refusalIn(await tryUpload(can, file(200_001)))).toBe(full)
    await upload(node, can, file(200_000))
    node.clock.advance(dayMs)
    await upload(node, can, file(1_000_000))
    node.clock.advance(dayMs)
    expect(await refusalIn(await tryUpload(can, 'x'))).toBe(full)
    expect((await tryUpload(ben, 'x')).status).toBe(200)
  })

  test('is asked for before a file is read, and again by those that come at once', async () => {
    const deniz = await addPerson(node, 'deniz')
    const answers = await Promise.all(Array.from({ length: 4 }, () => tryUpload(deniz, file(700_000))))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 403, 403])
  })

  test('is a number of files, too', async () => {
    const ece = await addPerson(node, 'ece')
    await node.deps.sql`
      insert into media (origin, media_id, user_id, created_at, uploaded_at)
      select 'localhost', 'tiny' || n, ${ece.userId}, 0, ${node.clock.now()} from generate_series(1, ${maxFilesPerDay}) n`
    expect(await refusalIn(await tryUpload(ece, 'x'))).toBe(full)
  })

  test('is not taken by many connections at once', async () => {
    const eda = await addPerson(node, 'eda')
    const headers = { authorization: `Bearer ${eda.token}`, 'content-length': '10' }
    const open = Array.from({ length: maxUploadsAtOnce }, () => {
      const outgoing = request(node.address + api.uploadMedia.path, { method: 'POST', headers, agent: false })
      outgoing.on('error', () => undefined)
      outgoing.write('x')
      return outgoing
    })
    await expect.poll(() => readdir(folder('incoming'))).toHaveLength(maxUploadsAtOnce)
    expect(await refusalIn(await tryUpload(eda, 'x'))).toBe('429 M_LIMIT_EXCEEDED')
    expect((await tryUpload(ben, 'x')).status).toBe(200)
    for (const outgoing of open) outgoing.destroy()
    await expect.poll(async () => (await tryUpload(eda, 'x')).status).toBe(200)
  })
})

describe('an address whose file is still to come', () => {
  const announce = async (who: Person) => {
    const response = await callMedia(node, api.createMedia, { who, body: '{}' })
    return (await response.json()) as { content_uri: string; unused_expires_at: number }
  }
  const fill = (who: Person, uri: string, body: BodyInit = 'late') =>
    callMedia(node, api.uploadToAddress, {
      who,
      params: paramsOf(uri),
      query: { filename: 'late.txt' },
      headers: { 'content-type': 'text/plain' },
      body,
    })

  test('takes one file, of its maker', async () => {
    const { content_uri: uri, unused_expires_at: expiresAt } = await announce(ada)
    expect(expiresAt - node.clock.now()).toBeGreaterThan(dayMs - 60_000)
    expect(await refusalIn(await fill(ben, uri))).toBe('403 M_FORBIDDEN')
    const filled = await fill(ada, uri)
    expect([filled.status, await filled.json()]).toEqual([200, {}])
    expect(await refusalIn(await fill(ada, uri))).toBe('409 M_CANNOT_OVERWRITE_MEDIA')
    const response = await download(node, ben, uri)
    expect(response.headers.get('content-disposition')).toBe('inline; filename="late.txt"')
    expect(await response.text()).toBe('late')
  })

  test('takes one file of those that come at once', async () => {
    const { content_uri: uri } = await announce(ada)
    const answers = await Promise.all([1, 2, 3].map((n) => fill(ada, uri, `number ${n}`)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
    const winner = answers.findIndex(({ status }) => status === 200)
    expect(await textOf(download(node, ada, uri))).toBe(`number ${winner + 1}`)
  })

  test('that nobody has made, or that has expired, takes none', async () => {
    for (const uri of ['mxc://localhost/none', 'mxc://other.example/none'])
      expect(await refusalIn(await fill(ada, uri))).toBe('404 M_NOT_FOUND')
    const { content_uri: uri } = await announce(ada)
    node.clock.advance(dayMs)
    expect(await refusalIn(await fill(ada, uri))).toBe('404 M_NOT_FOUND')
    expect(await refusalIn(await download(node, ada, uri))).toBe('404 M_NOT_FOUND')
  })

  test('may be asked for before: whoever waits is answered as soon as it comes', async () => {
    const { content_uri: uri } = await announce(ada)
    const waiting = [download(node, ben, uri), download(node, ada, uri, { query: { timeout_ms: '600000' } })]
    let settled = false
    void Promise.race(waiting).then(() => (settled = true))
    const after = await download(node, ben, uri, { query: { timeout_ms: '0' } })
    expect(after.status).toBe(504)
    expect(settled).toBe(false)
    await fill(ada, uri)
    for (const response of waiting) expect(await textOf(response)).toBe('late')
  })

  test('is waited for as long as asked, and no longer than a minute', async () => {
    const { content_uri: uri } = await announce(ada)
    for (const [timeout, ms] of [
      ['5000', 5_000],
      [undefined, 20_000],
      ['3600000', 60_000],
    ] as const) {
      const query = timeout === undefined ? {} : { timeout_ms: timeout }
      const waiting = download(node, ben, uri, { query })
      const asked = setInterval(() => node.clock.advance(ms), 50)
      const refusal = await waiting.then(refusalIn).finally(() => clearInterval(asked))
      expect(refusal).toBe('504 M_NOT_YET_UPLOADED')
    }
  })

  test('is one of few', async () => {
    const fatma = await addPerson(node, 'fatma')
    for (let count = 0; count < maxAwaited; count++) await announce(fatma)
    const response = await callMedia(node, api.createMedia, { who: fatma, body: '{}' })
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await refusalIn(response)).toBe('429 M_LIMIT_EXCEEDED')
    node.clock.advance(dayMs)
    await announce(fatma)
  })
})

test('paths are made of hashes: no file of the node can be named', async () => {
  await chmod(node.deps.config.dataDir, 0o700)
  for (const mediaId of [
    '..',
    '.',
    '%2e%2e',
    '..%2f..%2fsigning.key',
    '%00',
    'a%00',
    'a\\b',
    '%5c',
    'a%2fb',
    '%252f',
    'é',
    'x'.repeat(256),
  ])
    for (const server of ['localhost', 'other.example', 'a%2fb', '..', '%2e%2e', 'a b'])
      for (const path of ['client/v1/media/download', 'media/v3/download']) {
        const response = await fetch(`${node.address}/_matrix/${path}/${server}/${mediaId}`, {
          headers: { authorization: `Bearer ${ada.token}` },
        })
        expect([400, 404], `${path} ${server} ${mediaId}`).toContain(response.status)
        await response.body?.cancel()
      }
})
