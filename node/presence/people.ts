import type { DeviceId, UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import type { Presence, PresenceState } from './facts.ts'

/** Whoever has done nothing for so long is not reachable at this time. Client-Server API, "Idle timeout". */
export const idleAfterMs = 5 * 60_000
/** A device that has let go of its last connection is taken to come back within this time. */
export const graceMs = 30_000
/** The log of changes that readers look into before they look at everybody. */
const mostRecent = 20_000

/** A device that is there. */
interface Device {
  state: 'online' | 'unavailable'
  /** Requests and sockets that wait for news on its behalf. */
  connections: number
  cancelLeaving: () => void
}

/** Somebody of whom there is, or was, something to tell. */
export interface Person {
  readonly userId: UserId
  readonly devices: Map<DeviceId, Device>
  statusMsg: string | null
  lastActiveAt: number
  /** Calls off the look at whether they have fallen idle; nothing if none is due. */
  cancelIdling: (() => void) | undefined
  /** What was last given to the log, which may not have stored it yet. */
  announced: Pick<Presence, 'state' | 'statusMsg'>
  /** What the log has. */
  stored: { readonly state: PresenceState; readonly statusMsg: string | null; readonly position: number } | undefined
}

interface People {
  readonly all: Map<UserId, Person>
  /** Who changed, by position; everything after `recentSince`. */
  recent: { readonly position: number; readonly userId: UserId }[]
  recentSince: number
  /** Those whose change waits to be given to the log. */
  readonly changed: Set<UserId>
  isFlushing: boolean
  /** Resolves when what was given to the log so far is stored, or is not. */
  announced: Promise<void>
}

export const peopleOf = perNode<People>((deps) => ({
  all: new Map(),
  recent: [],
  recentSince: deps.stream.head,
  changed: new Set(),
  isFlushing: false,
  announced: Promise.resolve(),
}))

export function personOf(deps: Deps, userId: UserId): Person {
  const { all } = peopleOf(deps)
  const found = all.get(userId)
  if (found) return found
  const person: Person = {
    userId,
    devices: new Map(),
    statusMsg: null,
    lastActiveAt: 0,
    cancelIdling: undefined,
    announced: { state: 'offline', statusMsg: null },
    stored: undefined,
  }
  all.set(userId, person)
  return person
}

/** What a person's devices and doings come to. */
export function stateOf(deps: Deps, { devices, lastActiveAt }: Person): PresenceState {
  if (devices.size === 0) return 'offline'
  const isOnline = [...devices.values()].some(({ state }) => state === 'online')
  return isOnline && deps.clock.now() - lastActiveAt < idleAfterMs ? 'online' : 'unavailable'
}

/** Notes what the log has stored. */
export function noteStored(deps: Deps, { userId, state, statusMsg }: Presence, position: number): void {
  const people = peopleOf(deps)
  personOf(deps, userId).stored = { state, statusMsg, position }
  people.recent.push({ position, userId })
  if (people.recent.length <= mostRecent) return
  people.recent = people.recent.slice(mostRecent / 2)
  people.recentSince = people.recent[0]!.position - 1
}

/** Those of whom the log has something new after `since` and up to `upTo`. */
export function changedBetween(deps: Deps, since: number, upTo: number): Person[] {
  const { all, recent, recentSince } = peopleOf(deps)
  const isNew = ({ stored }: Person) => stored !== undefined && stored.position > since && stored.position <= upTo
  if (since < recentSince) return [...all.values()].filter(isNew)
  const found = new Set<Person>()
  for (let i = recent.length - 1; i >= 0 && recent[i]!.position > since; i--) {
    const person = all.get(recent[i]!.userId)!
    if (isNew(person)) found.add(person)
  }
  return [...found]
}
