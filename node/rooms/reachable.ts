import { MatrixError, notFound } from '#spec/errors.ts'
import { serverOf, type UserId } from '#spec/ids.ts'
import { blocksInvites } from '#node/accounts/invite-permission.ts'
import { accountIsActive } from '#node/accounts/store.ts'
import { askForUser } from '#node/accounts/appservices/ask.ts'
import type { Deps } from '#node/deps.ts'

/** Throws unless an invitation would arrive: one that nobody ever sees is worse than none. */
export async function checkReachable(deps: Deps, user: UserId): Promise<void> {
  if (serverOf(user) !== deps.config.serverName)
    throw new MatrixError(
      'M_FORBIDDEN',
      `${serverOf(user)} cannot be reached: this server does not talk to other servers.`,
    )
  if (!(await accountIsActive(deps.sql, user)) && !(await askForUser(deps, user)))
    throw notFound(`There is nobody called ${user} on this server.`)
  if (await blocksInvites(deps.sql, user)) throw new MatrixError('M_INVITE_BLOCKED', `${user} takes no invitations.`)
}
