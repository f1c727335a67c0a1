import type { EventId } from '#spec/ids.ts'
import type { RoomEvent } from '../event.ts'

/** Room state: `stateKeyOf(type, state_key)`, event id. */
export type StateMap = ReadonlyMap<string, EventId>

/** What a state has otherwise than another one: an event under each key, or `undefined` where it has none. */
export type StateDifference = ReadonlyMap<string, EventId | undefined>

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
  /**
   * The state events that have an event among their `auth_events`; such that are in no auth chain of the states may be left out.
   * A source that keeps note of them spares resolution a walk through the auth chains of all the state that the branches share. The older
   * first is the quickest: that an event is in all chains is mostly told by state from before the branches parted.
   */
  getCiting?(id: EventId): readonly EventId[]
}
