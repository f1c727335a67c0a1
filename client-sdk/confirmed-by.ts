import type { SyncEvent } from '#spec/api/client/client-event.ts'
import type { EventId, UserId } from '#spec/ids.ts'
import type { OutboxRow } from './store/store.ts'

/**
 * The transaction ids of those items of the queue that have come back among these events: known by the transaction id, or by the
 * event id where the node has answered before.
 */
export function confirmedBy(
  outbox: Iterable<OutboxRow>,
  ownUserId: UserId | undefined,
  events: readonly SyncEvent[],
): readonly string[] {
  const own = events.filter((event) => event.sender === ownUserId)
  const txnIds = new Set<string | undefined>(own.map((event) => event.unsigned?.transaction_id))
  const eventIds = new Set<EventId | undefined>(own.map((event) => event.event_id))
  return [...outbox]
    .filter((row) => txnIds.has(row.txnId) || (row.eventId && eventIds.has(row.eventId)))
    .map((row) => row.txnId)
}
