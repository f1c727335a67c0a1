import type { AuthGraph, Vertex } from './auth-graph.ts'

/**
 * A set of vertices of one graph, in the order in which they came. Who is in it is marked in the graph, for all sets in one number: to ask
 * touches little memory, which is what a large conflict would spend its time on.
 */
export class VertexSet {
  readonly graph: AuthGraph
  readonly #mark: number
  readonly #members: Vertex[] = []

  constructor(graph: AuthGraph, members: Iterable<Vertex> = []) {
    this.graph = graph
    this.#mark = graph.newMark()
    for (const vertex of members) this.add(vertex)
  }

  get size(): number {
    return this.#members.length
  }

  has(vertex: Vertex): boolean {
    return (this.graph.marks[vertex]! & this.#mark) !== 0
  }

  add(vertex: Vertex): void {
    if (this.has(vertex)) return
    this.graph.marks[vertex]! |= this.#mark
    this.#members.push(vertex)
  }

  /** Those that are added while they are gone through come too. */
  get members(): readonly Vertex[] {
    return this.#members
  }
}
