import { createIdOfRoom, type EventId } from '#spec/ids.ts'
import { powerLevelOf } from '../auth.ts'
import type { RoomEvent } from '../event.ts'
import type { RoomVersion } from '../versions.ts'
import { mustGet, type EventSource } from './state-map.ts'

/** An event that waits for its turn. */
interface Vertex {
  readonly id: EventId
  /** The sender's power level by the event's own auth events. */
  readonly level: number
  readonly timestamp: number
  /** Auth events in the set that are not in the order yet. */
  unplaced: number
  readonly citedBy: Vertex[]
}

/**
 * The reverse topological power ordering: Kahn's algorithm along `auth_events` within the set, earliest first; of the candidates the one
 * whose sender has the greater power level, then the older, then the smaller event id. Room version 12, "Definitions".
 */
export function orderByPower(version: RoomVersion, ids: ReadonlySet<EventId>, events: EventSource): EventId[] {
  const vertices = makeVertices(version, ids, events)
  const candidates: Vertex[] = []
  for (const vertex of vertices.values()) if (vertex.unplaced === 0) push(candidates, vertex)
  const order: EventId[] = []
  for (let vertex = pop(candidates); vertex !== undefined; vertex = pop(candidates)) {
    order.push(vertex.id)
    for (const later of vertex.citedBy) if (--later.unplaced === 0) push(candidates, later)
  }
  return order
}

function makeVertices(version: RoomVersion, ids: ReadonlySet<EventId>, events: EventSource): Map<EventId, Vertex> {
  const vertices = new Map<EventId, Vertex>()
  for (const id of ids) {
    const event = mustGet(events, id)
    vertices.set(id, {
      id,
      level: senderLevel(version, event, events),
      timestamp: event.origin_server_ts,
      unplaced: 0,
      citedBy: [],
    })
  }
  for (const vertex of vertices.values()) {
    for (const cited of new Set(events.getAuthIds(vertex.id))) {
      const earlier = vertices.get(cited)
      if (earlier === undefined) continue
      earlier.citedBy.push(vertex)
      vertex.unplaced++
    }
  }
  return vertices
}

/** The power levels that an event cites. */
export function citedPowerLevels(id: EventId, events: EventSource): RoomEvent | undefined {
  const cited = events.getAuthIds(id).map((authId) => events.getEvent(authId))
  return cited.find((event) => event?.type === 'm.room.power_levels' && event.state_key === '')
}

function senderLevel(version: RoomVersion, event: RoomEvent, events: EventSource): number {
  return powerLevelOf(
    version,
    event.sender,
    citedPowerLevels(event.event_id, events),
    citedCreate(version, event, events),
  )
}

/** The create event that an event's authority goes back to: named by the room id from version 12 on, cited before. */
export function citedCreate(version: RoomVersion, event: RoomEvent, events: EventSource): RoomEvent | undefined {
  if (version.roomIdIsCreateHash) return events.getEvent(createIdOfRoom(event.room_id))
  return events
    .getAuthIds(event.event_id)
    .map((id) => events.getEvent(id))
    .find((cited) => cited?.type === 'm.room.create')
}

function isBefore(a: Vertex, b: Vertex): boolean {
  if (a.level !== b.level) return a.level > b.level
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp
  return a.id < b.id
}

/** Puts a vertex into a binary heap whose first is before all others. */
function push(heap: Vertex[], vertex: Vertex): void {
  let at = heap.push(vertex) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(heap[at]!, heap[parent]!)) return
    swap(heap, at, parent)
    at = parent
  }
}

function pop(heap: Vertex[]): Vertex | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (first === last || last === undefined) return last
  heap[0] = last
  for (let at = 0; ;) {
    const least = leastOf(heap, at)
    if (least === at) return first
    swap(heap, at, least)
    at = least
  }
}

/** The place of the foremost of a vertex and its two children in the heap. */
function leastOf(heap: readonly Vertex[], at: number): number {
  let least = at
  for (const child of [2 * at + 1, 2 * at + 2]) {
    if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child
  }
  return least
}

function swap(heap: Vertex[], a: number, b: number): void {
  const kept = heap[a]!
  heap[a] = heap[b]!
  heap[b] = kept
}
