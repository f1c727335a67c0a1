import type { EventId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import * as store from './store.ts'
import { clientForm, type StoredEvent, type Unsigned } from './stored-event.ts'

export interface Presentation {
  readonly withRoomId: boolean
  /** The reader's membership at an event, where it is known. */
  readonly membershipAt?: (event: StoredEvent) => string | undefined
}

/**
 * Events as JSON text for one device: with the transaction ids that it chose, the redactions that were applied, and what state events
 * replaced. Three queries at most, however many events.
 */
export async function presentEvents(
  deps: Deps,
  reader: Pick<Identity, 'userId' | 'deviceId'>,
  events: readonly StoredEvent[],
  { withRoomId, membershipAt }: Presentation,
): Promise<string[]> {
  const [transactions, redactions, replaced] = await Promise.all([
    readOwnTransactions(deps, reader, events),
    readRedactions(deps, events),
    readReplaced(deps, events),
  ])
  const now = deps.clock.now()
  return events.map((event) => {
    const redaction = event.redactedBy === null ? undefined : redactions.get(event.redactedBy)
    const unsigned: Unsigned = {
      transactionId: transactions.get(event.eventId),
      redactedBecause: redaction && clientForm(redaction, { withRoomId, now }),
      membership: membershipAt?.(event),
      ...replaced.get(event.eventId),
    }
    return clientForm(event, { withRoomId, now, unsigned })
  })
}

async function readOwnTransactions(
  deps: Deps,
  { userId, deviceId }: { userId: UserId; deviceId: string },
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<EventId, string>> {
  const own = events.filter((event) => event.sender === userId && event.stateKey === null).map((event) => event.eventId)
  if (own.length === 0) return new Map()
  const rows = await store.readTransactionIds(deps.sql, userId, deviceId, own)
  return new Map(rows.map((row) => [row.eventId, row.txnId]))
}

async function readRedactions(deps: Deps, events: readonly StoredEvent[]): Promise<ReadonlyMap<EventId, StoredEvent>> {
  const ids = events.flatMap((event) => event.redactedBy ?? [])
  if (ids.length === 0) return new Map()
  return new Map((await store.readEvents(deps.sql, ids)).map((event) => [event.eventId, event]))
}

async function readReplaced(deps: Deps, events: readonly StoredEvent[]): Promise<ReadonlyMap<EventId, Unsigned>> {
  const changes = events.filter((event) => event.stateKey !== null)
  if (changes.length === 0) return new Map()
  const rows = await store.readReplaced(
    deps.sql,
    changes.map((event) => event.eventId),
  )
  return new Map(rows.map((row) => [row.by, { replacesState: row.eventId, previousContent: row.content }]))
}
