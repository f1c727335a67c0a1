import type { EventId } from '#spec/ids.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { AuthGraph, type Vertex } from '#spec/room/resolve/auth-graph.ts'
import { VertexSet } from '#spec/room/resolve/vertex-set.ts'
import { expandEvent, type ShortEvent } from '#spec/vectors/short-event.ts'
import { knowingCiting, sourceOf } from './sources.ts'

/** Power levels that cite others, or whatever else is told. */
export const chain = (id: string, auth_events: string[], more: Partial<ShortEvent> = {}): RoomEvent =>
  expandEvent({
    event_id: id,
    type: 'm.room.power_levels',
    state_key: '',
    sender: '@a:b',
    content: {},
    auth_events,
    ...more,
  })

/** The graph of some events, sets of it by their ids, and back to ids. */
export function graphOf(events: readonly RoomEvent[]) {
  const source = knowingCiting(
    events.map((event) => event.event_id),
    sourceOf(events),
  )
  const graph = new AuthGraph(source, source.getCiting, 1)
  const some = (...names: string[]): VertexSet =>
    new VertexSet(
      graph,
      names.map((id) => graph.get(id as EventId)),
    )
  const ids = (vertices: readonly Vertex[]): string[] => vertices.map((vertex) => graph.idOf(vertex))
  return { graph, source, some, ids }
}
