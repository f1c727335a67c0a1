import type { EventId } from '#spec/ids.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { indexCiting } from '#spec/room/resolve/citing.ts'
import { stateKeyOf, type EventSource, type StateMap } from '#spec/room/resolve/state-map.ts'

/** A source of some events that knows only whom they cite. */
export function sourceOf(events: Iterable<RoomEvent>, rejected: readonly string[] = []): EventSource {
  const byId = new Map([...events].map((event) => [event.event_id, event]))
  return {
    getEvent: (id) => byId.get(id),
    getAuthIds: (id) => byId.get(id)?.auth_events ?? [],
    isRejected: (id) => rejected.includes(id),
  }
}

/** The source with note of who cites whom among these events. */
export function knowingCiting(ids: Iterable<EventId>, source: EventSource): Required<EventSource> {
  return { isRejected: () => false, ...source, getCiting: indexCiting(ids, source) }
}

/** The state that some events make. */
export const stateOf = (ids: Iterable<string>, source: EventSource): StateMap =>
  new Map(
    [...ids].map((id) => {
      const event = source.getEvent(id as EventId)!
      return [stateKeyOf(event.type, event.state_key!), event.event_id]
    }),
  )

export const idsOf = (state: StateMap): string[] => [...state.values()].sort()
