import type { EventId, RoomId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { readAggregations, type Aggregation, type Aggregations } from './relations/aggregate.ts'
import { aggregationText, eventsInside } from './relations/aggregation-text.ts'
import { cutErased, type Cut } from './erased-events.ts'
import * as store from './store.ts'
import {
  clientForm,
  delayedScope,
  lacksTarget,
  transactionIn,
  type StoredEvent,
  type Unsigned,
} from './stored-event.ts'
import { visibleEvents } from './visible-events.ts'

type Reader = Pick<Identity, 'userId' | 'deviceId'>

export interface Presentation {
  readonly withRoomId: boolean
  /** The reader's membership at an event, where it is known. */
  readonly membershipAt?: (event: StoredEvent) => string | undefined
  /** Events that stand for the state of a room, not for what happened in it: what they replaced is of no interest. */
  readonly asState?: boolean
  /** How far in the log it is told what others made of the events of a room: 0 for not at all, and the end if it is absent. */
  readonly relatedUpTo?: (roomId: RoomId) => number
  /** What others made of them, where it has been read already. */
  readonly aggregations?: Aggregations
}

/**
 * Events as JSON text for one device: with the transaction ids that it chose, the redactions that were applied, what state events replaced,
 * and what others made of them. Four queries, however many events, but for redactions in old rooms, for state from before the reader came,
 * for what has edits, threads and references, and for what people said who were erased.
 */
export async function presentEvents(
  deps: Deps,
  reader: Reader,
  events: readonly StoredEvent[],
  presentation: Presentation,
): Promise<string[]> {
  const { membershipAt, asState, relatedUpTo } = presentation
  const aggregations =
    presentation.aggregations ?? (await readAggregations(deps, reader.userId, asState ? [] : events, relatedUpTo))
  const all = [...events, ...eventsInside(aggregations)]
  const cut = await cutErased(deps, reader.userId, all)
  const form = await readForm(deps, reader, all, presentation, cut)
  const inside = (event: StoredEvent, relations?: string) => form(event, { relations })
  return events.map((event) => {
    const aggregation = aggregations.get(event.eventId)
    const relations = aggregation && aggregationText(withoutCutEdits(aggregation, cut), inside)
    return form(event, { membership: membershipAt?.(event), relations })
  })
}

/** An edit of which nothing is left replaces nothing. */
function withoutCutEdits({ edit, thread, references }: Aggregation, cut: Cut): Aggregation {
  const kept = (event: StoredEvent | undefined) => (event && cut(event) === event ? event : undefined)
  return { edit: kept(edit), thread: thread && { ...thread, latestEdit: kept(thread.latestEdit) }, references }
}

/** How to write some events, with what is to be said of each beside what is read here. */
async function readForm(
  deps: Deps,
  reader: Reader,
  events: readonly StoredEvent[],
  { withRoomId, asState }: Presentation,
  cut: Cut,
): Promise<(event: StoredEvent, unsigned: Unsigned) => string> {
  const [transactions, redactions, replaced] = await Promise.all([
    readOwnTransactions(deps, reader, events),
    readRedactions(deps, events),
    asState ? new Map<EventId, Unsigned>() : readReplaced(deps, reader, events),
  ])
  const targets = await readTargets(deps, [...events, ...redactions.values()])
  const cutRedaction = await cutErased(deps, reader.userId, [...redactions.values()])
  const now = deps.clock.now()
  const form = (event: StoredEvent, unsigned?: Unsigned) =>
    clientForm(event, { withRoomId, now, redacts: targets.get(event.eventId), ...(unsigned && { unsigned }) })
  return (event, unsigned) => {
    const redaction = event.redactedBy === null ? undefined : redactions.get(event.redactedBy)
    return form(cut(event), {
      ...transactions.get(event.eventId),
      redactedBecause: redaction && form(cutRedaction(redaction)),
      ...unsigned,
      ...replaced.get(event.eventId),
    })
  }
}

async function readOwnTransactions(
  deps: Deps,
  { userId, deviceId }: Reader,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<EventId, Unsigned>> {
  const own = events.filter((event) => event.sender === userId).map((event) => event.eventId)
  if (own.length === 0) return new Map()
  const rows = await store.readTransactionIds(deps.sql, { userId, deviceId, sharedScope: delayedScope }, own)
  return new Map(rows.map((row) => [row.eventId, transactionIn(row)]))
}

async function readRedactions(deps: Deps, events: readonly StoredEvent[]): Promise<ReadonlyMap<EventId, StoredEvent>> {
  const ids = events.flatMap((event) => event.redactedBy ?? [])
  if (ids.length === 0) return new Map()
  return new Map((await store.readEvents(deps.sql, ids)).map((event) => [event.eventId, event]))
}

/** What redactions are about, where their content does not say it. */
async function readTargets(deps: Deps, events: readonly StoredEvent[]): Promise<ReadonlyMap<EventId, EventId>> {
  const ids = events.filter(lacksTarget).map((event) => event.eventId)
  if (ids.length === 0) return new Map()
  return new Map((await store.readTargets(deps.sql, ids)).map((row) => [row.eventId, row.target]))
}

/** What was replaced is named always, and told only to those who may see it. */
async function readReplaced(
  deps: Deps,
  { userId }: Reader,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<EventId, Unsigned>> {
  const changes = events.filter((event) => event.stateKey !== null).map((event) => event.eventId)
  if (changes.length === 0) return new Map()
  const rows = await store.readReplaced(deps.sql, userId, changes)
  const doubtful = Map.groupBy(
    rows.filter((row) => !row.sinceJoin),
    (row) => row.roomId,
  )
  const hidden = new Set(rows.filter((row) => !row.sinceJoin).map((row) => row.eventId))
  for (const [roomId, before] of doubtful)
    for (const { eventId } of await visibleEvents(deps, userId, roomId, before)) hidden.delete(eventId)
  const cut = await cutErased(deps, userId, rows)
  return new Map(
    rows.map((row) => [
      row.by,
      { replacesState: row.eventId, ...(!hidden.has(row.eventId) && { previousContent: cut(row).content }) },
    ]),
  )
}
