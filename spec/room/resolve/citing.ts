import type { EventId } from '#spec/ids.ts'
import type { EventSource } from './state-map.ts'

/** Who cites whom among some events and their auth chains: a `getCiting`, for a source that does not keep note of it. */
export function indexCiting(starts: Iterable<EventId>, events: EventSource): (id: EventId) => readonly EventId[] {
  const seen = new Set(starts)
  const citing = new Map<EventId, EventId[]>()
  const pending = [...seen]
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const cited of events.getAuthIds(id)) {
      const known = citing.get(cited)
      if (known) known.push(id)
      else citing.set(cited, [id])
      if (seen.has(cited)) continue
      seen.add(cited)
      pending.push(cited)
    }
  }
  return (id) => citing.get(id) ?? []
}
