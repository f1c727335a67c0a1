import type { MediaId } from '#spec/ids.ts'
import { MatrixError } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import { keepBlob } from './keep-blob.ts'
import { newAddress } from './new-address.ts'
import { pictureTypeOf } from './picture-type.ts'
import { spool } from './spool.ts'
import * as store from './store.ts'
import { drawersOf } from './thumbnail.ts'

/** A picture of a preview, kept as a file of this server that belongs to nobody. */
export interface KeptPicture {
  readonly mediaId: MediaId
  readonly contentType: string
  readonly sizeBytes: number
  readonly width: number
  readonly height: number
}

/** Keeps a picture that came from outside; nothing, where it is none that we decode. */
export async function keepPicture(deps: Deps, bytes: Buffer): Promise<KeptPicture | undefined> {
  const contentType = pictureTypeOf(bytes)
  if (contentType === undefined) return undefined
  return spool(deps, [bytes], async (spooled) => {
    const measured = await drawersOf(deps).run({ path: spooled.path, measure: true })
    if (!('width' in measured)) return undefined
    const address = newAddress(deps)
    const { sha256, sizeBytes } = spooled
    try {
      await keepBlob(deps, spooled)
    } catch (error) {
      // A picture that is forbidden here is no picture.
      if (error instanceof MatrixError && error.code === 'M_FORBIDDEN') return undefined
      throw error
    }
    const file = { sha256, sizeBytes, contentType, filename: null }
    await store.insertMedia(deps.sql, address, file, { userId: null, now: deps.clock.now() })
    const { width, height } = measured
    return { mediaId: address.mediaId, contentType, sizeBytes, width, height }
  })
}
