import { MatrixError } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { checkNotLocked } from './moderation/account-status.ts'
import { knownToken } from './known-tokens.ts'
import { onRevoked } from './revoked.ts'
import { deviceExists } from './store.ts'

/** Calls `listener` when the token that a call was made with no longer holds. The answer ends it. */
export const onSessionEnd = (deps: Deps, { tokenHash }: Identity, listener: () => void): (() => void) =>
  onRevoked(deps, ({ tokenHashes }) => {
    if (tokenHashes.includes(tokenHash)) listener()
  })

/**
 * For what waits on behalf of somebody: throws M_UNKNOWN_TOKEN if they have been logged out since they called, and M_USER_LOCKED. A device that
 * has only renewed its tokens is not logged out. Looks into the database only where the token is not known to hold.
 */
export async function checkSession(deps: Deps, { userId, deviceId, tokenHash, appservice }: Identity): Promise<void> {
  checkNotLocked(deps, userId)
  if (appservice !== undefined || knownToken(deps, tokenHash) !== undefined) return
  if (await deviceExists(deps.sql, userId, deviceId)) return
  throw new MatrixError('M_UNKNOWN_TOKEN', 'This login has ended. Please log in again.')
}
