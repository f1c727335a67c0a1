import type { SyncEvent } from '#spec/api/client/client-event.ts'
import type { EventId } from '#spec/ids.ts'
import type { EventRow, RoomRow, Store, TimelineRow } from './store/store.ts'

/**
 * Room left below a gap, so that what is missing finds its place when it arrives: 2^20 events. A number of this size
 * can be added 2^32 times before ordinals are no longer exact.
 */
const gapSpace = 2 ** 20

/** The `timeline` of a room in a sync answer. */
export interface Batch {
  readonly events: readonly SyncEvent[]
  readonly limited?: boolean | undefined
  readonly prev_batch?: string | undefined
}

/** Where new events stand. */
export interface Placed {
  /** The new events, and a gap before them where something is missing. */
  readonly rows: readonly TimelineRow[]
  /** The events that were not stored before, in order. */
  readonly fresh: readonly SyncEvent[]
  readonly topOrdinal: number
  /** Whether events between the stored ones and these are missing. */
  readonly hasGap: boolean
}

/**
 * Gives the events of a sync answer their ordinals.
 *
 * 1. A batch that is not limited goes on where the stored timeline ends.
 * 2. Else, where one of its events is stored already, it overlaps: what follows the last of those goes on.
 * 3. Else something may be missing: a gap is left, and marked with the token that fetches it.
 */
export async function placeTimeline(store: Store, before: RoomRow, continues: boolean, batch: Batch): Promise<Placed> {
  const { roomId, topOrdinal } = before
  if (continues && batch.limited !== true) return place(before, batch.events, topOrdinal)
  const known = await knownIds(store, before, batch.events)
  const lastKnown = batch.events.findLastIndex((event) => known.has(event.event_id))
  if (lastKnown >= 0) return place(before, batch.events.slice(lastKnown + 1), topOrdinal)
  if (batch.prev_batch === undefined) return place(before, batch.events, topOrdinal)
  const ordinal = topOrdinal + gapSpace
  const placed = place(before, batch.events, ordinal)
  return { ...placed, rows: [{ roomId, ordinal, gap: batch.prev_batch }, ...placed.rows], hasGap: true }
}

async function knownIds(store: Store, before: RoomRow, events: readonly SyncEvent[]): Promise<ReadonlySet<EventId>> {
  if (before.newestEventId === undefined) return new Set()
  const rows = await store.eventRows(
    before.roomId,
    events.map((event) => event.event_id),
  )
  return new Set(rows.map((row) => row.eventId))
}

function place({ roomId }: RoomRow, events: readonly SyncEvent[], below: number): Placed {
  const rows = events.map((event, i): EventRow => ({ roomId, ordinal: below + 1 + i, eventId: event.event_id, event }))
  return { rows, fresh: events, topOrdinal: below + events.length, hasGap: false }
}
