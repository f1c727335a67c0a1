import { invalidParam, MatrixError } from '#spec/errors.ts'
import { userIdOf, type DeviceId, type UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { inSmallLetters, ownServer } from '../check-password.ts'
import { openSession, type Grant, type SessionWish } from '../open-session.ts'
import { hashPassword, isTooLong, maxPasswordBytes } from '../password.ts'
import { checkLocalpart, searchTextOf } from '../register.ts'
import * as accounts from '../store.ts'
import * as store from './store.ts'

/** An account as an administrator wants it. */
export interface WantedAccount {
  readonly localpart: string
  /** Without one nobody logs in by a password. */
  readonly password: string | undefined
  /** None, if empty. */
  readonly displayName: string
  readonly isAdmin: boolean
  /** A first session, if one is wanted. */
  readonly session?: SessionWish | undefined
}

/** Makes an account, also where registration is closed. Throws M_USER_IN_USE, M_INVALID_USERNAME; M_INVALID_PARAM for a password that is too long. */
export async function makeAccount(
  deps: Deps,
  wanted: WantedAccount,
): Promise<{ userId: UserId; session?: { deviceId: DeviceId; grant: Grant } }> {
  const localpart = inSmallLetters(wanted.localpart)
  const userId = userIdOf(localpart, ownServer(deps))
  await checkLocalpart(deps, localpart)
  const { password } = wanted
  const passwordHash = password === undefined ? null : await hashPassword(deps, checkLength(password))
  const searchText = searchTextOf(localpart, wanted.displayName || undefined)
  return transaction(deps.sql, async (tx) => {
    const account = { userId, passwordHash, createdAt: deps.clock.now(), acceptedTermsUrl: null, searchText }
    if (!(await accounts.insertAccount(tx, account)))
      throw new MatrixError('M_USER_IN_USE', 'This user name is taken. Please choose another.')
    if (wanted.isAdmin) await store.setAdmin(tx, userId, true)
    if (wanted.displayName !== '') await store.setDisplayName(tx, userId, wanted.displayName)
    return { userId, ...(wanted.session && { session: await openSession(deps, tx, userId, wanted.session) }) }
  })
}

/** Administrators answer for the passwords that they give: only what cannot be is refused. */
export function checkLength(password: string): string {
  if (isTooLong(password)) throw invalidParam(`A password may have at most ${maxPasswordBytes} bytes.`)
  return password
}
