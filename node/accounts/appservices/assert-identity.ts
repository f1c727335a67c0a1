import { forbidden, invalidParam, MatrixError } from '#spec/errors.ts'
import { isUserId, type DeviceId, type UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { TokenSource } from '#node/http/identify.ts'
import type { Identity } from '#node/http/route.ts'
import { keepToken, knowledgeRevision, knownToken, type KnownToken } from '../known-tokens.ts'
import { accountIsActive, deviceExists } from '../store.ts'
import { mayActAs } from './appservices.ts'
import type { Appservice } from './registration.ts'

/**
 * Whom an application service that sent its own token acts as: itself, or the user that the query names.
 * Throws M_FORBIDDEN for a user who is not its own, or whom it has not registered; M_UNKNOWN_DEVICE.
 */
export async function assertIdentity(deps: Deps, appservice: Appservice, from: TokenSource): Promise<KnownToken> {
  const query = from.query?.() ?? {}
  const userId = userIn(query['user_id']) ?? appservice.sender
  const deviceId = deviceIn(query['device_id'] ?? query['org.matrix.msc3202.device_id'])
  const key = `${appservice.tokenHash} ${userId} ${deviceId}`
  const known = knownToken(deps, key)
  if (known !== undefined) return known
  const revision = knowledgeRevision(deps)
  await check(deps, appservice, userId, deviceId)
  const identity: Identity = {
    userId,
    deviceId,
    isAdmin: false,
    tokenHash: appservice.tokenHash,
    appservice: { id: appservice.id, isRateLimited: appservice.isRateLimited },
  }
  const asserted = { identity, expiresAt: null }
  keepToken(deps, key, asserted, revision)
  return asserted
}

async function check(deps: Deps, appservice: Appservice, userId: UserId, deviceId: DeviceId): Promise<void> {
  if (!mayActAs(appservice, userId)) throw forbidden('This user is not of this application service.')
  if (!(await accountIsActive(deps.sql, userId)))
    throw forbidden('The application service has not registered this user.')
  if (deviceId !== '' && !(await deviceExists(deps.sql, userId, deviceId)))
    throw new MatrixError('M_UNKNOWN_DEVICE', 'The user has no such device.')
}

function userIn(value: string | string[] | undefined): UserId | undefined {
  if (value === undefined) return undefined
  if (!isUserId(value)) throw invalidParam('user_id must be a user id.')
  return value
}

function deviceIn(value: string | string[] | undefined): DeviceId {
  if (value === undefined) return '' as DeviceId
  if (typeof value !== 'string' || value === '') throw invalidParam('device_id must be the name of a device.')
  return value as DeviceId
}
