import type { EventId } from '#spec/ids.ts'
import { membershipOf } from '../content.ts'
import type { RoomEvent } from '../event.ts'
import { authChainOf } from './auth-difference.ts'
import { mustGet, type EventSource } from './state-map.ts'

/**
 * True for events that might take away somebody's ability to do something: power levels, join rules, and a `leave` or `ban` by somebody
 * else. Room version 12, "Definitions". Power levels and join rules mean something under the empty state key only; the
 * text does not say so, all servers in use do.
 */
export function isPowerEvent(event: RoomEvent): boolean {
  switch (event.type) {
    case 'm.room.power_levels':
    case 'm.room.join_rules':
      return event.state_key === ''
    case 'm.room.member': {
      const membership = membershipOf(event)
      return (membership === 'leave' || membership === 'ban') && event.state_key !== event.sender
    }
    default:
      return false
  }
}

/** The power events of the full conflicted set, and what of the set is in their auth chains. Room version 12, "Algorithm", step 1. */
export function selectPowerEvents(fullConflictedSet: ReadonlySet<EventId>, events: EventSource): Set<EventId> {
  const power = new Set<EventId>()
  for (const id of fullConflictedSet) if (isPowerEvent(mustGet(events, id))) power.add(id)
  for (const id of authChainOf(power, events)) if (fullConflictedSet.has(id)) power.add(id)
  return power
}
