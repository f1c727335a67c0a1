import { powerLevelOf } from '../auth.ts'
import type { RoomVersion } from '../versions.ts'
import type { Vertex } from './auth-graph.ts'
import { Heap } from './heap.ts'
import type { VertexSet } from './vertex-set.ts'

/** An event that waits for its turn. */
interface Waiting {
  readonly vertex: Vertex
  /** The sender's power level by the event's own auth events. */
  readonly level: number
  /** Auth events in the set that are not in the order yet. */
  unplaced: number
  /** Those in the set that cite it, as a linked list. */
  later: Later | undefined
}

interface Later {
  readonly waiting: Waiting
  readonly next: Later | undefined
}

/**
 * The reverse topological power ordering: Kahn's algorithm along `auth_events` within the set, earliest first; of the candidates the one
 * whose sender has the greater power level, then the older, then the smaller event id. Room version 12, "Definitions".
 */
export function orderByPower(version: RoomVersion, vertices: VertexSet): Vertex[] {
  const candidates = new Heap(isBefore)
  for (const waiting of waitingOf(version, vertices)) if (waiting.unplaced === 0) candidates.push(waiting)
  const order: Vertex[] = []
  for (let next = candidates.pop(); next !== undefined; next = candidates.pop()) {
    order.push(next.vertex)
    for (let later = next.later; later !== undefined; later = later.next) {
      if (--later.waiting.unplaced === 0) candidates.push(later.waiting)
    }
  }
  return order
}

function waitingOf(version: RoomVersion, vertices: VertexSet): readonly Waiting[] {
  const waiting: Waiting[] = []
  for (const vertex of vertices.members) {
    vertex.index = waiting.length
    waiting.push({ vertex, level: senderLevel(version, vertex), unplaced: 0, later: undefined })
  }
  for (const one of waiting) {
    for (const cited of one.vertex.cited) {
      if (!vertices.has(cited)) continue
      const earlier = waiting[cited.index]!
      earlier.later = { waiting: one, next: earlier.later }
      one.unplaced++
    }
  }
  return waiting
}

const senderLevel = (version: RoomVersion, vertex: Vertex): number =>
  powerLevelOf(version, vertex.event.sender, vertex.powerLevels?.event, vertex.createIn(version)?.event)

function isBefore(a: Waiting, b: Waiting): boolean {
  if (a.level !== b.level) return a.level > b.level
  if (a.vertex.timestamp !== b.vertex.timestamp) return a.vertex.timestamp < b.vertex.timestamp
  return a.vertex.id < b.vertex.id
}
