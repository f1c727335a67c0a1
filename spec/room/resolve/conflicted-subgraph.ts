import { pathsBetween } from './paths-between.ts'
import type { VertexSet } from './vertex-set.ts'

/**
 * The conflicted state subgraph: every event on a path of `auth_events` from one conflicted event to another, ends included.
 * New in room version 12, "Definitions".
 */
export const conflictedSubgraph = (conflicted: VertexSet): VertexSet => pathsBetween(conflicted, conflicted)
