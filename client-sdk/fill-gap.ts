import type { ClientEvent, SyncEvent } from '#spec/api/client/client-event.ts'
import { getMessages } from '#spec/api/client/events.ts'
import type { RoomEventFilter } from '#spec/api/client/filter-definition.ts'
import type { EventId, UserId } from '#spec/ids.ts'
import { redactedEvent, redactionTargetOf } from './redaction.ts'
import { confirmedBy } from './confirmed-by.ts'
import type { Replica } from './replica.ts'
import { memberRowOf } from './room-row.ts'
import type { SessionKeeper } from './session.ts'
import {
  isEventRow,
  type Changes,
  type EventRow,
  type GapRow,
  type MemberRow,
  type TimelineRow,
} from './store/store.ts'

const filter: RoomEventFilter = { lazy_load_members: true }

/** What `/messages` answers. */
interface Page {
  readonly chunk: readonly ClientEvent[]
  readonly state?: readonly ClientEvent[] | undefined
  readonly end?: string | undefined
}

/**
 * Fetches up to `limit` events of a gap, newest first, and puts them where they belong. The gap is closed when the page ends with an event
 * that stands below it, or history ends; else it moves down. False: the gap is not what it was, somebody else has filled it.
 */
export async function fillGap(replica: Replica, session: SessionKeeper, gap: GapRow, limit: number): Promise<boolean> {
  const query = { dir: 'b' as const, from: gap.gap, limit, filter: JSON.stringify(filter) }
  const page = await session.call(getMessages, { params: { roomId: gap.roomId }, query })
  return replica.exclusive(async () => {
    const [row] = await replica.store.timelineBefore(gap.roomId, gap.ordinal + 1, 1)
    if (!row || isEventRow(row) || row.ordinal !== gap.ordinal || row.gap !== gap.gap) return false
    await replica.commit(await prepareFill(replica, gap, page))
    return true
  })
}

async function prepareFill(replica: Replica, gap: GapRow, page: Page): Promise<Changes> {
  const { roomId } = gap
  const below = await replica.store.timelineBefore(roomId, gap.ordinal, page.chunk.length + 1)
  const chunk = aboveNextGap(page.chunk, below)
  const ids = chunk.map((event) => event.event_id)
  const targets = chunk.flatMap((event) => redactionTargetOf(event) ?? [])
  const stored = new Map((await replica.store.eventRows(roomId, [...ids, ...targets])).map((row) => [row.eventId, row]))
  const unknown = chunk.filter((event) => !stored.has(event.event_id))
  const rows = unknown.map((event, i): EventRow => ({
    roomId,
    ordinal: gap.ordinal - i,
    eventId: event.event_id,
    event,
  }))

  const met = stored.get(ids.at(-1) as EventId)
  const meetsOlder = met !== undefined && met.ordinal < gap.ordinal
  const goesOn = page.end !== undefined && page.end !== gap.gap && !meetsOlder
  const moved: GapRow[] = goesOn ? [{ roomId, ordinal: gap.ordinal - rows.length, gap: page.end! }] : []
  // Gaps with nothing between them are one.
  const passed = below.filter((row) => !isEventRow(row) && meetsOlder && row.ordinal > met.ordinal)
  return {
    // The newest row takes the place of the gap itself.
    removedTimeline: [gap, ...passed].map(({ ordinal }) => ({ roomId, ordinal })),
    timeline: [...redacted(replica, chunk, [...rows, ...stored.values()], rows), ...moved],
    members: await newMembers(replica, gap, page.state ?? []),
    removedOutbox: confirmedBy(replica.outbox.values(), replica.userId, unknown),
  }
}

/**
 * The part of a page that belongs to this gap: where it goes on past the lowest event above the next gap below, the rest belongs there.
 * Else what is unknown belongs here, even between known events: it came late, and the node has sorted it in.
 */
function aboveNextGap(chunk: readonly ClientEvent[], below: readonly TimelineRow[]): readonly ClientEvent[] {
  const nextGap = below.findLastIndex((row) => !isEventRow(row))
  const lowest = nextGap < 0 ? undefined : below[nextGap + 1]
  if (!lowest || !isEventRow(lowest)) return chunk
  const at = chunk.findIndex((event) => event.event_id === lowest.eventId)
  return at < 0 ? chunk : chunk.slice(0, at + 1)
}

/** The new rows, and those stored ones that a redaction in the gap has cut. */
function redacted(
  replica: Replica,
  chunk: readonly SyncEvent[],
  all: readonly EventRow[],
  rows: readonly EventRow[],
): EventRow[] {
  const by = new Map(chunk.map((event) => [redactionTargetOf(event), event]))
  const isNew = new Set(rows)
  return all.flatMap((row) => {
    const because = by.get(row.eventId)
    if (!because) return isNew.has(row) ? [row] : []
    const version = replica.rooms.get(row.roomId)?.version
    return [{ ...row, event: redactedEvent(row.event, because, version) }]
  })
}

/** Members who are not known yet; of others, something newer is. */
async function newMembers(
  replica: Replica,
  { roomId }: GapRow,
  state: readonly ClientEvent[],
): Promise<readonly MemberRow[]> {
  const rows = state.flatMap((event) => memberRowOf(roomId, event) ?? [])
  const stored = await replica.store.members(
    roomId,
    rows.map((row) => row.userId),
  )
  const known = new Set<UserId>(stored.map((row) => row.userId))
  return rows.filter((row) => !known.has(row.userId))
}
