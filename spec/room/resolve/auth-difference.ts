import type { EventId } from '#spec/ids.ts'
import type { Split } from './split-conflicts.ts'
import type { EventSource, StateMap } from './state-map.ts'

/** The union of the auth chains of some events: what their `auth_events` lead to. An event is in it only if another cites it. */
export function authChainOf(starts: Iterable<EventId>, events: EventSource): Set<EventId> {
  const chain = new Set<EventId>()
  const pending = [...starts]
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const cited of events.getAuthIds(id)) {
      if (chain.has(cited)) continue
      chain.add(cited)
      pending.push(cited)
    }
  }
  return chain
}

/**
 * The auth difference: the events that are in the full auth chain of some state sets but not of all. Room version 12, "Definitions".
 *
 * What the unconflicted state cites is in every chain, so only the chains of each set's conflicted events are compared; the chain of
 * the unconflicted state, the large one, is walked only if there is something to take away.
 */
export function authDifference(stateSets: readonly StateMap[], split: Split, events: EventSource): Set<EventId> {
  const conflictedOf = (set: StateMap): EventId[] => [...set.values()].filter((id) => split.conflicted.has(id))
  const chains = stateSets.map((set) => authChainOf(conflictedOf(set), events))
  const difference = new Set<EventId>()
  for (const chain of chains) {
    for (const id of chain) if (!chains.every((other) => other.has(id))) difference.add(id)
  }
  if (difference.size === 0) return difference
  for (const id of authChainOf(split.unconflicted.values(), events)) difference.delete(id)
  return difference
}
