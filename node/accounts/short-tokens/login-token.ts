import type { getLoginToken } from '#spec/api/client/login.ts'
import type { BodyOf, ResponseOf } from '#spec/endpoint.ts'
import { forbidden } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { transaction, type Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { requireAuth } from '../interactive-auth.ts'
import { passwordStage } from '../password-stage.ts'
import { hashToken, newToken } from '../tokens.ts'
import * as store from './store.ts'

/** As the specification recommends. */
export const loginTokenLifeMs = 120_000

/** Makes a token with which another device logs in as the caller, once. The password is asked for every one. */
export async function makeLoginToken(
  deps: Deps,
  { userId, appservice }: Identity,
  body: BodyOf<typeof getLoginToken>,
  address: string,
): Promise<ResponseOf<typeof getLoginToken>> {
  if (appservice !== undefined) throw forbidden('An application service logs its users in by itself.')
  await requireAuth(deps, { operation: 'getLoginToken', body, userId }, [[passwordStage(deps, userId, address)]])
  const token = newToken(deps, 'login')
  const now = deps.clock.now()
  await transaction(deps.sql, async (tx) => {
    await store.deleteExpiredLoginTokens(tx, now)
    await store.insertLoginToken(tx, { tokenHash: hashToken(token), userId, expiresAt: now + loginTokenLifeMs })
  })
  return { login_token: token, expires_in_ms: loginTokenLifeMs }
}

/** Uses a token up. Nothing for one that never was, has been used, or is too old. */
export const takeLoginToken = (deps: Deps, tx: Tx, token: string): Promise<UserId | undefined> =>
  store.takeLoginToken(tx, hashToken(token), deps.clock.now())
