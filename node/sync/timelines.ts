import type { RoomId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { passes, type RoomEventFilter } from '#node/rooms/event-filter.ts'
import { readEvents } from '#node/rooms/store.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'
import { visibleEvents } from '#node/rooms/visible-events.ts'
import type { RoomPlan } from './plan-rooms.ts'
import type { Reader } from './reader.ts'
import * as store from './store.ts'

/** The newest events of a room's part. */
export interface Timeline {
  readonly plan: RoomPlan
  /** Oldest first. */
  readonly events: readonly StoredEvent[]
  /** There are events between `plan.after` and the first one here. */
  readonly isLimited: boolean
  /** The position before the first event: where older ones are asked for. */
  readonly startsAfter: number
}

const usualLimit = 20
const largestLimit = 100

export async function readTimelines(
  deps: Deps,
  reader: Reader,
  plans: readonly RoomPlan[],
  ignored: readonly string[],
): Promise<Timeline[]> {
  const filter = reader.filter.room?.timeline ?? {}
  const limit = Math.min(filter.limit ?? usualLimit, largestLimit)
  // One more than is told shows whether there are more.
  const rows = plans.length === 0 ? [] : await store.readTimelines(deps.sql, plans, limit + 1, filter, ignored)
  const byRoom = Map.groupBy(rows, (event) => event.roomId)
  const endings = await readEndings(deps, plans, filter)
  const isDoubtful = await findDoubtful(deps, plans, byRoom)
  return Promise.all(
    plans.map(async (plan) => {
      const read = (byRoom.get(plan.roomId) ?? []).toReversed()
      const newest = read.slice(-limit)
      const visible = isDoubtful(plan) ? await afterLastInvisible(deps, reader, plan, newest) : newest
      const ending = endings.get(plan.roomId)
      const events = ending === undefined || visible.at(-1)?.eventId === ending.eventId ? visible : [...visible, ending]
      return {
        plan,
        events,
        isLimited: visible.length < read.length,
        startsAfter: visible[0] === undefined ? plan.upTo : visible[0].position - 1,
      }
    }),
  )
}

/** Whoever is in a room sees all since they came, and what came before if the room has always been open to it: no need to judge each event. */
async function findDoubtful(
  deps: Deps,
  plans: readonly RoomPlan[],
  events: ReadonlyMap<RoomId, readonly StoredEvent[]>,
): Promise<(plan: RoomPlan) => boolean> {
  const older = plans.filter(({ roomId, insideSince }) =>
    events.get(roomId)?.some((event) => event.position < insideSince),
  )
  const joined = older.filter((plan) => plan.section === 'join').map((plan) => plan.roomId)
  const closed = joined.length === 0 ? new Set() : await store.readClosedRooms(deps.sql, joined)
  const doubtful = new Set(older.filter((plan) => plan.section === 'leave' || closed.has(plan.roomId)))
  return (plan) => doubtful.has(plan)
}

/** A timeline has no holes: it begins after the last event that the reader may not see. */
async function afterLastInvisible(
  deps: Deps,
  reader: Reader,
  plan: RoomPlan,
  events: readonly StoredEvent[],
): Promise<readonly StoredEvent[]> {
  const visible = new Set(await visibleEvents(deps, reader.userId, plan.roomId, events))
  const isHidden = (event: StoredEvent) => !visible.has(event) && event.eventId !== plan.ending?.eventId
  return events.slice(events.findLastIndex(isHidden) + 1)
}

async function readEndings(
  deps: Deps,
  plans: readonly RoomPlan[],
  filter: RoomEventFilter,
): Promise<ReadonlyMap<RoomId, StoredEvent>> {
  const ids = plans.flatMap((plan) => plan.ending?.eventId ?? [])
  if (ids.length === 0) return new Map()
  const events = await readEvents(deps.sql, ids)
  return new Map(events.filter((event) => passes(filter, event)).map((event) => [event.roomId, event]))
}
