import type { requestOpenIdToken } from '#spec/api/client/openid.ts'
import type { ResponseOf } from '#spec/endpoint.ts'
import type { UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { hashToken, newToken } from '../tokens.ts'
import * as store from './store.ts'

export const openIdTokenLifeMs = 3_600_000

/** Makes a token with which another service learns who the user is, from this server, and nothing else. */
export async function makeOpenIdToken(deps: Deps, userId: UserId): Promise<ResponseOf<typeof requestOpenIdToken>> {
  const token = newToken(deps, 'openId')
  const now = deps.clock.now()
  await transaction(deps.sql, async (tx) => {
    await store.deleteExpiredOpenIdTokens(tx, now)
    await store.insertOpenIdToken(tx, { tokenHash: hashToken(token), userId, expiresAt: now + openIdTokenLifeMs })
  })
  return {
    access_token: token,
    token_type: 'Bearer',
    matrix_server_name: deps.config.serverName,
    expires_in: openIdTokenLifeMs / 1_000,
  }
}

/** Whose OpenID token this is; nothing for one that is not good, or not any more. Server-Server API, "OpenID". */
export const userOfOpenIdToken = (deps: Deps, token: string): Promise<UserId | undefined> =>
  store.readOpenIdToken(deps.sql, hashToken(token), deps.clock.now())
