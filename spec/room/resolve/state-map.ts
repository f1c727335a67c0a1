import type { EventId } from '#spec/ids.ts'
import type { RoomEvent } from '../event.ts'

/** Room state: `stateKeyOf(type, state_key)`, event id. */
export type StateMap = ReadonlyMap<string, EventId>

/** The key of a state map: type, U+0000, state key. No type can hold U+0000, so no two pairs share a key. */
export const stateKeyOf = (type: string, stateKey: string): string => `${type}\u0000${stateKey}`

/** What resolution reads. All of it must be at hand: nothing here waits. */
export interface EventSource {
  /** An event of a state set or of an auth chain. */
  getEvent(id: EventId): RoomEvent | undefined
  /** The `auth_events` of an event; empty for an event that is not known. */
  getAuthIds(id: EventId): readonly EventId[]
  /** True if the event failed the auth rules against its own auth events or the state before it. */
  isRejected?(id: EventId): boolean
}

/** The event, which must be there: a set of states without its events cannot be resolved, only guessed at. */
export function mustGet(events: EventSource, id: EventId): RoomEvent {
  const event = events.getEvent(id)
  if (event === undefined) throw new Error(`State resolution needs an event that is not there: ${id}`)
  return event
}
