import { historyVisibilityOf, membershipOf, type HistoryVisibility, type Membership } from './content.ts'
import type { RoomEvent } from './event.ts'

/*
 * Who may see an event. Client-Server API, "Room history visibility", server behaviour.
 */

/** The room at an event, as far as it decides whether one user may see the event. */
export interface VisibilityAt {
  readonly historyVisibility: HistoryVisibility
  /** The user's membership; nothing if they never had one. */
  readonly membership: Membership | undefined
}

/** What decides what a user sees of an event. */
export interface VisibilityCase {
  /** The state before the event. */
  readonly before: VisibilityAt
  /** The state after it, where the event changed it: history visibility, and the user's own membership. */
  readonly after?: VisibilityAt | undefined
  /** True if the user was in the room at any time after the event. */
  readonly joinedLater: boolean
  /** Given if the account that sent the event has been erased since. */
  readonly erasure?: Erasure | undefined
}

/** Client-Server API, `POST /account/deactivate`, `erase`. */
export interface Erasure {
  /** True if the user was in the room at any time after the event and before the erasure. */
  readonly joinedBefore: boolean
}

/** What a user sees of an event: all of it, what redaction leaves of it, nothing. */
export type Visibility = 'whole' | 'redacted' | 'hidden'

/** What the user sees of the event. Whoever saw an event before its sender was erased still does; to all others it is redacted. */
export function visibilityOf({ before, after, joinedLater, erasure }: VisibilityCase): Visibility {
  const sides = after === undefined ? [before] : [before, after]
  if (!sides.some((side) => allows(side, joinedLater))) return 'hidden'
  if (erasure === undefined) return 'whole'
  return sides.some((side) => allows(asMember(side), erasure.joinedBefore)) ? 'whole' : 'redacted'
}

/** True if the user sees the event, be it redacted. */
export const isVisible = (given: VisibilityCase): boolean => visibilityOf(given) !== 'hidden'

/** That anybody could have read an event does not mean that this user did: of an erased account only members have. */
const asMember = (side: VisibilityAt): VisibilityAt =>
  side.historyVisibility === 'world_readable' ? { ...side, historyVisibility: 'shared' } : side

function allows({ historyVisibility, membership }: VisibilityAt, joinedLater: boolean): boolean {
  // 1.
  if (historyVisibility === 'world_readable') return true
  // 2.
  if (membership === 'join') return true
  // 3.
  if (historyVisibility === 'shared' && joinedLater) return true
  // 4.
  return historyVisibility === 'invited' && membership === 'invite'
  // 5. Otherwise, deny.
}

/**
 * The case of an event and a user, from the state before the event. The two events that change the answer themselves are
 * judged by both sides of the change. Of an erased sender, add `erasure`.
 */
export function visibilityCase(
  event: Pick<RoomEvent, 'type' | 'state_key' | 'content'>,
  userId: string,
  stateBefore: (type: string, stateKey: string) => Pick<RoomEvent, 'content'> | undefined,
  joinedLater: boolean,
): VisibilityCase {
  const before: VisibilityAt = {
    historyVisibility: historyVisibilityOf(stateBefore('m.room.history_visibility', '')),
    membership: membershipOf(stateBefore('m.room.member', userId)),
  }
  if (event.type === 'm.room.history_visibility' && event.state_key === '')
    return { before, after: { ...before, historyVisibility: historyVisibilityOf(event) }, joinedLater }
  if (event.type === 'm.room.member' && event.state_key === userId)
    return { before, after: { ...before, membership: membershipOf(event) }, joinedLater }
  return { before, joinedLater }
}
