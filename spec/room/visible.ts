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

/** What decides whether a user may see an event. */
export interface VisibilityCase {
  /** The state before the event. */
  readonly before: VisibilityAt
  /** The state after it, where the event changed it: history visibility, and the user's own membership. */
  readonly after?: VisibilityAt | undefined
  /** True if the user was in the room at any time after the event. */
  readonly joinedLater: boolean
}

/** True if the user may see the event. */
export const isVisible = ({ before, after, joinedLater }: VisibilityCase): boolean =>
  allows(before, joinedLater) || (after !== undefined && allows(after, joinedLater))

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
 * judged by both sides of the change.
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
