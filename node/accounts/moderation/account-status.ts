import { MatrixError } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { readRestricted } from './store.ts'

/** What an administrator has done to an account, short of ending it. */
export type Restriction = 'locked' | 'suspended'

/** Kept in memory, because every request and every event asks; there are never many. */
const restrictedOf = perNode(() => ({ locked: new Set<UserId>(), suspended: new Set<UserId>() }))

/** Reads who is locked or suspended. */
export async function loadRestricted(deps: Deps): Promise<void> {
  const restricted = restrictedOf(deps)
  for (const row of await readRestricted(deps.sql)) {
    if (row.isLocked) restricted.locked.add(row.userId)
    if (row.isSuspended) restricted.suspended.add(row.userId)
  }
}

/** Keeps in mind what has been stored. */
export function noteRestriction(deps: Deps, userId: UserId, restriction: Restriction, isOn: boolean): void {
  const users = restrictedOf(deps)[restriction]
  if (isOn) users.add(userId)
  else users.delete(userId)
}

export const isRestricted = (deps: Deps, userId: UserId, restriction: Restriction): boolean =>
  restrictedOf(deps)[restriction].has(userId)

export const userLocked = () =>
  new MatrixError('M_USER_LOCKED', 'This account has been locked by an administrator of this server.', {
    extra: { soft_logout: true },
  })

/** Throws M_USER_LOCKED. */
export function checkNotLocked(deps: Deps, userId: UserId): void {
  if (isRestricted(deps, userId, 'locked')) throw userLocked()
}

/** Throws M_USER_SUSPENDED: for whatever others get to see. Client-Server API, "Account suspension". */
export function checkNotSuspended(deps: Deps, userId: UserId): void {
  if (isRestricted(deps, userId, 'suspended'))
    throw new MatrixError('M_USER_SUSPENDED', 'Your account is suspended: you can read, but not do this.')
}
