import { MatrixError } from '#spec/errors.ts'
import type { RoomAlias, RoomId, UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { ownServer } from '../check-password.ts'
import { readRegistrations, type Appservice, type Namespace } from './registration.ts'

const registeredOf = perNode((deps) => {
  const all = readRegistrations(deps.config.appservices, ownServer(deps))
  return { all, byToken: new Map(all.map((one) => [one.tokenHash, one])) }
})

/** The application services of this server. The first call reads their files: throws `StartError` for what is wrong in one. */
export const appservicesOf = (deps: Deps): readonly Appservice[] => registeredOf(deps).all

export const appserviceOfToken = (deps: Deps, tokenHash: string): Appservice | undefined =>
  registeredOf(deps).byToken.get(tokenHash)

const covers = (namespaces: readonly Namespace[], id: string): boolean => namespaces.some((one) => one.covers(id))

/** True for the users that an application service may act as: its own, and those of its namespaces on this server. */
export const mayActAs = (appservice: Appservice, userId: UserId): boolean =>
  userId === appservice.sender || covers(appservice.namespaces.users, userId)

/** True if what such a user does, or what is done to them, concerns the application service. */
export const isInterestedInUser = mayActAs

export const isInterestedInAlias = (appservice: Appservice, alias: RoomAlias): boolean =>
  covers(appservice.namespaces.aliases, alias)

export const isInterestedInRoom = (appservice: Appservice, roomId: RoomId): boolean =>
  covers(appservice.namespaces.rooms, roomId)

/** The application service that has this name to itself, if one has. */
export function exclusiveOwner(deps: Deps, kind: 'users' | 'aliases' | 'rooms', id: string): Appservice | undefined {
  return appservicesOf(deps).find(
    (one) => (kind === 'users' && one.sender === id) || one.namespaces[kind].some((n) => n.isExclusive && n.covers(id)),
  )
}

/** Throws M_EXCLUSIVE where the id of a user belongs to an application service, unless it is this one that asks. */
export function checkUserNotExclusive(deps: Deps, userId: UserId, asking?: Appservice): void {
  const owner = exclusiveOwner(deps, 'users', userId)
  if (owner !== undefined && owner !== asking) throw exclusive()
}

/**
 * Throws M_EXCLUSIVE where an alias belongs to an application service, unless the user is one of its own; and where one asks for an alias outside of
 * its namespaces.
 */
export function checkAliasNotExclusive(
  deps: Deps,
  alias: RoomAlias,
  userId: UserId,
  asking?: { readonly id: string },
): void {
  const owner = exclusiveOwner(deps, 'aliases', alias)
  if (owner !== undefined && !mayActAs(owner, userId)) throw exclusive()
  const one = asking && appservicesOf(deps).find(({ id }) => id === asking.id)
  if (one !== undefined && !isInterestedInAlias(one, alias))
    throw new MatrixError('M_EXCLUSIVE', 'This alias is outside the namespaces of the application service.')
}

/** True for an alias that is the application service's own: it may do with it what it likes. */
export function ownsAlias(deps: Deps, alias: RoomAlias, asking: { readonly id: string } | undefined): boolean {
  return asking !== undefined && exclusiveOwner(deps, 'aliases', alias)?.id === asking.id
}

const exclusive = () => new MatrixError('M_EXCLUSIVE', 'This name is kept for an application service.')
