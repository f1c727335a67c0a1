import { forbidden, invalidParam, notFound } from '#spec/errors.ts'
import { serverOf, type UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { announceRevoked } from '../revoked.ts'
import { noteRestriction, type Restriction } from './account-status.ts'
import * as store from './store.ts'

/** Whether a user is locked or suspended. Only administrators come here. */
export async function readRestriction(deps: Deps, userId: UserId, restriction: Restriction): Promise<boolean> {
  const standing = await findStanding(deps, userId)
  return restriction === 'locked' ? standing.isLocked : standing.isSuspended
}

/**
 * Locks, suspends, or lifts that. Tokens live on, so that nobody loses keys; open streams of a locked user are closed, and the next request
 * is refused.
 */
export async function restrict(
  deps: Deps,
  by: UserId,
  { userId, restriction, isOn }: { userId: UserId; restriction: Restriction; isOn: boolean },
): Promise<void> {
  if (userId === by) throw forbidden('Nobody can do this to themselves.')
  await findStanding(deps, userId)
  const at = isOn ? deps.clock.now() : null
  const set = restriction === 'locked' ? store.setLocked : store.setSuspended
  await transaction(deps.sql, async (tx) => {
    if (!(await set(tx, userId, at))) throw notFound('There is no such user.')
    const tokenHashes = restriction === 'locked' && isOn ? await store.readAccessHashes(tx, userId) : []
    tx.after(() => {
      noteRestriction(deps, userId, restriction, isOn)
      if (tokenHashes.length > 0) announceRevoked(deps, { userId, tokenHashes, deviceIds: [] })
    })
  })
}

async function findStanding(deps: Deps, userId: UserId) {
  if (serverOf(userId) !== deps.config.serverName) throw invalidParam('This is a user of another server.')
  const standing = await store.readStanding(deps.sql, userId)
  if (standing === undefined) throw notFound('There is no such user.')
  if (standing.isAdmin) throw forbidden('This user is an administrator, too.')
  return standing
}
