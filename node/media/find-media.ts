import { defaultUploadWaitMs, maxUploadWaitMs } from '#spec/api/client/media.ts'
import { MatrixError, notFound } from '#spec/errors.ts'
import type { MediaAddress } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { arrivalOf } from './awaited.ts'
import * as store from './store.ts'

/** A file that may be seen. */
export type FoundMedia = store.MediaRow & { readonly sha256: string }

/** How long to wait for a file that is announced, and who waits. */
export interface Patience {
  readonly timeoutMs: number | undefined
  readonly signal: AbortSignal
}

/** The file of an address. Throws M_NOT_FOUND, also for what may not be seen; M_NOT_YET_UPLOADED for what does not come in time. */
export async function findMedia(
  deps: Deps,
  address: MediaAddress,
  { timeoutMs = defaultUploadWaitMs, signal }: Patience,
): Promise<FoundMedia> {
  const found = await look(deps, address)
  if (found.sha256 !== null) return found as FoundMedia
  const wait = arrivalOf(deps, address, Math.min(timeoutMs, maxUploadWaitMs), signal)
  try {
    // It may have come between the first look and the wait.
    const again = await look(deps, address)
    if (again.sha256 !== null) return again as FoundMedia
    if (timeoutMs > 0) await wait.arrived
  } finally {
    wait.end()
  }
  const late = await look(deps, address)
  if (late.sha256 !== null) return late as FoundMedia
  throw new MatrixError('M_NOT_YET_UPLOADED', 'This file is announced, and has not been uploaded yet.')
}

async function look(deps: Deps, address: MediaAddress): Promise<store.MediaRow> {
  const row = await store.readMedia(deps.sql, address)
  const hasExpired = row?.sha256 === null && row.expiresAt! <= deps.clock.now()
  if (row === undefined || row.isQuarantined || hasExpired) throw notFound('There is no such file.')
  return row
}
