import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as api from '#spec/api/client/media.ts'
import { addPerson, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { callMedia, download, refusalIn, serveMedia, upload } from './testing/media-caller.ts'
import { blobsOf } from './blob-store.ts'
import { s3Key, s3Server, type S3Server } from './testing/s3-server.ts'

let s3: S3Server
let node: ServedSlices
let ada: Person
beforeAll(async () => {
  s3 = await s3Server()
  node = await serveMedia({
    HEARTH_LOG_LEVEL: 'silent',
    HEARTH_S3_URL: s3.url,
    HEARTH_S3_REGION: s3Key.region,
    HEARTH_S3_ACCESS_KEY_ID: s3Key.id,
    HEARTH_S3_SECRET_ACCESS_KEY: s3Key.secret,
  })
  ada = await addPerson(node, 'ada')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
  s3.stop()
})

const hashOf = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
const keyOf = (bytes: Uint8Array | string) => `${hashOf(bytes).slice(0, 2)}/${hashOf(bytes).slice(2)}`
const bytesOf = async (response: Promise<Response>) => Buffer.from(await (await response).arrayBuffer())

test('a file goes into the bucket, whole or in part it comes back, and nothing stays here', async () => {
  const content = randomBytes(100_000)
  const uri = await upload(node, ada, content)
  expect(s3.objects.get(keyOf(content))?.equals(content)).toBe(true)
  expect((await bytesOf(download(node, ada, uri))).equals(content)).toBe(true)
  const part = await download(node, ada, uri, { headers: { range: 'bytes=1000-1999' } })
  expect(part.status).toBe(206)
  expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(1_000, 2_000))).toBe(true)
  const folder = join(node.deps.config.dataDir, 'media')
  expect(await readdir(folder)).toEqual(['incoming'])
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
})

test('a large file goes in parts', async () => {
  const content = randomBytes(20 * 1024 * 1024)
  s3.calls.length = 0
  const uri = await upload(node, ada, content)
  expect(s3.calls.filter((call) => call === 'PUT part')).toHaveLength(3)
  expect((await bytesOf(download(node, ada, uri))).equals(content)).toBe(true)
})

test('what the bucket has is not sent there again, unless it is not whole', async () => {
  const puts = () => s3.calls.filter((call) => call.startsWith('PUT')).length
  await upload(node, ada, 'known')
  const before = puts()
  await upload(node, ada, 'known')
  expect(puts()).toBe(before)
  s3.objects.set(keyOf('known'), Buffer.from('kn'))
  const uri = await upload(node, ada, 'known')
  expect(String(await bytesOf(download(node, ada, uri)))).toBe('known')
})

test('while the bucket is ill nothing is acknowledged, and afterwards all goes on', async () => {
  const uri = await upload(node, ada, 'before')
  s3.fail()
  const refused = await callMedia(node, api.uploadMedia, { who: ada, body: 'meanwhile' })
  expect(await refusalIn(refused)).toBe('503 M_UNKNOWN')
  expect(await refusalIn(await download(node, ada, uri))).toBe('503 M_UNKNOWN')
  s3.recover()
  expect(await node.deps.sql`select 1 from media where size_bytes = 9`).toEqual([])
  expect(String(await bytesOf(download(node, ada, uri)))).toBe('before')
})

test('a bucket that does not know the key is not available either', async () => {
  const other = await serveMedia({
    HEARTH_LOG_LEVEL: 'silent',
    HEARTH_S3_URL: s3.url,
    HEARTH_S3_REGION: s3Key.region,
    HEARTH_S3_ACCESS_KEY_ID: s3Key.id,
    HEARTH_S3_SECRET_ACCESS_KEY: 'wrong',
  })
  const ben = await addPerson(other, 'ben')
  const refused = await callMedia(other, api.uploadMedia, { who: ben, body: 'x' })
  expect(await refusalIn(refused)).toBe('503 M_UNKNOWN')
  await other.stop()
  await other.database.drop()
})

test('bytes are removed, and removed again', async () => {
  await upload(node, ada, 'gone')
  for (let time = 0; time < 2; time++) await blobsOf(node.deps).remove(hashOf('gone'))
  expect(s3.objects.has(keyOf('gone'))).toBe(false)
})
