import type { Json } from '#spec/json.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { propertyOf } from './terms.ts'

/*
 * Who sees an event: Client-Server API, "Room history visibility", server behaviour, and `erase` of `POST /account/deactivate`.
 * Read off the whole history of a room, with nothing prepared.
 */

/** What happened in a room or to those in it, in order. */
export type Happening = { readonly event: RoomEvent } | { readonly erased: string }

/** What somebody sees of an event. */
export type Sight = 'whole' | 'redacted' | 'hidden'

/** What `user` sees, after all that happened, of the event at `index`. */
export function sightOf(history: readonly Happening[], index: number, user: string): Sight {
  const event = eventAt(history, index)!
  if (!isAllowed(history, index, user, history.length)) return 'hidden'
  const erasure = history.findIndex((one, at) => at > index && 'erased' in one && one.erased === event.sender)
  if (erasure === -1) return 'whole'
  // Whoever had visibility before the erasure keeps it; whoever joins later is served a redacted copy.
  return isAllowedToMember(history, index, user, erasure) ? 'whole' : 'redacted'
}

const eventAt = (history: readonly Happening[], index: number): RoomEvent | undefined => {
  const one = history[index]
  return one !== undefined && 'event' in one ? one.event : undefined
}

/** The state under a type and a state key after the first `count` happenings. */
function stateAfter(history: readonly Happening[], count: number, type: string, key: string): RoomEvent | undefined {
  for (let at = count - 1; at >= 0; at--) {
    const event = eventAt(history, at)
    if (event !== undefined && event.type === type && event.state_key === key) return event
  }
  return undefined
}

const membershipAfter = (history: readonly Happening[], count: number, user: string): Json | undefined =>
  propertyOf(stateAfter(history, count, 'm.room.member', user)?.content, 'membership')

function visibilityAfter(history: readonly Happening[], count: number): string {
  const value = propertyOf(stateAfter(history, count, 'm.room.history_visibility', '')?.content, 'history_visibility')
  // Not set or not understood.
  if (value !== 'world_readable' && value !== 'shared' && value !== 'invited' && value !== 'joined') return 'shared'
  return value
}

/** True if the user joined after the event at `index`, up to `end`. */
function joinedAfter(history: readonly Happening[], index: number, user: string, end: number): boolean {
  for (let at = index + 1; at < end; at++) {
    const event = eventAt(history, at)
    if (event?.type === 'm.room.member' && event.state_key === user && event.content['membership'] === 'join')
      return true
  }
  return false
}

/** The five rules. */
function rules(visibility: string, membership: Json | undefined, joinedLater: boolean): boolean {
  // 1.
  if (visibility === 'world_readable') return true
  // 2.
  if (membership === 'join') return true
  // 3.
  if (visibility === 'shared' && joinedLater) return true
  // 4.
  if (membership === 'invite' && visibility === 'invited') return true
  // 5.
  return false
}

/** The rules on an event, with its two exceptions, as of the first `end` happenings. */
function isAllowed(history: readonly Happening[], index: number, user: string, end: number): boolean {
  const event = eventAt(history, index)!
  const joinedLater = joinedAfter(history, index, user, end)
  const visibility = visibilityAfter(history, index)
  const membership = membershipAfter(history, index, user)
  if (event.type === 'm.room.history_visibility')
    // Where it is no state under the empty key, before and after are the same.
    return (
      rules(visibility, membership, joinedLater) || rules(visibilityAfter(history, index + 1), membership, joinedLater)
    )
  if (event.type === 'm.room.member' && event.state_key === user)
    return (
      rules(visibility, membership, joinedLater) ||
      rules(visibility, membershipAfter(history, index + 1, user), joinedLater)
    )
  return rules(visibility, membership, joinedLater)
}

/**
 * The same for somebody who has to have been there. Of a room that anybody could read, a stranger is not said to have had
 * visibility: they were there if they were a member at the event, or became one before the erasure.
 */
function isAllowedToMember(history: readonly Happening[], index: number, user: string, end: number): boolean {
  const event = eventAt(history, index)!
  const isOwn = event.type === 'm.room.member' && event.state_key === user
  if (membershipAfter(history, index, user) === 'join') return true
  if (isOwn && membershipAfter(history, index + 1, user) === 'join') return true
  const isWorldReadable = [index, index + 1].some((count) => visibilityAfter(history, count) === 'world_readable')
  if (isWorldReadable) return joinedAfter(history, index, user, end) || isAllowedBesides(history, index, user, end)
  return isAllowed(history, index, user, end)
}

/** Of a change from or to `world_readable`, what the other side allows. */
function isAllowedBesides(history: readonly Happening[], index: number, user: string, end: number): boolean {
  return [index, index + 1]
    .map((count) => visibilityAfter(history, count))
    .filter((visibility) => visibility !== 'world_readable')
    .some((visibility) =>
      rules(visibility, membershipAfter(history, index, user), joinedAfter(history, index, user, end)),
    )
}
