import sharp, { type Sharp } from 'sharp'
import { systemClock } from '#node/deps.ts'
import type { DrawJob, Drawn } from './thumbnail-variant.ts'

/*
 * The module of a side process: it decodes pictures that strangers made. Of all that libvips can read, four formats are left.
 */

sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp', 'VipsForeignLoadNsgif'],
})
sharp.cache(false)
sharp.concurrency(1)

/** Of a picture, or of all frames of a moving one together. */
const maxPixels = 32_000_000
const maxMemoryBytes = 256 * 1024 * 1024
const watchMs = 20

function watchMemory(): void {
  if (process.memoryUsage.rss() > maxMemoryBytes) process.exit(1)
  systemClock.after(watchMs, watchMemory)
}

async function draw(job: DrawJob): Promise<Drawn> {
  const { path } = job
  const options = { limitInputPixels: maxPixels, failOn: 'error' as const }
  const found = await sharp(path, { ...options, limitInputPixels: false, pages: -1 }).metadata()
  const frames = found.pages ?? 1
  const frameHeight = found.pageHeight ?? found.height
  if (found.width * frameHeight > maxPixels) return { problem: 'too large' }
  const [shownWidth, shownHeight] =
    (found.orientation ?? 1) >= 5 ? [frameHeight, found.width] : [found.width, frameHeight]
  if ('measure' in job) return { width: shownWidth, height: shownHeight }
  const { method, width, height, animated } = job
  const moves = frames > 1 && animated && found.width * frameHeight * frames <= maxPixels
  const isSmall = shownWidth <= width && shownHeight <= height
  if (isSmall && (frames === 1 || moves)) return { original: true }
  const picture = sharp(path, { ...options, pages: moves ? -1 : 1 })
    .autoOrient()
    .resize({ width, height, fit: method === 'crop' ? 'cover' : 'inside', withoutEnlargement: true })
    .timeout({ seconds: 5 })
  if (moves) return written(picture.webp({ quality: 75, effort: 2 }), 'image/webp')
  if (found.hasAlpha) return written(picture.png({ compressionLevel: 7 }), 'image/png')
  return written(picture.jpeg({ quality: 80, mozjpeg: false }), 'image/jpeg')
}

async function written(picture: Sharp, contentType: string): Promise<Drawn> {
  const { data, info } = await picture.toBuffer({ resolveWithObject: true })
  return { bytes: data, contentType, width: info.width, height: info.pageHeight ?? info.height }
}

/** sharp has no codes: what is larger than allowed it says in words. */
const problemOf = (error: unknown): Drawn => ({
  problem: error instanceof Error && /exceeds pixel limit/i.test(error.message) ? 'too large' : 'unreadable',
})

process.on('message', (job: DrawJob) => {
  void draw(job)
    .catch(problemOf)
    .then((drawn) => process.send!(drawn))
})
watchMemory()
process.send!('ready')
