import type { EventId, UserId } from '#spec/ids.ts'
import { isJsonObject } from '#spec/json.ts'
import { isRedacted } from './redaction.ts'
import { statusOf } from './send-queue.ts'
import { isEventRow, type EventRow, type OutboxRow, type TimelineRow } from './store/store.ts'
import type { TimelineItem } from './timeline-item.ts'

/** What the items of a timeline are made from. */
export interface Sources {
  readonly ownUserId: UserId | undefined
  /** The window, oldest first. */
  readonly rows: readonly TimelineRow[]
  /** What waits in the room's queue, oldest first, redactions among it. */
  readonly outbox: readonly OutboxRow[]
  readonly sending: ReadonlySet<string>
  /** The window ends with the newest event: only then the queue follows. */
  readonly atEnd: boolean
  /** Which event each other user has read up to. */
  readonly receipts: ReadonlyMap<UserId, EventId>
  /** Under which transaction ids this device sent events. */
  readonly txnIds: ReadonlyMap<EventId, string>
}

/** The items, oldest first. Items that have not changed are the objects of `before`, so that views may compare by identity. */
export function itemsOf(sources: Sources, before: readonly TimelineItem[]): readonly TimelineItem[] {
  const items = [...eventItems(sources), ...(sources.atEnd ? queueItems(sources) : [])]
  const seen = withSeen(items, sources)
  const old = new Map(before.map((item) => [item.key, item]))
  const kept = seen.map((item) => keepIfSame(old.get(item.key), item))
  return kept.length === before.length && kept.every((item, i) => item === before[i]) ? before : kept
}

function eventItems(sources: Sources): readonly TimelineItem[] {
  const goingAway = new Set(sources.outbox.filter((row) => row.status !== 'failed').map((row) => row.redacts))
  const items: TimelineItem[] = []
  let gapBefore = false
  for (const row of sources.rows) {
    // A gap at the very beginning of the window is not a hole in it.
    if (!isEventRow(row)) gapBefore = items.length > 0
    else {
      items.push({ ...itemOf(row, sources.txnIds), gapBefore, ...(goingAway.has(row.eventId) ? asRedacted : {}) })
      gapBefore = false
    }
  }
  return items
}

const asRedacted = { redacted: true, content: {} }

/** One event as an item, outside any window. */
export function itemOf({ eventId, event }: EventRow, txnIds: ReadonlyMap<EventId, string>): TimelineItem {
  const txnId = event.unsigned?.transaction_id ?? txnIds.get(eventId)
  const prevContent = event.unsigned?.prev_content
  return {
    key: txnId ?? eventId,
    eventId,
    txnId,
    type: event.type,
    stateKey: event.state_key,
    sender: event.sender,
    content: event.content,
    prevContent: isJsonObject(prevContent) ? prevContent : undefined,
    ts: event.origin_server_ts,
    status: 'sent',
    redacted: isRedacted(event),
    seen: false,
    seenBy: nobody,
    gapBefore: false,
  }
}

const nobody: readonly UserId[] = []

/** What waits, except redactions, and what has come back meanwhile. */
function queueItems({ ownUserId, rows, outbox, sending }: Sources): readonly TimelineItem[] {
  if (ownUserId === undefined) return []
  const present = new Set<EventId | undefined>(rows.filter(isEventRow).map((row) => row.eventId))
  const waiting = outbox.filter((row) => row.redacts === undefined && !present.has(row.eventId ?? ('' as EventId)))
  return waiting.map((row) => ({
    key: row.txnId,
    eventId: row.eventId,
    txnId: row.txnId,
    type: row.type,
    sender: ownUserId,
    content: row.content,
    ts: row.createdAt,
    status: statusOf(row, sending),
    error: row.error,
    redacted: false,
    seen: false,
    seenBy: nobody,
    gapBefore: false,
  }))
}

/** Who reads an event has seen all before it; so has who writes one. */
function withSeen(items: readonly TimelineItem[], { ownUserId, receipts }: Sources): readonly TimelineItem[] {
  const readers = new Map<EventId, UserId[]>()
  for (const [userId, eventId] of receipts) {
    if (userId !== ownUserId) readers.set(eventId, [...(readers.get(eventId) ?? []), userId])
  }
  let seen = false
  const fromEnd = [...items].reverse().map((item) => {
    const seenBy = (item.eventId && readers.get(item.eventId)) ?? nobody
    const wasSeen = seen
    seen ||= seenBy.length > 0 || item.sender !== ownUserId
    return { ...item, seenBy, seen: wasSeen || seenBy.some((userId) => userId !== item.sender) }
  })
  return fromEnd.reverse()
}

/** The old object where nothing has changed. Contents are compared by identity: rows are never changed in place. */
function keepIfSame(old: TimelineItem | undefined, item: TimelineItem): TimelineItem {
  if (!old) return item
  const { seenBy, ...rest } = item
  const isSame =
    sameList(old.seenBy, seenBy) &&
    Object.entries(rest).every(([name, value]) => Object.is(old[name as keyof TimelineItem], value)) &&
    Object.keys(old).length === Object.keys(item).length
  return isSame ? old : item
}

const sameList = (a: readonly UserId[], b: readonly UserId[]): boolean =>
  a.length === b.length && a.every((userId, i) => userId === b[i])
