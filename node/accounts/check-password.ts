import { forbidden } from '#spec/errors.ts'
import { newLocalpartProblem, parseUserId, serverName, userIdOf, type ServerName, type UserId } from '#spec/ids.ts'
import { isLongerThan, maxIdBytes } from '#spec/limits.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { forgetAttempts, takeAttempt } from './login-attempts.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { readPasswordHash, replacePasswordHash } from './store.ts'

/**
 * The account that a name and a password open. A wrong name and a wrong password get the same answer after the same work.
 * Throws M_FORBIDDEN, or M_LIMIT_EXCEEDED after too many mistakes.
 */
export async function checkPassword(
  deps: Deps,
  given: { name: string; password: string; address: string; triedAs?: string | undefined },
): Promise<UserId> {
  const userId = localUserOf(deps, given.name)
  // Mistakes with an address are counted by it, not by its account: a limit that both share would tell whose it is.
  const account = given.triedAs ?? userId ?? given.name.slice(0, maxIdBytes)
  await takeAttempt(deps, account, given.address)
  const kept = await readPasswordHash(deps.sql, userId ?? '')
  const { matches, isOutdated } = await verifyPassword(deps, given.password, kept)
  if (!matches || userId === undefined || kept === undefined) throw wrongPassword()
  await forgetAttempts(deps, account, given.address)
  if (isOutdated) await rehash(deps, userId, given.password, kept)
  return userId
}

export const wrongPassword = () => forbidden('The user name or the password is not right.')

async function rehash(deps: Deps, userId: UserId, password: string, kept: string): Promise<void> {
  const fresh = await hashPassword(deps, password)
  await transaction(deps.sql, (tx) => replacePasswordHash(tx, userId, fresh, kept))
}

/** ASCII only: `İ` in small letters would be two characters. */
export const inSmallLetters = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** This server's name, as the type that its users' ids are made with. */
export const ownServer = (deps: Deps): ServerName => serverName.parse(deps.config.serverName)

/** The user of this server whom a user id or a localpart names, whether there is such an account or not. */
export function localUserOf(deps: Deps, name: string): UserId | undefined {
  const parsed = name.startsWith('@') ? parseUserId(name) : { localpart: name, server: ownServer(deps) }
  if (parsed === undefined || parsed.server !== deps.config.serverName) return undefined
  const localpart = inSmallLetters(parsed.localpart)
  if (newLocalpartProblem(localpart) !== undefined) return undefined
  return isLongerThan(`@${localpart}:${parsed.server}`, maxIdBytes) ? undefined : userIdOf(localpart, parsed.server)
}
