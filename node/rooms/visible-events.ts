import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { isVisible, visibilityCase } from '#spec/room/visible.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'
import type { StoredEvent } from './stored-event.ts'

/** Of some events of a room, those that the user may see, in the same order. Client-Server API, "Room history visibility". */
export async function visibleEvents(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const member = await store.readMember(deps.sql, roomId, userId)
  if (member?.forgotten) return []
  // Whoever is in the room sees all since they came, whatever the visibility is: the common case needs no look at old state.
  const since = member?.membership === 'join' ? member.membershipPosition : Infinity
  const doubtful = events.filter((event) => event.position < since)
  if (doubtful.length === 0) return [...events]
  const allowed = await judge(deps, roomId, userId, doubtful)
  return events.filter((event) => event.position >= since || allowed.has(event.eventId))
}

async function judge(
  deps: Deps,
  roomId: RoomId,
  userId: UserId,
  events: readonly StoredEvent[],
): Promise<ReadonlySet<EventId>> {
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
  const allowed = events.filter((event) => {
    const outline = {
      type: event.type,
      content: JSON.parse(event.content) as JsonObject,
      ...(event.stateKey !== null && { state_key: event.stateKey }),
    }
    const stateBefore = (type: string) => contents.get(`${event.position} ${type}`)
    return isVisible(visibilityCase(outline, userId, stateBefore, lastJoin > event.position))
  })
  return new Set(allowed.map((event) => event.eventId))
}
