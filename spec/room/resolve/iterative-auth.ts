import type { EventId } from '#spec/ids.ts'
import type { Crypto } from '#spec/sign.ts'
import { AuthFailure, checkAuth, type StateLookup } from '../auth.ts'
import type { RoomEvent } from '../event.ts'
import type { RoomVersion } from '../versions.ts'
import { citedCreate } from './power-order.ts'
import { mustGet, stateKeyOf, type EventSource, type StateMap } from './state-map.ts'

/**
 * The iterative auth checks algorithm: takes the events one by one into the state, leaving out those that the auth rules refuse.
 * State that a check needs and that is not there is taken from the event's own auth events, unless rejected. Room version 12, "Definitions".
 */
export function applyInOrder(
  version: RoomVersion,
  base: StateMap,
  order: readonly EventId[],
  events: EventSource,
  crypto: Pick<Crypto, 'verify'> | undefined,
): Map<string, EventId> {
  const state = new Map(base)
  for (const id of order) {
    const event = mustGet(events, id)
    if (event.state_key === undefined || !isAllowed(version, event, state, events, crypto)) continue
    state.set(stateKeyOf(event.type, event.state_key), id)
  }
  return state
}

function isAllowed(
  version: RoomVersion,
  event: RoomEvent,
  state: StateMap,
  events: EventSource,
  crypto: Pick<Crypto, 'verify'> | undefined,
): boolean {
  const create = citedCreate(version, event, events)
  const accepted = create !== undefined && events.isRejected?.(create.event_id) ? undefined : create
  try {
    checkAuth(version, event, lookup(event, state, events), accepted, crypto)
    return true
  } catch (error) {
    if (error instanceof AuthFailure) return false
    throw error
  }
}

function lookup(event: RoomEvent, state: StateMap, events: EventSource): StateLookup {
  return (type, stateKey) => {
    const id = state.get(stateKeyOf(type, stateKey))
    if (id !== undefined) return events.getEvent(id)
    for (const authId of events.getAuthIds(event.event_id)) {
      const cited = events.getEvent(authId)
      if (cited?.type === type && cited.state_key === stateKey) return events.isRejected?.(authId) ? undefined : cited
    }
    return undefined
  }
}
