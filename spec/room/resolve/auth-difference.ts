import type { Links, Vertex } from './auth-graph.ts'
import { union, type Holders } from './holders.ts'
import { VertexSet } from './vertex-set.ts'

/**
 * The auth difference: the events that are in the full auth chain of some state sets but not of all. Room version 12, "Definitions".
 * `holdersOf` says which state sets an event is part of.
 *
 * What an event that is in all chains cites is in all of them too, so the walk down from the conflicted events ends wherever
 * it meets one. Whether an event is in all chains is found out by the opposite walk, to those who cite it. So neither the long
 * history behind a conflict nor the state that nobody disputes is walked. Nothing here relies on `depth`, which is a claim.
 */
export function authDifference(conflicted: VertexSet, holdersOf: (vertex: Vertex) => Holders, all: Holders): VertexSet {
  const chainsWith = chainsLookup(holdersOf, all)
  for (const vertex of conflicted.members) noteChains(vertex, holdersOf(vertex))
  const difference = new VertexSet(conflicted.graph)
  const pending = [...conflicted.members]
  for (let vertex = pending.pop(); vertex !== undefined; vertex = pending.pop()) {
    for (const cited of vertex.cited) {
      if (cited.leastChains === all || difference.has(cited) || chainsWith(cited) === all) continue
      difference.add(cited)
      pending.push(cited)
    }
  }
  return difference
}

/** What a state holds has its auth events in the chain of the state: for most of them that settles it, without a walk. */
function noteChains(vertex: Vertex, holders: Holders): void {
  for (const cited of vertex.cited) cited.leastChains = union(cited.leastChains, holders)
}

/** An event on the way up, with who cites it and how many of these have been looked at. */
interface Step {
  readonly vertex: Vertex
  readonly citing: Links
  looked: number
  chains: Holders
}

const stepTo = (vertex: Vertex): Step => ({ vertex, citing: vertex.citing, looked: 0, chains: vertex.leastChains })

/** Answers in which state sets' full auth chains an event is. */
function chainsLookup(holdersOf: (vertex: Vertex) => Holders, all: Holders): (vertex: Vertex) => Holders {
  /** Depth first, on a list instead of the stack. Once one on the way is in all chains, so is everything that led to it. */
  const find = (start: Vertex): Holders => {
    const path = [stepTo(start)]
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      if (step.looked === step.citing.length) {
        step.vertex.chains = step.chains
        path.pop()
        const below = path.at(-1)
        if (below) below.chains = union(below.chains, step.chains)
        continue
      }
      const citing = step.citing.at(step.looked++)
      if (citing === undefined) continue
      step.chains = union(step.chains, union(holdersOf(citing), citing.chains ?? citing.leastChains))
      if (step.chains === all) {
        for (const { vertex } of path) vertex.chains = all
        return all
      }
      if (citing.chains !== undefined) continue
      if (citing.citing.length > 0) path.push(stepTo(citing))
      else citing.chains = citing.leastChains
    }
    return start.chains!
  }
  return (vertex) => vertex.chains ?? find(vertex)
}
