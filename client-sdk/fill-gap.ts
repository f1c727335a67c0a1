import type { ClientEvent, SyncEvent } from '#spec/api/client/client-event.ts'
import { getMessages } from '#spec/api/client/events.ts'
import type { RoomEventFilter } from '#spec/api/client/filter-definition.ts'
import type { EventId, UserId } from '#spec/ids.ts'
import { redactedEvent, redactionTargetOf } from './redaction.ts'
import type { Replica } from './replica.ts'
import { memberRowOf } from './room-row.ts'
import type { SessionKeeper } from './session.ts'
import { StoreConflict, type EventRow, type GapRow, type MemberRow } from './store/store.ts'

const filter: RoomEventFilter = { lazy_load_members: true }

/** What `/messages` answers. */
interface Page {
  readonly chunk: readonly ClientEvent[]
  readonly state?: readonly ClientEvent[] | undefined
  readonly end?: string | undefined
}

/**
 * Fetches up to `limit` events of a gap, newest first, and puts them where they belong. The gap is closed when the page ends with an event
 * that stands below it, or history ends; else it moves down. False: another tab was faster, and the store was read again.
 */
export async function fillGap(replica: Replica, session: SessionKeeper, gap: GapRow, limit: number): Promise<boolean> {
  const query = { dir: 'b' as const, from: gap.gap, limit, filter: JSON.stringify(filter) }
  const page = await session.call(getMessages, { params: { roomId: gap.roomId }, query })
  return replica.exclusive(async () => {
    try {
      await replica.commit(await prepareFill(replica, gap, page))
      return true
    } catch (error) {
      if (!(error instanceof StoreConflict)) throw error
      await replica.reload()
      return false
    }
  })
}

async function prepareFill(replica: Replica, gap: GapRow, page: Page) {
  const { roomId } = gap
  const ids = page.chunk.map((event) => event.event_id)
  const targets = page.chunk.flatMap((event) => redactionTargetOf(event) ?? [])
  const stored = new Map((await replica.store.eventRows(roomId, [...ids, ...targets])).map((row) => [row.eventId, row]))
  const unknown = page.chunk.filter((event) => !stored.has(event.event_id))
  const rows = unknown.map((event, i): EventRow => ({
    roomId,
    ordinal: gap.ordinal - i,
    eventId: event.event_id,
    event,
  }))

  const oldest = stored.get(ids.at(-1) as EventId)
  const meetsOlder = oldest !== undefined && oldest.ordinal < gap.ordinal
  const goesOn = page.end !== undefined && page.end !== gap.gap && !meetsOlder
  const below: GapRow[] = goesOn ? [{ roomId, ordinal: gap.ordinal - rows.length, gap: page.end! }] : []
  return {
    expect: { gap },
    // The newest row takes the place of the gap itself.
    removedTimeline: [{ roomId, ordinal: gap.ordinal }],
    timeline: [...redacted(replica, page.chunk, [...rows, ...stored.values()], rows), ...below],
    members: await newMembers(replica, gap, page.state ?? []),
  }
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
