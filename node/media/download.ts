import type { MediaAddress } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { FileAnswer } from '#node/http/route.ts'
import { blobsOf } from './blob-store.ts'
import { cleanFilename, fileHeaders } from './file-headers.ts'
import { findMedia, type Patience } from './find-media.ts'

/** A file as it is sent to a client, under its own name or another. */
export async function download(
  deps: Deps,
  address: MediaAddress,
  patience: Patience,
  otherName?: string,
): Promise<FileAnswer> {
  const { sha256, sizeBytes, contentType, filename } = await findMedia(deps, address, patience)
  return new FileAnswer({
    headers: fileHeaders(contentType, cleanFilename(otherName) ?? filename),
    sizeBytes,
    etag: `"${sha256}"`,
    open: (range) => blobsOf(deps).open(sha256, range),
  })
}
