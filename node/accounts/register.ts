import type { register } from '#spec/api/client/register.ts'
import type { BodyOf } from '#spec/endpoint.ts'
import { forbidden, MatrixError, missingParam } from '#spec/errors.ts'
import { localpartOf, userIdOf, type DeviceId, type UserId } from '#spec/ids.ts'
import { transaction, type Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { appserviceOfToken, appservicesOf, checkUserNotExclusive, mayActAs } from './appservices/appservices.ts'
import { inSmallLetters, ownServer } from './check-password.ts'
import { fold } from './fold.ts'
import { requireAuth } from './interactive-auth.ts'
import { appserviceLoginType } from './login.ts'
import { checkNotNoticesUser, noticesUserOf } from './notices-user.ts'
import { takeEmail } from './mail/third-party-ids.ts'
import { emailStageType } from './mail/validate-address.ts'
import { openSession, type Grant } from './open-session.ts'
import { checkNewPassword } from './password-rules.ts'
import { hashPassword } from './password.ts'
import { admission, checkAdmission, registrationFlows, tokenStageType, usedUp } from './registration-flows.ts'
import * as store from './store.ts'
import { hashToken, newLocalpart } from './tokens.ts'

type Registration = BodyOf<typeof register>
type Registered = { user_id: UserId; device_id?: DeviceId } & Partial<Grant>

/**
 * Makes an account.
 *
 * 1. What cannot be is refused before any stage: a closed server, a name that is taken or not allowed, a weak password.
 * 2. The stages of authentication.
 * 3. In one transaction: the account, the use of the token, the address, the first session. Of many that register one name at once, or with one token,
 *    the database lets one through.
 */
export async function registerAccount(
  deps: Deps,
  kind: 'user' | 'guest',
  body: Registration,
  bearer?: string,
): Promise<Registered> {
  // No field of the description: the Application Service API adds it, in prose.
  if (body['type'] === appserviceLoginType) return registerForAppservice(deps, body, bearer)
  if (kind === 'guest') throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'This server has no guest accounts.')
  const now = await admission(deps)
  checkAdmission(now)
  const localpart = body.username === undefined ? undefined : inSmallLetters(body.username)
  if (localpart !== undefined) await checkLocalpart(deps, localpart)
  if (body.password !== undefined) checkNewPassword(body.password, localpart)
  else if (body.auth?.type !== undefined) throw missingParam('A password is missing.')
  const completed = await requireAuth(deps, { operation: 'register', body }, registrationFlows(deps, now))
  if (body.password === undefined) throw missingParam('A password is missing.')
  const account = {
    localpart: localpart ?? freeLocalpart(deps),
    passwordHash: await hashPassword(deps, body.password),
    tokenHash: completed.get(tokenStageType),
    validationId: completed.get(emailStageType),
  }
  return transaction(deps.sql, (tx) => insert(deps, tx, account, body))
}

/** A name by chance, outside of what application services have to themselves. */
function freeLocalpart(deps: Deps): string {
  const localpart = newLocalpart(deps)
  checkUserNotExclusive(deps, userIdOf(localpart, ownServer(deps)))
  return localpart
}

/** Throws M_INVALID_USERNAME or M_USER_IN_USE. */
export async function checkLocalpart(deps: Deps, localpart: string): Promise<void> {
  const userId = userIdOf(localpart, ownServer(deps))
  checkUserNotExclusive(deps, userId)
  checkNotNoticesUser(deps, userId)
  if (await store.accountExists(deps.sql, userId)) throw inUse()
}

/** Application Service API, "Server admin style permissions": no stages and no password; the token of the service is proof enough. */
async function registerForAppservice(deps: Deps, body: Registration, bearer: string | undefined): Promise<Registered> {
  const appservice = bearer === undefined ? undefined : appserviceOfToken(deps, hashToken(bearer))
  if (appservice === undefined)
    throw new MatrixError('M_UNKNOWN_TOKEN', 'This is not the token of an application service.')
  if (body.username === undefined) throw missingParam('The user name is missing.')
  const localpart = inSmallLetters(body.username)
  const userId = userIdOf(localpart, ownServer(deps))
  if (!mayActAs(appservice, userId))
    throw new MatrixError('M_EXCLUSIVE', 'This name is outside the namespaces of the application service.')
  checkUserNotExclusive(deps, userId, appservice)
  checkNotNoticesUser(deps, userId)
  const account = { localpart, passwordHash: null, tokenHash: undefined, appserviceId: appservice.id }
  return transaction(deps.sql, (tx) => insert(deps, tx, account, body))
}

/** Makes the accounts that application services have for themselves, where they are not there yet. */
export async function registerSenders(deps: Deps): Promise<void> {
  for (const { id, sender } of appservicesOf(deps)) {
    const searchText = searchTextOf(localpartOf(sender), undefined)
    const account = {
      userId: sender,
      passwordHash: null,
      createdAt: deps.clock.now(),
      acceptedTermsUrl: null,
      searchText,
    }
    await transaction(deps.sql, (tx) => store.insertAccount(tx, { ...account, appserviceId: id }))
  }
}

/** Makes the account in whose name the server itself speaks, where it is not there yet. Throws M_USER_IN_USE where somebody has that name. */
export async function registerNoticesUser(deps: Deps): Promise<UserId> {
  const userId = noticesUserOf(deps)
  const displayName = deps.config.serverName
  const searchText = searchTextOf(localpartOf(userId), displayName)
  const isOurs = await transaction(deps.sql, (tx) =>
    store.insertSystemAccount(tx, { userId, displayName, createdAt: deps.clock.now(), searchText }),
  )
  if (!isOurs)
    throw new MatrixError('M_USER_IN_USE', `${userId} is somebody's account: set HEARTH_NOTICES_USER to another name.`)
  return userId
}

const inUse = () => new MatrixError('M_USER_IN_USE', 'This user name is taken. Please choose another.')

interface NewAccount {
  readonly localpart: string
  readonly passwordHash: string | null
  readonly tokenHash: string | undefined
  /** Of the address that the account begins with. */
  readonly validationId?: string | undefined
  readonly appserviceId?: string
}

async function insert(deps: Deps, tx: Tx, account: NewAccount, body: Registration): Promise<Registered> {
  const userId = userIdOf(account.localpart, ownServer(deps))
  const createdAt = deps.clock.now()
  const acceptedTermsUrl = account.appserviceId === undefined ? (deps.config.termsUrl ?? null) : null
  const isNew = await store.insertAccount(tx, {
    userId,
    passwordHash: account.passwordHash,
    createdAt,
    acceptedTermsUrl,
    searchText: searchTextOf(account.localpart, undefined),
    ...(account.appserviceId !== undefined && { appserviceId: account.appserviceId }),
  })
  if (!isNew) throw inUse()
  if (account.tokenHash !== undefined && !(await store.takeRegistrationToken(tx, account.tokenHash, userId, createdAt)))
    throw forbidden(usedUp)
  if (account.validationId !== undefined) await takeEmail(deps, tx, userId, account.validationId, 'register')
  if (body.inhibit_login === true) return { user_id: userId }
  const { deviceId, grant } = await openSession(deps, tx, userId, {
    deviceId: body.device_id,
    deviceName: body.initial_device_display_name,
    refreshable: body.refresh_token,
  })
  return { user_id: userId, device_id: deviceId, ...grant }
}

/** What the directory searches in: the user name, and the display name under it. */
export const searchTextOf = (localpart: string, displayName: string | undefined): string =>
  `${fold(localpart)}\n${fold(displayName ?? '')}`
