import { powerLevelOf } from '../auth.ts'
import type { RoomVersion } from '../versions.ts'
import type { AuthGraph, Vertex } from './auth-graph.ts'
import { Heap } from './heap.ts'
import type { VertexSet } from './vertex-set.ts'

/**
 * The reverse topological power ordering: Kahn's algorithm along `auth_events` within the set, earliest first; of the candidates the one
 * whose sender has the greater power level, then the older, then the smaller event id. Room version 12, "Definitions".
 */
export function orderByPower(version: RoomVersion, vertices: VertexSet): Vertex[] {
  const { graph, members } = vertices
  const waiting = waitingOf(vertices)
  const candidates = new Heap(precedence(version, graph, members))
  for (let place = 0; place < members.length; place++) if (waiting.unplaced[place] === 0) candidates.push(place)
  const order: Vertex[] = []
  for (let next = candidates.pop(); next !== undefined; next = candidates.pop()) {
    order.push(members[next]!)
    for (let link = waiting.firstLink[next]!; link !== none; link = waiting.nextLink[link]!) {
      const later = waiting.citing[link]!
      if (--waiting.unplaced[later]! === 0) candidates.push(later)
    }
  }
  return order
}

/** Who waits for whom, by the places of the events in the set; of each those in the set that cite it, as a linked list. */
interface Waiting {
  /** How many of its auth events in the set are not in the order yet. */
  readonly unplaced: Int32Array
  readonly firstLink: Int32Array
  readonly nextLink: number[]
  readonly citing: number[]
}

const none = -1

function waitingOf(vertices: VertexSet): Waiting {
  const { graph, members } = vertices
  const unplaced = new Int32Array(members.length)
  const firstLink = new Int32Array(members.length).fill(none)
  const nextLink: number[] = []
  const citing: number[] = []
  const places = new Int32Array(graph.size)
  for (let place = 0; place < members.length; place++) places[members[place]!] = place
  for (let place = 0; place < members.length; place++) {
    const vertex = members[place]!
    for (let index = 0; index < graph.citedCount(vertex); index++) {
      const cited = graph.citedAt(vertex, index)
      if (!vertices.has(cited)) continue
      const earlier = places[cited]!
      nextLink.push(firstLink[earlier]!)
      firstLink[earlier] = citing.push(place) - 1
      unplaced[place]!++
    }
  }
  return { unplaced, firstLink, nextLink, citing }
}

/** Which of two places comes first. */
function precedence(
  version: RoomVersion,
  graph: AuthGraph,
  members: readonly Vertex[],
): (a: number, b: number) => boolean {
  const levels = Float64Array.from(members, (vertex) => senderLevel(version, graph, vertex))
  const ages = Float64Array.from(members, (vertex) => graph.eventOf(vertex).origin_server_ts)
  return (a, b) => {
    if (levels[a] !== levels[b]) return levels[a]! > levels[b]!
    if (ages[a] !== ages[b]) return ages[a]! < ages[b]!
    return graph.idOf(members[a]!) < graph.idOf(members[b]!)
  }
}

/** By the event's own auth events. */
function senderLevel(version: RoomVersion, graph: AuthGraph, vertex: Vertex): number {
  const powerLevels = graph.powerLevelsOf(vertex)
  const create = graph.createOf(version, vertex)
  return powerLevelOf(
    version,
    graph.eventOf(vertex).sender,
    powerLevels === undefined ? undefined : graph.eventOf(powerLevels),
    create === undefined ? undefined : graph.eventOf(create),
  )
}
