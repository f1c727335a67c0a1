import type { UserId } from '#spec/ids.ts'
import { transaction, type Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { readRoomsOf } from '#node/rooms/store.ts'
import { write } from '#node/stream/commit.ts'
import { deviceListKind } from './facts.ts'
import * as store from './store.ts'

type Change = store.ListChange & { readonly id: number }

/**
 * Runs a transaction that may change devices or keys; `changed` is to be told whose. What it changed is announced in the log afterwards, and
 * if the node ends in between, by the next start: whoever reads the announcement finds the change.
 */
export async function changingKeys<T>(
  deps: Deps,
  work: (tx: Tx, changed: (change: store.ListChange) => void) => Promise<T>,
): Promise<T> {
  const changes: store.ListChange[] = []
  const { result, noted } = await transaction(deps.sql, async (tx) => {
    const result = await work(tx, (change) => void changes.push(change))
    return { result, noted: await note(tx, changes) }
  })
  await announce(deps, noted)
  return result
}

async function note(tx: Tx, changes: readonly store.ListChange[]): Promise<Change[]> {
  if (changes.length === 0) return []
  const ids = await store.insertUnannounced(tx, changes)
  return changes.map((change, i) => ({ ...change, id: ids[i]! }))
}

/** Notes in a transaction of somebody else's that the devices of a user have changed; the log hears of it soon after COMMIT. */
export async function noteChange(deps: Deps, tx: Tx, userId: UserId): Promise<void> {
  const noted = await note(tx, [{ userId, seenBy: '' }])
  tx.after(() => {
    announce(deps, noted).catch((error: unknown) => deps.log.warn({ err: error }, 'device list change not announced'))
  })
}

/** Announces what a node that ended has left. */
export const announceRest = async (deps: Deps): Promise<void> => announce(deps, await store.readUnannounced(deps.sql))

async function announce(deps: Deps, changes: readonly Change[]): Promise<void> {
  const roomsOf = async ({ userId, seenBy }: Change) =>
    seenBy === '' ? (await readRoomsOf(deps.sql, userId, 'join')).map((row) => row.roomId) : []
  const writes = await Promise.all(
    changes.map(async (change) => write(deviceListKind, { ...change, rooms: await roomsOf(change) })),
  )
  if (writes.length > 0) await deps.stream.append(writes)
}
