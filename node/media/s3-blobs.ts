import { openAsBlob } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { Logger } from 'pino'
import { S3mini } from 's3mini'
import { MatrixError } from '#spec/errors.ts'
import type { Config } from '#node/config.ts'
import type { BlobStore } from './blob-store.ts'

/** S3 takes parts of 5 MiB and more, and up to 10,000 of them: with these a file may have 80 GiB. Four are under way at a time. */
const partBytes = 8 * 1024 * 1024

/**
 * Objects in a bucket of any service that speaks S3. Whoever runs the node has chosen the address, so it may be one in the own network,
 * which calls on behalf of users never reach.
 */
export function s3Blobs(
  config: Pick<Config, 's3Url' | 's3Region' | 's3AccessKeyId' | 's3SecretAccessKey'>,
  log: Logger,
): BlobStore {
  const bucket = new S3mini({
    endpoint: config.s3Url!.replace(/\/$/, ''),
    region: config.s3Region,
    accessKeyId: config.s3AccessKeyId!,
    secretAccessKey: config.s3SecretAccessKey!,
    minPartSize: partBytes,
  })
  const keyOf = (sha256: string) => `${sha256.slice(0, 2)}/${sha256.slice(2)}`
  const asking = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call()
    } catch (error) {
      log.warn({ err: error }, 'bucket failed')
      throw unavailable(error)
    }
  }
  return {
    put: ({ path, sha256, sizeBytes }) =>
      asking(async () => {
        const key = keyOf(sha256)
        const isThere = (await bucket.objectExists(key)) && (await bucket.getContentLength(key)) === sizeBytes
        if (!isThere) await bucket.putAnyObject(key, await openAsBlob(path))
        await rm(path, { force: true })
      }),
    open: (sha256, { from, to }) =>
      asking(async () => {
        const response = await bucket.getObjectRaw(keyOf(sha256), false, from, to + 1)
        return Readable.fromWeb(response.body as ReadableStream)
      }),
    remove: (sha256) =>
      asking(async () => {
        await bucket.deleteObject(keyOf(sha256))
      }),
  }
}

const unavailable = (cause: unknown) =>
  new MatrixError('M_UNKNOWN', 'The store of files is not available at the moment. Please try again.', {
    status: 503,
    cause,
  })
