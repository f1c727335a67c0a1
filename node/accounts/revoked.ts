import type { DeviceId, UserId } from '#spec/ids.ts'
import { transaction, type Tx } from '#node/db/transaction.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { tellDeviceChange } from './device-changes.ts'
import { forgetUser } from './known-tokens.ts'

/** Sessions of one user that have ended. */
export interface Revoked {
  readonly userId: UserId
  /** SHA-256 of the access tokens that no longer hold, as `Identity.tokenHash` has it. */
  readonly tokenHashes: readonly string[]
  /** The devices that were deleted with them; empty where a device only changed its tokens. */
  readonly deviceIds: readonly DeviceId[]
}

type Listener = (revoked: Revoked) => void

const listenersOf = perNode(() => new Set<Listener>())

/** Calls `listener` as soon as sessions have ended, so that sockets which live on them are closed. The answer ends it. */
export function onRevoked(deps: Deps, listener: Listener): () => void {
  const listeners = listenersOf(deps)
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * Runs a transaction that may end sessions of a user; `ended` is to be told what it deletes. Afterwards no token of the user is known without
 * a look into the database, whatever became of the COMMIT, and whoever listens hears of what ended.
 */
export async function endingSessions<T>(
  deps: Deps,
  userId: UserId,
  work: (tx: Tx, ended: (what: Omit<Revoked, 'userId'>) => void) => Promise<T>,
): Promise<T> {
  try {
    return await transaction(deps.sql, async (tx) => {
      const deviceIds: DeviceId[] = []
      const result = await work(tx, (what) => {
        deviceIds.push(...what.deviceIds)
        if (what.tokenHashes.length > 0) tx.after(() => announceRevoked(deps, { userId, ...what }))
      })
      await tellDeviceChange(deps, tx, { userId, deviceIds, what: 'ended' })
      return result
    })
  } finally {
    forgetUser(deps, userId)
  }
}

/** Tells whoever listens that sessions no longer hold. */
export function announceRevoked(deps: Deps, revoked: Revoked): void {
  forgetUser(deps, revoked.userId)
  for (const listener of [...listenersOf(deps)]) listener(revoked)
}
