import type { Vertex } from './auth-graph.ts'

/**
 * The mainline ordering: events whose power levels go back furthest in the mainline of the given power levels come first, then the older,
 * then the smaller event id. Room version 12, "Definitions". Without power levels there is no mainline, and time decides.
 */
export function orderByMainline(vertices: readonly Vertex[], powerLevels: Vertex | undefined): Vertex[] {
  const mainline = powerLevels && new Mainline(powerLevels)
  const placed = vertices.map((vertex) => ({ vertex, position: mainline?.positionOf(vertex) ?? Infinity }))
  return placed
    .sort((a, b) => compareDown(a.position, b.position) || compareAge(a.vertex, b.vertex))
    .map(({ vertex }) => vertex)
}

/** Greater first; equal infinities are equal, which a difference would not say. */
const compareDown = (a: number, b: number): number => (a === b ? 0 : a > b ? -1 : 1)

const compareAge = (a: Vertex, b: Vertex): number => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1)

/** Power levels, the ones they cite, the ones those cite, and so on: followed only as far as somebody asks. */
class Mainline {
  readonly #indexes = new Map<Vertex, number>()
  /** Positions of power levels that were met on the way and are not in the mainline: many events cite the same ones. */
  readonly #places = new Map<Vertex, number>()
  #next: Vertex | undefined

  constructor(powerLevels: Vertex) {
    this.#next = powerLevels
  }

  /** The index of the first of an event's own line of power levels that is in the mainline; infinite if none is. */
  positionOf(vertex: Vertex): number {
    const met: Vertex[] = []
    let position = Infinity
    for (let at = vertex.powerLevels; at !== undefined; at = at.powerLevels) {
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
      this.#next = this.#next.powerLevels
    }
    return this.#indexes.get(vertex)
  }
}
