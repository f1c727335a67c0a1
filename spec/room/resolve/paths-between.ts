import type { AuthGraph, Vertex } from './auth-graph.ts'
import { VertexSet } from './vertex-set.ts'

/**
 * Every event on a path of `auth_events` that goes from one of some events to one of some others, ends included. An event that is among
 * both is a path of its own.
 *
 * Two walks, down from the one side and up from the other, take turns, link by link. Each alone finds all paths and may go far:
 * down to the beginning of the room, or up through all that was built on an old event. The one that ends first has the answer.
 */
export function pathsBetween(from: VertexSet, to: VertexSet): VertexSet {
  const { graph } = from
  const down = new Walk(from, to, {
    count: (vertex) => graph.citedCount(vertex),
    at: (vertex, index) => graph.citedAt(vertex, index),
  })
  const up = new Walk(to, from, {
    count: (vertex) => graph.citingCount(vertex),
    at: (vertex, index) => graph.citingAt(vertex, index),
  })
  for (let turn = 0; ; turn++) {
    if (!down.goOn()) return down.onPaths
    // The links down are at hand, those up must be asked for.
    if (turn % 16 === 0 && !up.goOn()) return up.onPaths
  }
}

/** The links of a graph in one direction; one that leads to what is not there leads nowhere. */
interface Links {
  count(vertex: Vertex): number
  at(vertex: Vertex, index: number): Vertex | undefined
}

/** A walk along links that goes on by one at a time: depth first, on a list instead of the stack. */
class Walk {
  /** Those met so far that lead to one of the ends. */
  readonly onPaths: VertexSet
  readonly #ends: VertexSet
  readonly #links: Links
  readonly #graph: AuthGraph
  /** The mark of those met so far. */
  readonly #met: number
  readonly #starts: readonly Vertex[]
  #started = 0
  /** The way to where the walk stands, and of each on the way the index of its next link. */
  readonly #way: Vertex[] = []
  readonly #next: number[] = []

  constructor(starts: VertexSet, ends: VertexSet, links: Links) {
    this.onPaths = new VertexSet(starts.graph)
    this.#met = starts.graph.newMark()
    this.#starts = starts.members
    this.#ends = ends
    this.#links = links
    this.#graph = starts.graph
  }

  /** Goes one link further; false if there is none. */
  goOn(): boolean {
    const top = this.#way.length - 1
    if (top < 0) return this.#goToStart()
    const vertex = this.#way[top]!
    const index = this.#next[top]!++
    if (index === this.#links.count(vertex)) this.#goBack()
    else this.#follow(this.#links.at(vertex, index))
    return true
  }

  #goToStart(): boolean {
    const start = this.#starts[this.#started++]
    this.#follow(start)
    return start !== undefined
  }

  #follow(vertex: Vertex | undefined): void {
    if (vertex === undefined) return
    if ((this.#graph.marks[vertex]! & this.#met) !== 0) {
      if (this.onPaths.has(vertex)) this.#markHere()
      return
    }
    this.#graph.marks[vertex]! |= this.#met
    this.#way.push(vertex)
    this.#next.push(0)
    if (this.#ends.has(vertex)) this.onPaths.add(vertex)
  }

  #goBack(): void {
    this.#next.pop()
    if (this.onPaths.has(this.#way.pop()!)) this.#markHere()
  }

  /** What leads to one that leads to an end does so itself. */
  #markHere(): void {
    const here = this.#way.at(-1)
    if (here !== undefined) this.onPaths.add(here)
  }
}
