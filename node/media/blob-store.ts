import type { Readable } from 'node:stream'
import { perNode } from '#node/deps.ts'
import type { ByteRange } from '#node/http/route.ts'
import { diskBlobs } from './disk-blobs.ts'
import { s3Blobs } from './s3-blobs.ts'
import type { Spooled } from './spool.ts'

/** Where bytes are kept, by their SHA-256 in hexadecimal. No other text ever becomes a part of a path or a key. */
export interface BlobStore {
  /** Keeps what has been spooled: durably, once this resolves. The spool file may be gone then. */
  put(spooled: Spooled): Promise<void>
  open(sha256: string, range: ByteRange): Promise<Readable>
  /** Where the bytes lie as a file of this machine, if they do: to be read, not to be changed. */
  pathOf?(sha256: string): string
  /** Removes the bytes; does nothing where there are none. */
  remove(sha256: string): Promise<void>
}

export const blobsOf = perNode<BlobStore>(({ config, log }) =>
  config.s3Url === undefined ? diskBlobs(config) : s3Blobs(config, log),
)
