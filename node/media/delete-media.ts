import { serverName, type EventId, type MediaAddress } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { enqueue, enqueueAlone } from '#node/jobs/enqueue.ts'
import { jobKind } from '#node/jobs/job-kind.ts'
import { blobsOf } from './blob-store.ts'
import * as store from './store.ts'

const hourMs = 3_600_000
/** Whoever stores bytes says at last within this time what refers to them. */
const graceMs = 6 * hourMs
/** What is announced and never comes is remembered a day longer than it may come. */
const expiredKeptMs = 24 * hourMs

/** Removes what nobody refers to any longer, every hour. */
export const sweep = jobKind('media.sweep', async (deps) => {
  const now = deps.clock.now()
  await store.deleteExpired(deps.sql, now - expiredKeptMs)
  await forgetPreviews(deps)
  for (const sha256 of await store.readUnreferenced(deps.sql, now - graceMs))
    await removeBlob(deps, sha256, now - graceMs)
  return { againAt: now + hourMs }
})

export const startSweeping = (deps: Deps): Promise<void> => enqueueAlone(deps, sweep, {}, { key: 'sweep' })

/**
 * The bytes go while their row is locked: whoever stores the same ones again waits for that, then finds no row, and puts them there anew.
 * If the node is killed in between, the row is still there, and they go the next time.
 */
async function removeBlob(deps: Deps, sha256: string, before: number): Promise<void> {
  await transaction(deps.sql, async (tx) => {
    if (await store.deleteBlob(tx, sha256, before)) await blobsOf(deps).remove(sha256)
  })
}

async function forgetPreviews(deps: Deps): Promise<void> {
  const server = serverName.parse(deps.config.serverName)
  await store.deletePreviewsBefore(deps.sql, server, deps.clock.now())
}

/** Deletes a file at once, whatever refers to it; its bytes go with the last file that has them. False: there is none. */
export async function deleteMedia(deps: Deps, address: MediaAddress): Promise<boolean> {
  return transaction(deps.sql, async (tx) => {
    const isGone = await store.deleteMedia(tx, address)
    if (isGone) await enqueue(deps, tx, sweep, {}, { key: 'sweep' })
    return isGone
  })
}

/** After a redaction: the files that its target showed as its own go, if its sender had uploaded them and nothing else names them. */
export const afterRedaction = jobKind<{ eventId: EventId }>('media.redacted', async (deps, { eventId }) => {
  await transaction(deps.sql, async (tx) => {
    const sender = await store.readRedactedSender(tx, eventId)
    if (sender === undefined) return
    const own = await store.deleteReferences(tx, eventId)
    const server = serverName.parse(deps.config.serverName)
    const gone = await store.deleteUnnamed(tx, server, sender, own)
    if (gone > 0) await enqueue(deps, tx, sweep, {}, { key: 'sweep' })
  })
})
