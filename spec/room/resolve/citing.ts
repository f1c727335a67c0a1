import type { EventId } from '#spec/ids.ts'
import type { EventSource } from './state-map.ts'

/**
 * Who cites whom among some events and their auth chains: a `getCiting`, for a source that does not keep note of it. In the order in which
 * the events are given.
 */
export function indexCiting(starts: Iterable<EventId>, events: EventSource): (id: EventId) => readonly EventId[] {
  const citing = new Map<EventId, EventId[]>()
  const seen = new Set(starts)
  // Those that are added meanwhile come too.
  for (const id of seen) {
    for (const cited of events.getAuthIds(id)) {
      const known = citing.get(cited)
      if (known) known.push(id)
      else citing.set(cited, [id])
      seen.add(cited)
    }
  }
  return (id) => citing.get(id) ?? []
}
