import type { RoomId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { passes, type RoomEventFilter } from '#node/rooms/event-filter.ts'
import { readEvents } from '#node/rooms/store.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'
import { sightOf } from '#node/rooms/visible-events.ts'
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
  /** The reader's membership at one of the events. */
  readonly membershipAt: (event: StoredEvent) => string
}

interface Sight {
  readonly events: readonly StoredEvent[]
  readonly membershipAt: (event: StoredEvent) => string
}

const usualLimit = 20
const largestLimit = 1_000
/** The most events of one answer, but for a few of each room. */
const mostEvents = 20_000

export async function readTimelines(
  deps: Deps,
  reader: Reader,
  plans: readonly RoomPlan[],
  ignored: readonly string[],
): Promise<Timeline[]> {
  const filter = reader.filter.room?.timeline ?? {}
  const most = Math.max(usualLimit, Math.floor(mostEvents / plans.length))
  const limit = Math.min(filter.limit ?? usualLimit, largestLimit, most)
  // One more than is told shows whether there are more.
  const rows = plans.length === 0 ? [] : await store.readTimelines(deps.sql, plans, limit + 1, filter, ignored)
  const byRoom = Map.groupBy(rows, (event) => event.roomId)
  const endings = await readEndings(deps, plans, filter)
  const sightIn = await sights(deps, reader, plans, byRoom)
  return Promise.all(
    plans.map(async (plan) => {
      const read = (byRoom.get(plan.roomId) ?? []).toReversed()
      const newest = limit === 0 ? [] : read.slice(-limit)
      const sight = await sightIn(plan, newest)
      const visible = afterLastHidden(newest, sight, plan)
      const ending = endings.get(plan.roomId)
      const events = ending === undefined || visible.at(-1)?.eventId === ending.eventId ? visible : [...visible, ending]
      return {
        plan,
        events,
        isLimited: visible.length < read.length,
        startsAfter: visible[0] === undefined ? plan.upTo : visible[0].position - 1,
        membershipAt: (event) =>
          event.eventId === plan.ending?.eventId ? plan.ending.membership : sight.membershipAt(event),
      }
    }),
  )
}

/**
 * What the reader may see of the rooms' events. Whoever is in a room sees all since they came, and what came before if the room has always
 * been open to it: only of other rooms each event has to be judged.
 */
async function sights(
  deps: Deps,
  { userId }: Reader,
  plans: readonly RoomPlan[],
  events: ReadonlyMap<RoomId, readonly StoredEvent[]>,
): Promise<(plan: RoomPlan, events: readonly StoredEvent[]) => Promise<Sight> | Sight> {
  const isOlder = (plan: RoomPlan) => events.get(plan.roomId)?.some((event) => event.position < plan.insideSince)
  const older = new Set(plans.filter(isOlder).map((plan) => plan.roomId))
  const joined = plans.filter((plan) => plan.section === 'join' && older.has(plan.roomId)).map((plan) => plan.roomId)
  const [closed, history] =
    joined.length === 0
      ? [new Set<RoomId>(), []]
      : await Promise.all([
          store.readClosedRooms(deps.sql, joined),
          store.readOwnHistory(deps.sql, userId, joined, Number.MAX_SAFE_INTEGER),
        ])
  const histories = Map.groupBy(history, (entry) => entry.roomId)
  return (plan, newest) => {
    if (!older.has(plan.roomId)) return { events: newest, membershipAt: () => 'join' }
    if (plan.section === 'leave' || closed.has(plan.roomId)) return sightOf(deps, userId, plan.roomId, newest)
    const own = histories.get(plan.roomId) ?? []
    const membershipAt = ({ position }: StoredEvent) =>
      own.findLast((entry) => entry.position <= position)?.membership ?? 'leave'
    return { events: newest, membershipAt }
  }
}

/** A timeline has no holes: it begins after the last event that the reader may not see. */
function afterLastHidden(events: readonly StoredEvent[], sight: Sight, { ending }: RoomPlan): readonly StoredEvent[] {
  if (sight.events.length === events.length) return events
  const visible = new Set(sight.events)
  const isHidden = (event: StoredEvent) => !visible.has(event) && event.eventId !== ending?.eventId
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
