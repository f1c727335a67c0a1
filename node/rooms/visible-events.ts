import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { Membership } from '#spec/room/content.ts'
import { isVisible, visibilityCase, type VisibilityCase } from '#spec/room/visible.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'
import type { StoredEvent } from './stored-event.ts'

type Judgeable = Pick<StoredEvent, 'eventId' | 'position' | 'type' | 'stateKey' | 'content'>

/** What a user gets to see of some events. */
export interface Sight<E extends Judgeable = StoredEvent> {
  /** In the order given. */
  readonly events: readonly E[]
  /** The user's membership at one of the events, with what it changed; `leave` for somebody who was not in the room yet. */
  readonly membershipAt: (event: E) => Membership
}

/** Of some events of a room, those that the user may see, in the same order. Client-Server API, "Room history visibility". */
export async function visibleEvents(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  return [...(await sightOf(deps, userId, roomId, events)).events]
}

/** Whether a user may see the state of a room as it was at a position: as they would see something said there. */
export async function seesStateAt(deps: Deps, userId: UserId, roomId: RoomId, position: number): Promise<boolean> {
  const said = { eventId: '' as EventId, position: position + 1, type: '', stateKey: null, content: '{}' }
  return (await sightOf(deps, userId, roomId, [said])).events.length > 0
}

/** The same as `visibleEvents`, with what else was found out on the way. */
export async function sightOf<E extends Judgeable>(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  events: readonly E[],
): Promise<Sight<E>> {
  const member = await store.readMember(deps.sql, roomId, userId)
  // Whoever is in the room sees all since they came, whatever the visibility is: the common case needs no look at old state.
  const since = member?.membership === 'join' ? member.membershipPosition : Infinity
  const doubtful = events.filter((event) => event.position < since)
  if (doubtful.length === 0) return { events, membershipAt: () => 'join' }
  const judged = await judge(deps, roomId, userId, doubtful, member?.forgotten === true)
  return {
    events: events.filter((event) => event.position >= since || judged.get(event.eventId)!.isVisible),
    membershipAt: (event) => (event.position >= since ? 'join' : judged.get(event.eventId)!.membership),
  }
}

interface Judged {
  readonly isVisible: boolean
  readonly membership: Membership
}

async function judge(
  deps: Deps,
  roomId: RoomId,
  userId: UserId,
  events: readonly Judgeable[],
  isForgotten: boolean,
): Promise<ReadonlyMap<EventId, Judged>> {
  const cases = await readCases(deps, roomId, userId, events)
  return new Map(
    [...cases].map(([eventId, asMember]) => {
      const { membership = 'leave' } = asMember.after ?? asMember.before
      return [eventId, { isVisible: isVisible(isForgotten ? asStranger(asMember) : asMember), membership }]
    }),
  )
}

/** What decides about each of some events of a room for one user, as far as they have not forgotten the room. */
export async function readCases(
  deps: Deps,
  roomId: RoomId,
  userId: UserId,
  events: readonly Judgeable[],
): Promise<ReadonlyMap<EventId, VisibilityCase>> {
  const asked = events.flatMap(({ position }) => [
    { type: 'm.room.history_visibility', key: '', before: position },
    { type: 'm.room.member', key: userId, before: position },
  ])
  const [pieces, lastJoin] = await Promise.all([
    store.readStateBefore(deps.sql, roomId, asked),
    store.readLastJoin(deps.sql, roomId, userId),
  ])
  const contents = new Map(
    pieces.map((p) => [`${p.before} ${p.type}`, { content: JSON.parse(p.content) as JsonObject }]),
  )
  return new Map(
    events.map((event) => {
      const stateBefore = (type: string) => contents.get(`${event.position} ${type}`)
      return [event.eventId, visibilityCase(outlineOf(event), userId, stateBefore, lastJoin > event.position)]
    }),
  )
}

const outlineOf = ({ type, content, stateKey }: Judgeable) => ({
  type,
  content: JSON.parse(content) as JsonObject,
  ...(stateKey !== null && { state_key: stateKey }),
})

/** Whoever has forgotten a room sees of it what somebody sees who was never there. */
export const asStranger = ({ before, after }: VisibilityCase): VisibilityCase => ({
  before: { ...before, membership: undefined },
  ...(after && { after: { ...after, membership: undefined } }),
  joinedLater: false,
})
