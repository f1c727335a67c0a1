import { membershipOf } from '../content.ts'
import type { RoomEvent } from '../event.ts'
import { pathsBetween } from './paths-between.ts'
import { VertexSet } from './vertex-set.ts'

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

/**
 * The power events of the full conflicted set, and what of the set is in their auth chains. Room version 12, "Algorithm", step 1.
 * A chain may leave the set and come back to it, so it is followed outside too, as far as it leads back.
 */
export function selectPowerEvents(fullConflictedSet: VertexSet): VertexSet {
  const { graph, members } = fullConflictedSet
  const power = new VertexSet(graph)
  for (const vertex of members) if (isPowerEvent(graph.eventOf(vertex))) power.add(vertex)
  for (const vertex of pathsBetween(power, fullConflictedSet).members)
    if (fullConflictedSet.has(vertex)) power.add(vertex)
  return power
}
