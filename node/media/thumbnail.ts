import { availableParallelism } from 'node:os'
import { limitExceeded, MatrixError } from '#spec/errors.ts'
import type { MediaAddress } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { FileAnswer } from '#node/http/route.ts'
import { blobsOf } from './blob-store.ts'
import { fileHeaders } from './file-headers.ts'
import { findMedia, type FoundMedia, type Patience } from './find-media.ts'
import { keepBlob } from './keep-blob.ts'
import { pictureTypeOf, signatureBytes } from './picture-type.ts'
import { SideError, SideProcesses } from './side-processes.ts'
import { spool } from './spool.ts'
import * as store from './store.ts'
import { variantFor, type DrawJob, type Drawn, type DrawProblem, type Variant } from './thumbnail-variant.ts'

/** No picture that is worth a thumbnail has more bytes. */
const maxPictureBytes = 64 * 1024 * 1024

export const drawersOf = perNode(
  ({ clock, log }) =>
    new SideProcesses<DrawJob, Drawn>(clock, log, {
      module: new URL('./draw-thumbnail.ts', import.meta.url),
      deadlineMs: 5_000,
      most: availableParallelism(),
      maxWaiting: 100,
      heapMb: 64,
    }),
)

/** What is being drawn, so that many who ask at once wait for one drawing. */
const underWayOf = perNode(() => new Map<string, Promise<store.ThumbnailRow>>())

/** A thumbnail as it is sent to a client: drawn when it is asked for first, and kept. Throws M_UNKNOWN, M_TOO_LARGE, and as `findMedia`. */
export async function thumbnail(
  deps: Deps,
  address: MediaAddress,
  asked: Variant,
  patience: Patience,
): Promise<FileAnswer> {
  const media = await findMedia(deps, address, patience)
  const variant = variantFor(asked)
  const row = (await store.readThumbnail(deps.sql, media.sha256, variant)) ?? (await drawOnce(deps, media, variant))
  const { sha256, contentType, sizeBytes } = row
  if (sha256 === null) throw problems[row.problem!]()
  return new FileAnswer({
    headers: fileHeaders(contentType, `thumbnail.${contentType.slice('image/'.length)}`),
    sizeBytes,
    etag: `"${sha256}"`,
    open: (range) => blobsOf(deps).open(sha256, range),
  })
}

const problems: Record<DrawProblem, () => MatrixError> = {
  'too large': () => new MatrixError('M_TOO_LARGE', 'This picture is too large for a thumbnail.'),
  unreadable: () => new MatrixError('M_UNKNOWN', 'There can be no thumbnail of this file.'),
}

function drawOnce(deps: Deps, media: FoundMedia, variant: Variant): Promise<store.ThumbnailRow> {
  const underWay = underWayOf(deps)
  const key = JSON.stringify([media.sha256, variant])
  const found = underWay.get(key)
  if (found) return found
  const drawing = drawAndKeep(deps, media, variant).finally(() => underWay.delete(key))
  underWay.set(key, drawing)
  return drawing
}

/** What cannot be drawn is noted too: whoever asks again costs nothing. */
async function drawAndKeep(deps: Deps, media: FoundMedia, variant: Variant): Promise<store.ThumbnailRow> {
  const contentType = await typeOf(deps, media)
  if (contentType === undefined) return { sha256: null, contentType: '', sizeBytes: 0, problem: 'unreadable' }
  const drawn = media.sizeBytes > maxPictureBytes ? tooLarge : await draw(deps, media, variant)
  const keep = async (row: store.ThumbnailRow) => {
    await transaction(deps.sql, (tx) => store.insertThumbnail(tx, media.sha256, variant, row))
    return row
  }
  if ('problem' in drawn) return keep({ sha256: null, contentType: '', sizeBytes: 0, problem: drawn.problem })
  if ('original' in drawn) return keep({ ...media, contentType, problem: null })
  if (!('bytes' in drawn)) throw new TypeError('A picture was measured rather than drawn.')
  return spool(deps, [drawn.bytes], async (spooled) => {
    await keepBlob(deps, spooled)
    return keep({ ...spooled, contentType: drawn.contentType, problem: null })
  })
}

const tooLarge: Drawn = { problem: 'too large' }

async function typeOf(deps: Deps, { sha256, sizeBytes }: FoundMedia) {
  if (sizeBytes < signatureBytes) return undefined
  const start = await blobsOf(deps).open(sha256, { from: 0, to: signatureBytes - 1 })
  return pictureTypeOf(Buffer.concat(await start.toArray()))
}

async function draw(deps: Deps, { sha256, sizeBytes }: FoundMedia, variant: Variant): Promise<Drawn> {
  const drawers = drawersOf(deps)
  try {
    const path = blobsOf(deps).pathOf?.(sha256)
    if (path !== undefined) return await drawers.run({ ...variant, path })
    const source = await blobsOf(deps).open(sha256, { from: 0, to: sizeBytes - 1 })
    return await spool(deps, source, (spooled) => drawers.run({ ...variant, path: spooled.path }))
  } catch (error) {
    if (!(error instanceof SideError)) throw error
    if (error.problem === 'busy') throw limitExceeded(1_000)
    deps.log.warn({ problem: error.problem, sha256 }, 'thumbnail not drawn')
    return { problem: 'unreadable' }
  }
}
