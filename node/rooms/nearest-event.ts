import { notFound } from '#spec/errors.ts'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { viewOf } from './room-view.ts'
import * as store from './store.ts'
import { visibleEvents } from './visible-events.ts'

const atOnce = 100
/** How many events that the reader may not see are passed over. */
const mostRead = 10_000

interface Asked {
  readonly roomId: RoomId
  /** Milliseconds since the Unix epoch. */
  readonly ts: number
  readonly dir: 'f' | 'b'
}

/** The event nearest to a moment, in one direction, of those that a user may see. Throws M_NOT_FOUND. */
export async function readNearestEvent(
  deps: Deps,
  userId: UserId,
  { roomId, ts, dir }: Asked,
): Promise<{ event_id: EventId; origin_server_ts: number }> {
  await viewOf(deps, userId, roomId)
  let edge = { ts, position: dir === 'f' ? -1 : Number.MAX_SAFE_INTEGER }
  for (let read = 0; read < mostRead; read += atOnce) {
    const events = await store.readByTime(deps.sql, roomId, dir, edge, atOnce)
    const [found] = await visibleEvents(deps, userId, roomId, events)
    if (found) return { event_id: found.eventId, origin_server_ts: found.originServerTs }
    const last = events.at(-1)
    if (last === undefined || events.length < atOnce) break
    edge = { ts: last.originServerTs, position: last.position }
  }
  throw notFound('There is no event on that side of this moment.')
}
