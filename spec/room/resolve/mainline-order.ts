import type { AuthGraph, Vertex } from './auth-graph.ts'

/**
 * The mainline ordering: events whose power levels go back furthest in the mainline of the given power levels come first, then the older,
 * then the smaller event id. Room version 12, "Definitions". Without power levels there is no mainline, and time decides.
 */
export function orderByMainline(
  graph: AuthGraph,
  vertices: readonly Vertex[],
  powerLevels: Vertex | undefined,
): Vertex[] {
  const mainline = powerLevels === undefined ? undefined : new Mainline(graph, powerLevels)
  const positions = Float64Array.from(vertices, (vertex) => mainline?.positionOf(vertex) ?? Infinity)
  const ages = Float64Array.from(vertices, (vertex) => graph.eventOf(vertex).origin_server_ts)
  return [...vertices.keys()]
    .sort((a, b) => {
      if (positions[a] !== positions[b]) return positions[a]! > positions[b]! ? -1 : 1
      return ages[a]! - ages[b]! || (graph.idOf(vertices[a]!) < graph.idOf(vertices[b]!) ? -1 : 1)
    })
    .map((place) => vertices[place]!)
}

/** Power levels, the ones they cite, the ones those cite, and so on: followed only as far as somebody asks. */
class Mainline {
  readonly #graph: AuthGraph
  readonly #indexes = new Map<Vertex, number>()
  /** Positions of power levels that were met on the way and are not in the mainline: many events cite the same ones. */
  readonly #places = new Map<Vertex, number>()
  #next: Vertex | undefined

  constructor(graph: AuthGraph, powerLevels: Vertex) {
    this.#graph = graph
    this.#next = powerLevels
  }

  /** The index of the first of an event's own line of power levels that is in the mainline; infinite if none is. */
  positionOf(vertex: Vertex): number {
    const met: Vertex[] = []
    let position = Infinity
    for (let at = this.#graph.powerLevelsOf(vertex); at !== undefined; at = this.#graph.powerLevelsOf(at)) {
      const known = this.#places.get(at) ?? this.#indexOf(at)
      if (known !== undefined) {
        position = known
        break
      }
      met.push(at)
    }
    for (const powerLevels of met) this.#places.set(powerLevels, position)
    return position
  }

  #indexOf(vertex: Vertex): number | undefined {
    while (this.#next !== undefined && !this.#indexes.has(vertex)) {
      this.#indexes.set(this.#next, this.#indexes.size)
      this.#next = this.#graph.powerLevelsOf(this.#next)
    }
    return this.#indexes.get(vertex)
  }
}
