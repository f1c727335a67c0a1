import { forbidden } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import { blobsOf } from './blob-store.ts'
import type { Spooled } from './spool.ts'
import * as store from './store.ts'

/** Keeps bytes, to which something must refer within the hour, or they are swept away. */
export async function keepBlob(deps: Deps, spooled: Spooled): Promise<void> {
  const isForbidden = await store.touchBlob(deps.sql, spooled.sha256, spooled.sizeBytes, deps.clock.now())
  if (isForbidden) throw forbidden('This file is not accepted by this server.')
  await blobsOf(deps).put(spooled)
}
