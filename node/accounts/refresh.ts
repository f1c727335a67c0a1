import { MatrixError } from '#spec/errors.ts'
import type { DeviceId, UserId } from '#spec/ids.ts'
import type { Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { checkNotLocked } from './moderation/account-status.ts'
import { grantTokens, type Grant } from './open-session.ts'
import { endingSessions, type Revoked } from './revoked.ts'
import * as store from './store.ts'
import { hashToken } from './tokens.ts'

/** A client that never uses what it is given may ask this often before its oldest answers are forgotten. */
const maxUnusedPairs = 50

/**
 * Exchanges a refresh token for new tokens.
 *
 * An answer may get lost, so the old refresh token must live until the client has shown that the new tokens arrived: by using one of them.
 * Each exchange therefore adds a pair of tokens that counts as unused; the first use of any token of it (`confirmPair`) ends all other pairs of
 * the device. Every step holds the lock of the device's row, so that of pairs used at the same moment one survives.
 */
export async function refreshSession(deps: Deps, refreshToken: string): Promise<Grant> {
  const refreshHash = hashToken(refreshToken)
  const owner = await store.readDeviceOfRefresh(deps.sql, refreshHash)
  if (owner === undefined) throw await refusal(deps, refreshHash)
  const { userId, deviceId } = owner
  checkNotLocked(deps, userId)
  const grant = await endingSessions(deps, userId, async (tx, ended) => {
    await store.lockDevice(tx, userId, deviceId)
    const pair = await store.readPairByRefresh(tx, refreshHash)
    if (pair === undefined) return undefined
    if (!pair.isUsed) await useOnly(tx, { ...owner, accessHash: pair.accessHash }, ended)
    await store.deleteOldUnusedPairs(tx, userId, deviceId, maxUnusedPairs - 1)
    return grantTokens(deps, tx, { userId, deviceId, refreshable: true, replaced: refreshHash })
  })
  if (grant === undefined) throw await refusal(deps, refreshHash)
  return grant
}

interface PairName {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly accessHash: string
}

/** A token of this pair has been used for the first time: every other pair of the device ends. False if another pair was quicker. */
export function confirmPair(deps: Deps, pair: PairName): Promise<boolean> {
  return endingSessions(deps, pair.userId, async (tx, ended) => {
    await store.lockDevice(tx, pair.userId, pair.deviceId)
    return useOnly(tx, pair, ended)
  })
}

async function useOnly(tx: Tx, pair: PairName, ended: (what: Omit<Revoked, 'userId'>) => void): Promise<boolean> {
  if (!(await store.markPairUsed(tx, pair.accessHash))) return false
  const tokenHashes = await store.deletePairsOfDevice(tx, pair.userId, pair.deviceId, pair.accessHash)
  ended({ tokenHashes, deviceIds: [] })
  return true
}

/** A token that was exchanged a moment ago, by another tab perhaps, is no reason for a client to throw away its keys. */
async function refusal(deps: Deps, refreshHash: string): Promise<MatrixError> {
  const softLogout = await store.wasExchanged(deps.sql, refreshHash)
  return new MatrixError('M_UNKNOWN_TOKEN', 'This refresh token is not valid, or not any more.', {
    extra: softLogout ? { soft_logout: true } : {},
  })
}
