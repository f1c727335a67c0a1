import type { SyncEvent } from '#spec/api/client/client-event.ts'
import type { EventId } from '#spec/ids.ts'
import type { Placed } from './place-timeline.ts'
import { redactedEvent, redactionTargetOf } from './redaction.ts'
import { applyState, lastMessageOf } from './room-row.ts'
import { isEventRow, type EventRow, type RoomRow, type StateRow, type Store, type TimelineRow } from './store/store.ts'

/** What redactions leave. */
export interface Cut {
  readonly row: RoomRow
  readonly timeline: readonly TimelineRow[]
  readonly state: readonly StateRow[]
}

/** Applies the redactions among the new events to those events and to stored ones. */
export async function applyRedactions(store: Store, row: RoomRow, placed: Placed): Promise<Cut> {
  const by = new Map<EventId, SyncEvent>()
  for (const event of placed.fresh) {
    const target = redactionTargetOf(event)
    if (target !== undefined) by.set(target, event)
  }
  if (by.size === 0) return { row, timeline: placed.rows, state: [] }
  const cut = (target: EventRow): EventRow => {
    const because = by.get(target.eventId)
    return because ? { ...target, event: redactedEvent(target.event, because, row.version) } : target
  }
  const stored = (await store.eventRows(row.roomId, [...by.keys()])).map(cut)
  const timeline = [...stored, ...placed.rows.map((each) => (isEventRow(each) ? cut(each) : each))]
  const state = await redactedState(
    store,
    timeline.filter(isEventRow).filter(({ eventId }) => by.has(eventId)),
  )
  return {
    row: state.reduce<RoomRow>((r, s) => applyState(r, { ...s, state_key: s.stateKey }), redactLast(row, timeline)),
    timeline,
    state,
  }
}

function redactLast(row: RoomRow, timeline: readonly TimelineRow[]): RoomRow {
  const last = row.lastMessage
  const redacted = last && timeline.filter(isEventRow).find(({ eventId }) => eventId === last.eventId)
  return redacted ? { ...row, lastMessage: lastMessageOf(redacted.event, last.senderName) } : row
}

/** The pieces of present state that a redaction has cut. */
async function redactedState(store: Store, redacted: readonly EventRow[]): Promise<readonly StateRow[]> {
  const rows = await Promise.all(
    redacted.map(async ({ roomId, eventId, event }) => {
      if (event.state_key === undefined) return undefined
      const row = await store.stateRow(roomId, event.type, event.state_key)
      return row?.eventId === eventId ? { ...row, content: event.content } : undefined
    }),
  )
  return rows.filter((row) => row !== undefined)
}
