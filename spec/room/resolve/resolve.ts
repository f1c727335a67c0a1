import type { EventId } from '#spec/ids.ts'
import type { Crypto } from '#spec/sign.ts'
import type { RoomVersion } from '../versions.ts'
import { authDifference } from './auth-difference.ts'
import { AuthGraph, type Vertex } from './auth-graph.ts'
import { indexCiting } from './citing.ts'
import { conflictedSubgraph } from './conflicted-subgraph.ts'
import { applyInOrder, PartialState } from './iterative-auth.ts'
import { orderByMainline } from './mainline-order.ts'
import { orderByPower } from './power-order.ts'
import { selectPowerEvents } from './power-events.ts'
import { firstHolders, holderAt, union, type Holders } from './holders.ts'
import { splitConflicts, unconflictedIn, type Split } from './split-conflicts.ts'
import type { EventSource, StateDifference, StateMap } from './state-map.ts'
import { stateSetsOf, withDifference, type StateSets } from './state-sets.ts'
import { VertexSet } from './vertex-set.ts'

/**
 * The state of a room where branches with these states meet. Room version 12, "State resolution" (2.1); room version 2 up to version 11.
 * The order of the state sets does not matter.
 *
 * `crypto` verifies third-party invites; without it they never win a conflict.
 * Throws if an event of a state set that is looked at is not there.
 */
export function resolve(
  version: RoomVersion,
  states: readonly StateMap[],
  events: EventSource,
  crypto?: Pick<Crypto, 'verify'>,
): StateMap {
  const sets = stateSetsOf(states)
  return withDifference(sets.base, resolveDifferences(version, sets, events, crypto))
}

/**
 * The same for states that are given as differences from a base, as what the result has otherwise than the base. Which base is
 * taken does not matter for the state that comes out. Where the source has `getCiting`, the cost depends on what is in conflict and not on the
 * size of the room.
 */
export function resolveDifferences(
  version: RoomVersion,
  sets: StateSets,
  events: EventSource,
  crypto?: Pick<Crypto, 'verify'>,
): StateDifference {
  if (sets.differences.length === 1) return sets.differences[0]!
  const split = splitConflicts(sets)
  if (!split.hasConflicts) return resultOf(split, [])
  const graph = graphOf(split, events)
  const full = fullConflictedSet(version, split, firstHolders(sets.differences.length), graph)
  // 1. Power events and what leads to them within the conflict, in power order.
  const power = selectPowerEvents(full)
  // 2. Applied to an empty state; until version 11 to what all agree on.
  const state = new PartialState((key) => {
    const id = version.resolvesFromEmptyState ? undefined : unconflictedIn(split, key)
    return id === undefined ? undefined : graph.get(id)
  })
  applyInOrder(version, state, orderByPower(version, power), crypto)
  // 3. The rest, in mainline order.
  const rest = full.members.filter((vertex) => !power.has(vertex))
  const order = orderByMainline(rest, state.get('m.room.power_levels', ''))
  // 4.
  applyInOrder(version, state, order, crypto)
  // 5. What all agree on stands.
  return resultOf(split, state.entries())
}

/** The graph of the source; if that does not know who cites whom, it is made of the auth chains of all the states. */
function graphOf(split: Split, events: EventSource): AuthGraph {
  if (events.getCiting !== undefined) return new AuthGraph(events, (id) => events.getCiting!(id))
  const ids = [...split.base.values(), ...[...split.named.values()].flatMap((key) => key.ids)]
  return new AuthGraph(
    events,
    indexCiting(
      ids.filter((id) => id !== undefined),
      events,
    ),
  )
}

/**
 * Conflicted state set, auth difference and, from version 12 on, conflicted state subgraph. Room version 12, "Definitions".
 * Where an auth event is not there, its chain ends: no event whose auth events are unknown is let into a room.
 */
function fullConflictedSet(version: RoomVersion, split: Split, all: Holders, graph: AuthGraph): VertexSet {
  const conflicted = conflictedIn(split, graph)
  const isUnconflicted = ({ key, id }: Vertex): boolean => key !== undefined && unconflictedIn(split, key) === id
  const holdersOf = (vertex: Vertex): Holders => (vertex.holders ??= isUnconflicted(vertex) ? all : 0n)
  const difference = authDifference(conflicted, holdersOf, all)
  const full = version.resolvesFromEmptyState ? conflictedSubgraph(conflicted) : conflicted
  for (const vertex of difference.members) full.add(vertex)
  return full
}

/** The conflicted state set; its vertices are told which sets they are part of. */
function conflictedIn(split: Split, graph: AuthGraph): VertexSet {
  const conflicted = new VertexSet(graph)
  for (const { ids, isConflicted } of split.named.values()) {
    if (!isConflicted) continue
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index]
      if (id === undefined) continue
      const vertex = graph.get(id)
      vertex.holders = union(vertex.holders ?? 0n, holderAt(index))
      conflicted.add(vertex)
    }
  }
  return conflicted
}

/** What the resolved state has otherwise than the base: what was applied, as far as nobody agrees on something else. */
function resultOf({ base, named }: Split, applied: Iterable<Vertex>): StateDifference {
  const winners = new Map<string, EventId>()
  const result = new Map<string, EventId | undefined>()
  for (const { key, id } of applied) {
    if (key === undefined) continue
    if (named.has(key)) winners.set(key, id)
    else if (!base.has(key)) result.set(key, id)
  }
  for (const [key, { ids, inBase, isConflicted }] of named) {
    const id = (isConflicted ? undefined : ids[0]) ?? winners.get(key)
    if (id !== inBase) result.set(key, id)
  }
  return result
}
