import { MatrixError } from '#spec/errors.ts'
import { userIdOf, type UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { ownServer } from './check-password.ts'

/** In whose name the server itself speaks to its users. The account is made when it first does. */
export const noticesUserOf = (deps: Deps): UserId => userIdOf(deps.config.noticesUser, ownServer(deps))

/** Throws M_USER_IN_USE for the name of the server itself: whoever had it would speak in its name. */
export function checkNotNoticesUser(deps: Deps, userId: UserId): void {
  if (userId === noticesUserOf(deps)) throw new MatrixError('M_USER_IN_USE', 'This name is kept for the server itself.')
}
