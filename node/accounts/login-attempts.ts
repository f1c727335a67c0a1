import { limitExceeded } from '#spec/errors.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { networkOf } from '#node/http/address.ts'
import { countFailure, deleteFailures, deleteOldFailures } from './store.ts'

/** So many wrong passwords for one account from one address within the window, then a pause. Another address is not held up. */
export const maxFailures = 10
export const failureWindowMs = 900_000

/**
 * Counts a try before it is made, so that tries made at the same time all count. Throws M_LIMIT_EXCEEDED beyond the tenth.
 * Kept in the database: a restart gives no new tries.
 */
export async function takeAttempt(deps: Deps, account: string, address: string): Promise<void> {
  if (!deps.config.rateLimits) return
  const now = deps.clock.now()
  const { failures, since } = await transaction(deps.sql, async (tx) => {
    await deleteOldFailures(tx, now - failureWindowMs)
    return countFailure(tx, { account, address: networkOf(address), now, window: failureWindowMs })
  })
  if (failures > maxFailures) throw limitExceeded(Math.max(1_000, since + failureWindowMs - now))
}

/** The right password was given: earlier mistakes no longer count. */
export async function forgetAttempts(deps: Deps, account: string, address: string): Promise<void> {
  if (!deps.config.rateLimits) return
  await transaction(deps.sql, (tx) => deleteFailures(tx, account, networkOf(address)))
}
