import { forbidden } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { changedBetween, peopleOf, type Person } from './people.ts'
import { checkTurnedOn } from './set-presence.ts'
import { readConcerned, readNewcomers, sharesRoom } from './store.ts'

/** What clients are told of somebody. */
export interface PresenceContent {
  readonly presence: 'online' | 'unavailable' | 'offline'
  readonly currently_active?: boolean
  /** Milliseconds. */
  readonly last_active_ago?: number
  readonly status_msg?: string
}

/**
 * Whoever is online is active as far as clients need to know, until they are told otherwise: so a busy person is told of when they come and
 * when they fall idle, and not in between.
 */
export function contentOf(deps: Deps, { stored, lastActiveAt }: Person): PresenceContent {
  const { state = 'offline', statusMsg = null } = stored ?? {}
  return {
    presence: state,
    ...(lastActiveAt > 0 && { last_active_ago: Math.max(0, deps.clock.now() - lastActiveAt) }),
    ...(state === 'online' && { currently_active: true }),
    ...(statusMsg !== null && { status_msg: statusMsg }),
  }
}

/** Somebody's presence. Throws M_FORBIDDEN for whoever shares no room with them, whether they exist or not. */
export async function getPresence(deps: Deps, reader: UserId, userId: UserId): Promise<PresenceContent> {
  checkTurnedOn(deps)
  if (reader !== userId && !(await sharesRoom(deps.sql, reader, userId)))
    throw forbidden('You may not see whether this person is there.')
  const person = peopleOf(deps).all.get(userId)
  return person ? contentOf(deps, person) : { presence: 'offline' }
}

/**
 * The people of whom a reader is told after `since` and up to `upTo`: those who came or went, and those whom the reader has met since then,
 * in the rooms named.
 */
export async function presenceSince(
  deps: Deps,
  reader: UserId,
  { since, upTo, met }: { since: number; upTo: number; met: readonly RoomId[] },
): Promise<Person[]> {
  if (!deps.config.presence) return []
  const { all } = peopleOf(deps)
  const changed =
    since === 0 ? [...all.values()].filter((one) => isWorthTelling(one, upTo)) : changedBetween(deps, since, upTo)
  const [concerned, newcomers] = await Promise.all([
    changed.length === 0
      ? []
      : readConcerned(
          deps.sql,
          reader,
          changed.map((person) => person.userId),
        ),
    since === 0 || met.length === 0 ? [] : readNewcomers(deps.sql, reader, met, since),
  ])
  const told = new Set(concerned.map((userId) => all.get(userId)!))
  for (const userId of newcomers) {
    const person = all.get(userId)
    if (isWorthTelling(person, upTo)) told.add(person)
  }
  return [...told]
}

/** Of people who are away and have nothing to say, those who meet them are told nothing. */
export function isWorthTelling(person: Person | undefined, upTo: number): person is Person {
  const stored = person?.stored
  return stored !== undefined && stored.position <= upTo && (stored.state !== 'offline' || stored.statusMsg !== null)
}
