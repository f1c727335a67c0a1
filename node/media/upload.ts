import { forbidden, limitExceeded, MatrixError, notFound } from '#spec/errors.ts'
import type { MediaAddress, UserId } from '#spec/ids.ts'
import { transaction, type Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Upload } from '#node/http/route.ts'
import { announceArrival } from './awaited.ts'
import { cleanFilename, cleanType } from './file-headers.ts'
import { keepBlob } from './keep-blob.ts'
import { newAddress } from './new-address.ts'
import { checkQuota, oneOfFew } from './quota.ts'
import { spool } from './spool.ts'
import * as store from './store.ts'

/** How long an address waits for its file. */
export const awaitedMs = 86_400_000
/** Bridges make many addresses at once; a person's client makes a few. */
export const maxAwaited = 100

/** Stores a file under a new address: when this resolves, bytes and address are on disk. */
export async function uploadFile(deps: Deps, userId: UserId, upload: Upload, filename?: string): Promise<MediaAddress> {
  const address = newAddress(deps)
  await receiveFile(deps, userId, upload, filename, async (tx, file, now) => {
    await store.insertMedia(tx, address, file, { userId, now })
  })
  return address
}

/** Makes an address whose file is still to come. Throws M_LIMIT_EXCEEDED. */
export async function announceFile(deps: Deps, userId: UserId): Promise<{ address: MediaAddress; expiresAt: number }> {
  const address = newAddress(deps)
  const now = deps.clock.now()
  const expiresAt = now + awaitedMs
  await transaction(deps.sql, async (tx) => {
    await store.lockUsage(tx, userId)
    const { count, until } = await store.readAwaited(tx, userId, now)
    if (count >= maxAwaited) throw limitExceeded(until - now)
    await store.insertAwaited(tx, address, { userId, now, expiresAt })
  })
  return { address, expiresAt }
}

/** Stores the file of an address that `announceFile` has made. */
export async function uploadTo(
  deps: Deps,
  userId: UserId,
  address: MediaAddress,
  upload: Upload,
  filename?: string,
): Promise<void> {
  const awaited = address.server === deps.config.serverName ? await store.readMedia(deps.sql, address) : undefined
  if (awaited === undefined) throw notFound('There is no such address, or it has expired.')
  if (awaited.userId !== userId) throw forbidden('This address belongs to another user.')
  if (awaited.sha256 !== null) throw hasFile()
  if (awaited.expiresAt! <= deps.clock.now()) throw notFound('There is no such address, or it has expired.')
  await receiveFile(deps, userId, upload, filename, async (tx, file, now) => {
    if (!(await store.fillMedia(tx, address, file, now))) throw hasFile()
  })
  announceArrival(deps, address)
}

const hasFile = () => new MatrixError('M_CANNOT_OVERWRITE_MEDIA', 'This address has its file already.')

/**
 * 1. The bytes come to disk, in a file of no name, and are counted and hashed on the way.
 * 2. They are put where they belong.
 * 3. One transaction checks the user's share and says whose they are.
 */
async function receiveFile(
  deps: Deps,
  userId: UserId,
  upload: Upload,
  filename: string | undefined,
  claim: (tx: Tx, file: store.StoredFile, now: number) => Promise<void>,
): Promise<void> {
  await checkQuota(deps, deps.sql, userId, upload.sizeBytes ?? 0)
  const contentType = cleanType(upload.contentType)
  await oneOfFew(deps, userId, () =>
    spool(deps, upload.read(deps.config.maxUploadBytes), async (spooled) => {
      await keepBlob(deps, spooled)
      const { sha256, sizeBytes } = spooled
      await transaction(deps.sql, async (tx) => {
        await store.lockUsage(tx, userId)
        await checkQuota(deps, tx, userId, sizeBytes)
        await claim(tx, { sha256, sizeBytes, contentType, filename: cleanFilename(filename) }, deps.clock.now())
      })
    }),
  )
}
