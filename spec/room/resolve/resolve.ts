import type { EventId } from '#spec/ids.ts'
import type { Crypto } from '#spec/sign.ts'
import type { RoomVersion } from '../versions.ts'
import { authDifference } from './auth-difference.ts'
import { conflictedSubgraph } from './conflicted-subgraph.ts'
import { applyInOrder } from './iterative-auth.ts'
import { orderByMainline } from './mainline-order.ts'
import { orderByPower } from './power-order.ts'
import { selectPowerEvents } from './power-events.ts'
import { splitConflicts, type Split } from './split-conflicts.ts'
import { stateKeyOf, type EventSource, type StateMap } from './state-map.ts'

/**
 * The state of a room where branches with these states meet. Room version 12, "State resolution" (2.1); room version 2 up to version 11.
 * The order of the state sets does not matter.
 *
 * `crypto` verifies third-party invites; without it they never win a conflict.
 * Throws if an event of a state set or of the conflict is not there.
 */
export function resolve(
  version: RoomVersion,
  stateSets: readonly StateMap[],
  events: EventSource,
  crypto?: Pick<Crypto, 'verify'>,
): StateMap {
  if (stateSets.length === 1) return stateSets[0]!
  const split = splitConflicts(stateSets)
  if (split.conflicted.size === 0) return split.unconflicted
  const full = fullConflictedSet(version, stateSets, split, events)
  // 1. Power events and what leads to them within the conflict, in power order.
  const power = selectPowerEvents(full, events)
  // 2. Applied to an empty state; until version 11 to what all agree on.
  const base: StateMap = version.resolvesFromEmptyState ? new Map() : split.unconflicted
  const partial = applyInOrder(version, base, orderByPower(version, power, events), events, crypto)
  // 3. The rest, in mainline order.
  const rest = [...full].filter((id) => !power.has(id))
  const order = orderByMainline(rest, partial.get(stateKeyOf('m.room.power_levels', '')), events)
  // 4.
  const resolved = applyInOrder(version, partial, order, events, crypto)
  // 5. What all agree on stands.
  for (const [key, id] of split.unconflicted) resolved.set(key, id)
  return resolved
}

/** Conflicted state set, auth difference and, from version 12 on, conflicted state subgraph. Room version 12, "Definitions". */
function fullConflictedSet(
  version: RoomVersion,
  stateSets: readonly StateMap[],
  split: Split,
  events: EventSource,
): Set<EventId> {
  const subgraph = version.resolvesFromEmptyState ? conflictedSubgraph(split.conflicted, events) : split.conflicted
  return new Set([...subgraph, ...authDifference(stateSets, split, events)])
}
