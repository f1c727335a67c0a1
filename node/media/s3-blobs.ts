import { openAsBlob } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { S3mini } from 's3mini'
import type { Config } from '#node/config.ts'
import type { BlobStore } from './blob-store.ts'

/** S3 takes parts of 5 MiB and more, and up to 10,000 of them: with these a file may have 80 GiB. Four are under way at a time. */
const partBytes = 8 * 1024 * 1024

/**
 * Objects in a bucket of any service that speaks S3. Whoever runs the node has chosen the address, so it may be one in the own network,
 * which calls on behalf of users never reach.
 */
export function s3Blobs(config: Pick<Config, 's3Url' | 's3Region' | 's3AccessKeyId' | 's3SecretAccessKey'>): BlobStore {
  const bucket = new S3mini({
    endpoint: config.s3Url!.replace(/\/$/, ''),
    region: config.s3Region,
    accessKeyId: config.s3AccessKeyId!,
    secretAccessKey: config.s3SecretAccessKey!,
    minPartSize: partBytes,
  })
  const keyOf = (sha256: string) => `${sha256.slice(0, 2)}/${sha256.slice(2)}`
  return {
    async put({ path, sha256, sizeBytes }) {
      const key = keyOf(sha256)
      const isThere = (await bucket.objectExists(key)) && (await bucket.getContentLength(key)) === sizeBytes
      if (!isThere) await bucket.putAnyObject(key, await openAsBlob(path))
      await rm(path, { force: true })
    },
    async open(sha256, { from, to }) {
      const response = await bucket.getObjectRaw(keyOf(sha256), false, from, to + 1)
      return Readable.fromWeb(response.body as ReadableStream)
    },
    async remove(sha256) {
      await bucket.deleteObject(keyOf(sha256))
    },
  }
}
