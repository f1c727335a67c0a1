import type { getLoginFlows, login } from '#spec/api/client/login.ts'
import type { BodyOf, ResponseOf } from '#spec/endpoint.ts'
import { forbidden, MatrixError, missingParam } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { appserviceOfToken, appservicesOf, mayActAs } from './appservices/appservices.ts'
import { checkPassword, localUserOf } from './check-password.ts'
import { checkNotLocked } from './moderation/account-status.ts'
import { openSession } from './open-session.ts'
import { endingSessions } from './revoked.ts'
import { takeLoginToken } from './short-tokens/login-token.ts'
import { accountIsActive } from './store.ts'
import { hashToken } from './tokens.ts'
import { emailOf, nameOf } from './user-identifier.ts'

export const appserviceLoginType = 'm.login.application_service'

/** The ways to log in. */
export const loginFlows = (deps: Deps): ResponseOf<typeof getLoginFlows> => ({
  flows: [
    { type: 'm.login.password' },
    { type: 'm.login.token', get_login_token: true },
    ...(appservicesOf(deps).length > 0 ? [{ type: appserviceLoginType }] : []),
  ],
})

type Login = BodyOf<typeof login>
/** What a request brings beside its body. */
interface From {
  readonly address: string
  readonly bearer: string | undefined
}

/** Opens a session. */
export async function logIn(deps: Deps, body: Login, from: From): Promise<ResponseOf<typeof login>> {
  const userId = await findUser(deps, body, from)
  checkNotLocked(deps, userId)
  return endingSessions(deps, userId, async (tx, ended) => {
    const session = await openSession(deps, tx, userId, {
      deviceId: body.device_id,
      deviceName: body.initial_device_display_name,
      refreshable: body.refresh_token,
    })
    ended({ tokenHashes: session.endedTokenHashes, deviceIds: [] })
    return { user_id: userId, device_id: session.deviceId, ...session.grant }
  })
}

/** Who logs in, as far as they have proved it. */
async function findUser(deps: Deps, body: Login, { address, bearer }: From): Promise<UserId> {
  if (body.type === 'm.login.password') {
    if (body.password === undefined) throw missingParam('A password is missing.')
    const name = await nameOf(deps, body)
    return checkPassword(deps, { name, password: body.password, address, triedAs: emailOf(body) })
  }
  if (body.type === 'm.login.token') {
    const { token } = body
    if (token === undefined) throw missingParam('The token is missing.')
    const userId = await transaction(deps.sql, (tx) => takeLoginToken(deps, tx, token))
    if (userId === undefined) throw forbidden('This login token is not good, or not any more.')
    return userId
  }
  if (body.type === appserviceLoginType) return userOfAppservice(deps, await nameOf(deps, body), bearer)
  throw new MatrixError('M_UNKNOWN', 'This server knows no such type of login.')
}

async function userOfAppservice(deps: Deps, name: string, bearer: string | undefined): Promise<UserId> {
  const appservice = bearer === undefined ? undefined : appserviceOfToken(deps, hashToken(bearer))
  if (appservice === undefined) throw forbidden('This is not the token of an application service.')
  const userId = localUserOf(deps, name)
  if (userId === undefined || !mayActAs(appservice, userId))
    throw new MatrixError('M_EXCLUSIVE', 'This user is not of this application service.')
  if (!(await accountIsActive(deps.sql, userId)))
    throw forbidden('The application service has not registered this user.')
  return userId
}
