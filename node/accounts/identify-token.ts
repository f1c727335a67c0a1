import { MatrixError } from '#spec/errors.ts'
import type { IdentifyToken } from '#node/http/identify.ts'
import { networkOf } from '#node/http/address.ts'
import { takeFromLimit } from '#node/http/limit.ts'
import type { Deps } from '#node/deps.ts'
import { checkNotLocked } from './moderation/account-status.ts'
import { appserviceOfToken } from './appservices/appservices.ts'
import { assertIdentity } from './appservices/assert-identity.ts'
import { confirmPair } from './refresh.ts'
import { keepToken, knowledgeRevision, knownToken, type KnownToken } from './known-tokens.ts'
import { noteSeen } from './last-seen.ts'
import { readTokenPair } from './store.ts'
import { hashToken, looksLikeAccessToken } from './tokens.ts'

/** Whose token this is. Throws M_UNKNOWN_TOKEN, with `soft_logout` for one that has only expired; M_USER_LOCKED. */
export const identifyToken: IdentifyToken = async (deps, token, from) => {
  const tokenHash = hashToken(token)
  const appservice = appserviceOfToken(deps, tokenHash)
  const known = appservice
    ? await assertIdentity(deps, appservice, from)
    : (knownToken(deps, tokenHash) ??
      (looksLikeAccessToken(token) ? await lookUp(deps, tokenHash, from.address) : undefined))
  if (known === undefined) throw new MatrixError('M_UNKNOWN_TOKEN', 'This login has ended. Please log in again.')
  if (known.expiresAt !== null && known.expiresAt <= deps.clock.now())
    throw new MatrixError('M_UNKNOWN_TOKEN', 'This access token has expired.', { extra: { soft_logout: true } })
  if (from.evenIfLocked !== true) checkNotLocked(deps, known.identity.userId)
  if (known.identity.deviceId !== '') noteSeen(deps, known.identity, from)
  return known.identity
}

async function lookUp(deps: Deps, tokenHash: string, address: string): Promise<KnownToken | undefined> {
  // Whoever tries tokens asks the database each time: so many an address, and no more.
  takeFromLimit(deps, 'read', `tokens of ${networkOf(address)}`)
  const revision = knowledgeRevision(deps)
  const pair = await readTokenPair(deps.sql, tokenHash)
  if (pair === undefined) return undefined
  const { userId, deviceId, isAdmin, expiresAt } = pair
  const known = { identity: { userId, deviceId, isAdmin, tokenHash }, expiresAt }
  if (pair.isUsed) {
    keepToken(deps, tokenHash, known, revision)
    return known
  }
  // An expired token is not used by being shown: the refresh token that it came from must live on.
  if (expiresAt !== null && expiresAt <= deps.clock.now()) return known
  return (await confirmPair(deps, pair)) ? known : undefined
}
