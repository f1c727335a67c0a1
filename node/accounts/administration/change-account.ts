import type { putUser } from '#spec/api/admin/users.ts'
import type { BodyOf } from '#spec/endpoint.ts'
import { invalidParam, MatrixError, notFound } from '#spec/errors.ts'
import { localpartOf, serverOf, type UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { forgetUser } from '../known-tokens.ts'
import { deactivate } from '../moderation/deactivate.ts'
import { restrict } from '../moderation/restrict.ts'
import { hashPassword } from '../password.ts'
import { setProfileField } from '../profile.ts'
import { endingSessions } from '../revoked.ts'
import * as accounts from '../store.ts'
import { findAccount } from './list-accounts.ts'
import { checkLength, makeAccount } from './make-account.ts'
import * as store from './store.ts'

type Wish = BodyOf<typeof putUser>

/** Makes an account, or changes one. What can be refused is refused before anything is changed. */
export async function putAccount(deps: Deps, by: UserId, userId: UserId, wish: Wish): Promise<void> {
  if (serverOf(userId) !== deps.config.serverName) throw invalidParam('This is a user of another server.')
  checkWish(by, userId, wish)
  const before = await store.readAccount(deps.sql, userId)
  if (before?.isDeactivated) throw invalidParam('This account has ended, and cannot be opened again.')
  if (wish.locked === true && (wish.admin ?? before?.isAdmin))
    throw new MatrixError('M_FORBIDDEN', 'An administrator cannot be locked.')
  if (before === undefined) await make(deps, userId, wish)
  else await change(deps, userId, before, wish)
  if (wish.locked !== undefined && wish.locked !== (before?.isLocked ?? false))
    await restrict(deps, by, { userId, restriction: 'locked', isOn: wish.locked })
  if (wish.deactivated) await deactivate(deps, { userId, erase: false })
}

function checkWish(by: UserId, userId: UserId, wish: Wish): void {
  if (wish.threepids?.length)
    throw new MatrixError('M_THREEPID_DENIED', 'This server keeps no e-mail addresses or telephone numbers of people.')
  if (wish.external_ids?.length) throw invalidParam('This server knows no external identities.')
  if (wish.password !== undefined) checkLength(wish.password)
  if (userId !== by) return
  if (wish.admin === false) throw invalidParam('Nobody can take their own rights away.')
  if (wish.deactivated) throw invalidParam('Nobody can end their own account here.')
}

async function make(deps: Deps, userId: UserId, wish: Wish): Promise<void> {
  await makeAccount(deps, {
    localpart: localpartOf(userId),
    password: wish.password,
    displayName: wish.displayname ?? localpartOf(userId),
    isAdmin: wish.admin === true,
  })
  if (wish.avatar_url) await setProfileField(deps, userId, 'avatar_url', wish.avatar_url)
}

async function change(deps: Deps, userId: UserId, before: store.AccountRow, wish: Wish): Promise<void> {
  for (const key of ['displayname', 'avatar_url'] as const) {
    const value = wish[key]
    if (value !== undefined) await setProfileField(deps, userId, key, value)
  }
  if (wish.password !== undefined) await givePassword(deps, userId, wish.password, wish.logout_devices)
  if (wish.admin === undefined || wish.admin === before.isAdmin) return
  const isAdmin = wish.admin
  await transaction(deps.sql, async (tx) => {
    await store.setAdmin(tx, userId, isAdmin)
    tx.after(() => forgetUser(deps, userId))
  })
}

/** Gives an account a new password. Throws M_NOT_FOUND for one that has ended. */
export async function givePassword(deps: Deps, userId: UserId, password: string, logsOut: boolean): Promise<void> {
  const { isDeactivated } = await findAccount(deps, userId)
  if (isDeactivated) throw notFound('This account has ended.')
  const hash = await hashPassword(deps, checkLength(password))
  await endingSessions(deps, userId, async (tx, ended) => {
    await accounts.setPasswordHash(tx, userId, hash)
    await accounts.deleteAuthSessionsOf(tx, userId)
    if (logsOut) ended(await accounts.deleteOtherDevices(tx, userId, ''))
  })
}

/** Ends somebody else's account. Throws M_NOT_FOUND where there is none, or none any more. */
export async function endAccountOf(deps: Deps, by: UserId, userId: UserId, erase: boolean): Promise<void> {
  if (userId === by) throw invalidParam('Nobody can end their own account here.')
  const { isDeactivated } = await findAccount(deps, userId)
  if (isDeactivated) throw notFound('This account has ended already.')
  await deactivate(deps, { userId, erase })
}
