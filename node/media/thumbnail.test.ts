import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as api from '#spec/api/client/media.ts'
import { addPerson, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { pictureTypeOf } from './picture-type.ts'
import { callMedia, download, paramsOf, refusalIn, serveMedia, upload } from './testing/media-caller.ts'
import { moving, picture, pngOf, profileChunk } from './testing/pictures.ts'
import { s3Key, s3Server } from './testing/s3-server.ts'
import { variantFor } from './thumbnail-variant.ts'

let node: ServedSlices
let ada: Person
beforeAll(async () => {
  node = await serveMedia({ HEARTH_LOG_LEVEL: 'silent' })
  ada = await addPerson(node, 'ada')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const thumbnailOf = (uri: string, query: Record<string, string>, at = node, who = ada) =>
  callMedia(at, api.getThumbnail, { who, params: paramsOf(uri), query })

/** What a thumbnail is, in its own words. */
async function seen(response: Response) {
  expect(response.status).toBe(200)
  const bytes = Buffer.from(await response.arrayBuffer())
  const { width, height, pages = 1, pageHeight = height } = await sharp(bytes, { pages: -1 }).metadata()
  expect(response.headers.get('content-type')).toBe(pictureTypeOf(bytes))
  return { bytes, width, height: pageHeight, pages, type: response.headers.get('content-type') }
}
const size = (width: number, height: number, more: Record<string, string> = {}) => ({
  width: String(width),
  height: String(height),
  ...more,
})

describe('a thumbnail', () => {
  let wide: string
  beforeAll(async () => {
    wide = await upload(node, ada, await picture(2_000, 1_000).jpeg().toBuffer(), { type: 'image/jpeg' })
  })

  test.each([
    ['scale', 320, 240, 320, 160],
    ['scale', 300, 100, 320, 160],
    ['scale', 640, 480, 640, 320],
    ['scale', 800, 600, 800, 400],
    ['scale', 801, 1, 1_600, 800],
    ['crop', 32, 32, 32, 32],
    ['crop', 96, 96, 96, 96],
    ['crop', 80, 80, 96, 96],
    ['crop', 100, 50, 128, 64],
  ])('by %s of %i x %i has %i x %i pixels', async (method, width, height, drawnWidth, drawnHeight) => {
    const found = await seen(await thumbnailOf(wide, size(width, height, { method })))
    expect(found).toMatchObject({ width: drawnWidth, height: drawnHeight, pages: 1, type: 'image/jpeg' })
  })

  test('is scaled where nothing is said', async () => {
    expect(await seen(await thumbnailOf(wide, size(320, 240)))).toMatchObject({ width: 320, height: 160 })
  })

  test('is sent as every file, to be looked at', async () => {
    const { headers } = await thumbnailOf(wide, size(32, 32, { method: 'crop' }))
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-disposition': 'inline; filename="thumbnail.jpeg"',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
    })
    expect(headers.get('content-security-policy')).toMatch(/^sandbox;/)
  })

  test('is drawn once, however many ask for it', async () => {
    const uri = await upload(node, ada, await picture(500, 501).png().toBuffer(), { type: 'image/png' })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => thumbnailOf(uri, size(96, 96, { method: 'crop' }))),
    )
    const etags = new Set(answers.map(({ headers }) => headers.get('etag')))
    expect([etags.size, answers.every(({ status }) => status === 200)]).toEqual([1, true])
    const before = await node.deps.sql`select 1 from media_thumbnails`
    await seen(await thumbnailOf(uri, size(95, 95, { method: 'crop' })))
    expect(await node.deps.sql`select 1 from media_thumbnails`).toHaveLength(before.length)
  })

  test('keeps what can be seen through', async () => {
    const uri = await upload(node, ada, await picture(500, 500, { alpha: 0.5 }).webp().toBuffer(), {
      type: 'image/webp',
    })
    const { bytes, type } = await seen(await thumbnailOf(uri, size(96, 96, { method: 'crop' })))
    expect([type, (await sharp(bytes).stats()).isOpaque]).toEqual(['image/png', false])
  })

  test('stands upright, and tells nothing of where it was taken', async () => {
    const taken = { IFD0: { Copyright: 'Ada of the Garden Street' }, IFD3: { GPSLatitude: '51/1 0/1 0/1' } }
    const turned = picture(1_000, 500).jpeg().withExif(taken).withMetadata({ orientation: 6 })
    const content = await turned.withExifMerge(taken).toBuffer()
    expect(content.includes('Garden Street')).toBe(true)
    const found = await seen(await thumbnailOf(await upload(node, ada, content), size(320, 240)))
    expect([found.width, found.height]).toEqual([120, 240])
    expect(found.bytes.includes('Garden Street')).toBe(false)
    expect((await sharp(found.bytes).metadata()).exif).toBeUndefined()
  })

  test('of a small picture is the picture', async () => {
    const content = await picture(40, 30).png().toBuffer()
    const uri = await upload(node, ada, content, { type: 'text/html' })
    for (const query of [size(800, 600), size(96, 96, { method: 'crop' })]) {
      const found = await seen(await thumbnailOf(uri, query))
      expect([found.bytes.equals(content), found.type]).toEqual([true, 'image/png'])
    }
    const narrow = await upload(node, ada, await picture(1_000, 20).png().toBuffer())
    expect(await seen(await thumbnailOf(narrow, size(96, 96, { method: 'crop' })))).toMatchObject({
      width: 96,
      height: 20,
    })
  })

  test.each(['gif', 'webp'] as const)('of a moving %s moves only if that is asked', async (format) => {
    const uri = await upload(node, ada, await moving(400, 300, 5, format))
    for (const more of [{}, { animated: 'false' }])
      expect(await seen(await thumbnailOf(uri, size(320, 240, more)))).toMatchObject({
        width: 320,
        height: 240,
        pages: 1,
      })
    const found = await seen(await thumbnailOf(uri, size(320, 240, { animated: 'true' })))
    expect(found).toMatchObject({ width: 320, height: 240, pages: 5, type: 'image/webp' })
  })

  test('of a small moving picture stands still, too', async () => {
    const content = await moving(40, 30, 3)
    const uri = await upload(node, ada, content)
    expect(await seen(await thumbnailOf(uri, size(96, 96)))).toMatchObject({ width: 40, height: 30, pages: 1 })
    expect((await seen(await thumbnailOf(uri, size(96, 96, { animated: 'true' })))).bytes.equals(content)).toBe(true)
  })
})

test('however often somebody asks, there are few variants, and none is smaller than asked', () => {
  const variants = new Set<string>()
  for (let width = 1; width <= 2_048; width += 13)
    for (let height = 1; height <= 2_048; height += 17)
      for (const method of ['crop', 'scale'] as const) {
        const drawn = variantFor({ method, width, height, animated: false })
        expect(drawn.width >= width && drawn.height >= height).toBe(true)
        variants.add(JSON.stringify(drawn))
      }
  expect(variants.size).toBeLessThan(130)
  expect(variantFor({ method: 'crop', width: 9_999, height: 9_999, animated: false })).toMatchObject({ width: 2_048 })
})

const none = '400 M_UNKNOWN'
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"><image href="file:///etc/passwd"/></svg>'
const pdf = '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>'

describe('there is no thumbnail of', () => {
  test.each<[string, string | Buffer | (() => Promise<Buffer>), string]>([
    ['a text', 'hello', none],
    ['nothing', '', none],
    ['a drawing that is a program', svg, none],
    ['a document', pdf, none],
    ['a TIFF', () => picture(100, 100).tiff().toBuffer(), none],
    ['an AVIF', () => picture(100, 100).avif({ effort: 0 }).toBuffer(), none],
    ['a BMP', Buffer.concat([Buffer.from('BM'), Buffer.alloc(100)]), none],
    ['a PPM', `P6 9 9 255 ${'x'.repeat(300)}`, none],
    ['a picture that breaks off', async () => (await picture(900, 900).png().toBuffer()).subarray(0, 700), none],
    ['a drawing behind the first bytes of a GIF', `GIF89a${svg}`, none],
    ['a drawing behind the first bytes of a PNG', Buffer.concat([pngOf(1, 1).subarray(0, 8), Buffer.from(svg)]), none],
    ['a page behind the first bytes of a JPEG', Buffer.from('\xff\xd8\xff\xe0<html><script>', 'latin1'), none],
    ['50,000 x 50,000 pixels', pngOf(50_000, 50_000), '413 M_TOO_LARGE'],
    ['50,000 x 50,000 pixels that are there', pngOf(50_000, 50_000, { rows: 50_000 }), '413 M_TOO_LARGE'],
    ['more pixels than there are numbers', pngOf(2_147_483_647, 2_147_483_647), none],
    ['no pixels', pngOf(0, 0), none],
  ])('%s', async (_, made, expected) => {
    const content = typeof made === 'function' ? await made() : made
    const uri = await upload(node, ada, content, { type: 'image/png' })
    for (let time = 0; time < 2; time++)
      expect(await refusalIn(await thumbnailOf(uri, size(96, 96, { animated: 'true' })))).toBe(expected)
    // The file itself is there, as it was sent.
    expect(Buffer.from(await (await download(node, ada, uri)).arrayBuffer()).equals(Buffer.from(content))).toBe(true)
  })

  test('what was too large once: that is known', async () => {
    await thumbnailOf(await upload(node, ada, pngOf(40_000, 40_000)), size(96, 96))
    const rows = await node.deps.sql`
      select t.problem from media_thumbnails t join media m on m.sha256 = t.source_sha256 order by m.created_at desc limit 1`
    expect(rows).toEqual([{ problem: 'too large' }])
  })
})

test('ten thousand frames are drawn as one', async () => {
  const uri = await upload(node, ada, await moving(100, 100, 10_000))
  const found = await seen(await thumbnailOf(uri, size(96, 96, { animated: 'true', method: 'crop' })))
  expect(found).toMatchObject({ width: 96, height: 96, pages: 1 })
})

test('a profile of colours that unpacks without end hurts nobody', async () => {
  const bomb = pngOf(500, 500, { rows: 500, more: [profileChunk(300 * 1024 * 1024)] })
  const response = await thumbnailOf(await upload(node, ada, bomb), size(96, 96))
  expect([200, 400]).toContain(response.status)
  await response.arrayBuffer()
  const good = await upload(node, ada, await picture(300, 300).png().toBuffer())
  await seen(await thumbnailOf(good, size(96, 96)))
})

test('nothing is drawn of what may not be seen', async () => {
  const uri = await upload(node, ada, await picture(333, 333).png().toBuffer())
  await seen(await thumbnailOf(uri, size(96, 96)))
  const stranger = { ...ada, token: 'x' }
  expect(await refusalIn(await thumbnailOf(uri, size(96, 96), node, stranger))).toBe('401 M_UNKNOWN_TOKEN')
  await node.deps.sql`
    update media_blobs b set quarantined_at = 1 from media m where m.sha256 = b.sha256 and m.media_id = ${paramsOf(uri)['mediaId']!}`
  expect(await refusalIn(await thumbnailOf(uri, size(96, 96)))).toBe('404 M_NOT_FOUND')
  expect(await refusalIn(await thumbnailOf('mxc://other.example/a', size(96, 96)))).toBe('404 M_NOT_FOUND')
  const frozen = await callMedia(node, api.getThumbnailUnauthenticated, { params: paramsOf(uri), query: size(96, 96) })
  expect(await refusalIn(frozen)).toBe('404 M_NOT_FOUND')
})

test.each([
  size(0, 96),
  size(-1, 96),
  size(9, 1.5),
  { width: '96' },
  {},
  size(96, 96, { method: 'stretch' }),
  size(9, 9, { animated: 'x' }),
])('what is asked must make sense: %j', async (query) => {
  const uri = await upload(node, ada, 'x')
  expect(await refusalIn(await thumbnailOf(uri, query as Record<string, string>))).toMatch(
    /^400 M_(INVALID|MISSING)_PARAM$/,
  )
})

test('pictures in a bucket are drawn, too', async () => {
  const s3 = await s3Server()
  const other = await serveMedia({
    HEARTH_S3_URL: s3.url,
    HEARTH_S3_REGION: s3Key.region,
    HEARTH_S3_ACCESS_KEY_ID: s3Key.id,
    HEARTH_S3_SECRET_ACCESS_KEY: s3Key.secret,
  })
  const ben = await addPerson(other, 'ben')
  const uri = await upload(other, ben, await picture(500, 400).png().toBuffer())
  expect(await seen(await thumbnailOf(uri, size(320, 240), other, ben))).toMatchObject({ width: 300, height: 240 })
  await other.stop()
  await other.database.drop()
  s3.stop()
})
