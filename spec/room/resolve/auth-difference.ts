import type { AuthGraph, Vertex } from './auth-graph.ts'
import type { Holders, HolderSets } from './holders.ts'
import { VertexSet } from './vertex-set.ts'

/**
 * The auth difference: the events that are in the full auth chain of some state sets but not of all. Room version 12, "Definitions".
 * `holdersOf` says which state sets an event is part of.
 *
 * What an event that is in all chains cites is in all of them too, so the walk down from the conflicted events ends wherever
 * it meets one. Whether an event is in all chains is found out by the opposite walk, to those who cite it. So neither the long
 * history behind a conflict nor the state that nobody disputes is walked. Nothing here relies on `depth`, which is a claim.
 */
export function authDifference(
  conflicted: VertexSet,
  holdersOf: (vertex: Vertex) => Holders,
  sets: HolderSets,
): VertexSet {
  const { graph } = conflicted
  const lookup = new ChainsLookup(graph, holdersOf, sets)
  for (const vertex of conflicted.members) lookup.noteCited(vertex)
  const difference = new VertexSet(graph)
  const pending = [...conflicted.members]
  for (let vertex = pending.pop(); vertex !== undefined; vertex = pending.pop()) {
    for (let index = 0; index < graph.citedCount(vertex); index++) {
      const cited = graph.citedAt(vertex, index)
      if (difference.has(cited) || lookup.chainsOf(cited) === sets.all) continue
      difference.add(cited)
      pending.push(cited)
    }
  }
  return difference
}

/** Answers in which state sets' full auth chains an event is. */
class ChainsLookup {
  readonly #graph: AuthGraph
  readonly #holdersOf: (vertex: Vertex) => Holders
  readonly #sets: HolderSets
  /** The mark of those whose chains are all found. */
  readonly #found: number
  /** The way up to where the walk stands, and of each on the way how many of those who cite it have been looked at. */
  readonly #way: Vertex[] = []
  readonly #looked: number[] = []

  constructor(graph: AuthGraph, holdersOf: (vertex: Vertex) => Holders, sets: HolderSets) {
    this.#graph = graph
    this.#holdersOf = holdersOf
    this.#sets = sets
    this.#found = graph.newMark()
  }

  /** What a state holds has its auth events in the chain of the state: for most of them that settles it, without a walk. */
  noteCited(vertex: Vertex): void {
    const holders = this.#holdersOf(vertex)
    for (let index = 0; index < this.#graph.citedCount(vertex); index++)
      this.#note(this.#graph.citedAt(vertex, index), holders)
  }

  chainsOf(vertex: Vertex): Holders {
    if (!this.#isFound(vertex)) this.#walkUp(vertex)
    return this.#graph.chains[vertex]!
  }

  /** Depth first, on a list instead of the stack. Once one on the way is in all chains, so is everything that led to it. */
  #walkUp(start: Vertex): void {
    this.#goTo(start)
    for (let vertex = this.#way.at(-1); vertex !== undefined; vertex = this.#way.at(-1)) {
      const index = this.#looked[this.#way.length - 1]!++
      if (index === this.#graph.citingCount(vertex)) this.#goBack(vertex)
      else this.#lookAt(vertex, this.#graph.citingAt(vertex, index))
    }
  }

  #lookAt(vertex: Vertex, citing: Vertex | undefined): void {
    if (citing === undefined) return
    this.#note(vertex, this.#graph.chains[citing]!)
    if (!this.#isAll(vertex)) this.#note(vertex, this.#holdersOf(citing))
    if (this.#isAll(vertex)) this.#endInAll()
    else if (!this.#isFound(citing)) this.#goTo(citing)
  }

  #goTo(vertex: Vertex): void {
    this.#way.push(vertex)
    this.#looked.push(0)
  }

  #goBack(vertex: Vertex): void {
    this.#graph.marks[vertex]! |= this.#found
    this.#way.pop()
    this.#looked.pop()
    const below = this.#way.at(-1)
    if (below !== undefined) this.#note(below, this.#graph.chains[vertex]!)
  }

  #endInAll(): void {
    for (const vertex of this.#way) this.#graph.chains[vertex] = this.#sets.all
    this.#way.length = 0
    this.#looked.length = 0
  }

  #note(vertex: Vertex, chains: Holders): void {
    this.#graph.chains[vertex] = this.#sets.union(this.#graph.chains[vertex]!, chains)
  }

  #isAll(vertex: Vertex): boolean {
    return this.#graph.chains[vertex] === this.#sets.all
  }

  #isFound(vertex: Vertex): boolean {
    return this.#isAll(vertex) || (this.#graph.marks[vertex]! & this.#found) !== 0
  }
}
