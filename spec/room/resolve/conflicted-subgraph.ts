import type { EventId } from '#spec/ids.ts'
import type { EventSource } from './state-map.ts'

/**
 * The conflicted state subgraph: every event on a path of `auth_events` from one conflicted event to another, ends included.
 * New in room version 12, "Definitions".
 *
 * 1. Walk down from all conflicted events, and note for each event who cites it.
 * 2. Walk back up from them along those notes: what both walks reach lies on a path.
 */
export function conflictedSubgraph(conflicted: ReadonlySet<EventId>, events: EventSource): Set<EventId> {
  const citedBy = new Map<EventId, EventId[]>()
  const seen = new Set(conflicted)
  // 1.
  const down = [...conflicted]
  for (let id = down.pop(); id !== undefined; id = down.pop()) {
    for (const cited of events.getAuthIds(id)) {
      const citing = citedBy.get(cited)
      if (citing) citing.push(id)
      else citedBy.set(cited, [id])
      if (seen.has(cited)) continue
      seen.add(cited)
      down.push(cited)
    }
  }
  // 2.
  const subgraph = new Set(conflicted)
  const up = [...conflicted]
  for (let id = up.pop(); id !== undefined; id = up.pop()) {
    for (const citing of citedBy.get(id) ?? []) {
      if (subgraph.has(citing)) continue
      subgraph.add(citing)
      up.push(citing)
    }
  }
  return subgraph
}
