import type { DeviceId, UserId } from '#spec/ids.ts'
import type { Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { deletePairsOfDevice, insertDevice, insertPair, lockDevice } from './store.ts'
import { hashToken, newDeviceId, newToken } from './tokens.ts'

/** How long an access token lives that can be renewed. */
export const accessTokenLifeMs = 3_600_000

/** What a client asks of a new session. */
export interface SessionWish {
  readonly deviceId?: DeviceId | undefined
  readonly deviceName?: string | undefined
  /** The client can renew its access token, so that one may expire. */
  readonly refreshable?: boolean | undefined
}

/** What a client is told of its tokens. */
export type Grant = { access_token: string; refresh_token?: string; expires_in_ms?: number }

export interface OpenedSession {
  readonly deviceId: DeviceId
  readonly grant: Grant
  /** The access tokens that the device had before, which have ended. */
  readonly endedTokenHashes: readonly string[]
}

/** Opens a session on a device of the user, new or known; a known device loses its earlier tokens. */
export async function openSession(deps: Deps, tx: Tx, userId: UserId, wish: SessionWish): Promise<OpenedSession> {
  const deviceId = wish.deviceId ?? newDeviceId(deps)
  await insertDevice(tx, { userId, deviceId, displayName: wish.deviceName, createdAt: deps.clock.now() })
  await lockDevice(tx, userId, deviceId)
  const endedTokenHashes = await deletePairsOfDevice(tx, userId, deviceId)
  const grant = await grantTokens(deps, tx, { userId, deviceId, refreshable: wish.refreshable === true })
  return { deviceId, grant, endedTokenHashes }
}

/** Makes tokens for a device. `replaced` is the hash of the refresh token that is exchanged for them. */
export async function grantTokens(
  deps: Deps,
  tx: Tx,
  to: { userId: UserId; deviceId: DeviceId; refreshable: boolean; replaced?: string },
): Promise<Grant> {
  const accessToken = newToken(deps, 'access')
  const refreshToken = to.refreshable ? newToken(deps, 'refresh') : undefined
  const now = deps.clock.now()
  await insertPair(tx, {
    userId: to.userId,
    deviceId: to.deviceId,
    accessHash: hashToken(accessToken),
    accessExpiresAt: refreshToken === undefined ? null : now + accessTokenLifeMs,
    refreshHash: refreshToken === undefined ? null : hashToken(refreshToken),
    replacedRefreshHash: to.replaced ?? null,
    isUsed: to.replaced === undefined,
    createdAt: now,
  })
  if (refreshToken === undefined) return { access_token: accessToken }
  return { access_token: accessToken, refresh_token: refreshToken, expires_in_ms: accessTokenLifeMs }
}
