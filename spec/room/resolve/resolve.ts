import type { EventId } from '#spec/ids.ts'
import type { Crypto } from '#spec/sign.ts'
import type { RoomVersion } from '../versions.ts'
import { authDifference } from './auth-difference.ts'
import type { RoomEvent } from '../event.ts'
import { AuthGraph, unknown, type Vertex } from './auth-graph.ts'
import { indexCiting } from './citing.ts'
import { conflictedSubgraph } from './conflicted-subgraph.ts'
import { applyInOrder, PartialState } from './iterative-auth.ts'
import { orderByMainline } from './mainline-order.ts'
import { orderByPower } from './power-order.ts'
import { selectPowerEvents } from './power-events.ts'
import { HolderSets, noHolders, type Holders } from './holders.ts'
import { agreedAt, splitConflicts, unconflictedIn, type Split } from './split-conflicts.ts'
import { stateKeyOf, type EventSource, type StateDifference, type StateMap } from './state-map.ts'
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
  const full = fullConflictedSet(version, split, graph)
  // 1. Power events and what leads to them within the conflict, in power order.
  const power = selectPowerEvents(full)
  // 2. Applied to an empty state; until version 11 to what all agree on.
  const state = new PartialState(graph, (type, stateKey) => {
    const id = version.resolvesFromEmptyState ? undefined : unconflictedIn(split, stateKeyOf(type, stateKey))
    return id === undefined ? undefined : graph.get(id)
  })
  applyInOrder(version, graph, state, orderByPower(version, power), crypto)
  // 3. The rest, in mainline order.
  const rest = full.members.filter((vertex) => !power.has(vertex))
  const order = orderByMainline(graph, rest, state.get('m.room.power_levels', ''))
  // 4.
  applyInOrder(version, graph, state, order, crypto)
  // 5. What all agree on stands.
  return resultOf(split, state.events())
}

/** The graph of the source; if that does not know who cites whom, it is made of the auth chains of all the states. */
function graphOf(split: Split, events: EventSource): AuthGraph {
  // As many as are named, and as many again that these cite.
  const expected = 2 * split.ids.length
  if (events.getCiting !== undefined) return new AuthGraph(events, (id) => events.getCiting!(id), expected)
  const ids = [...split.base.values(), ...split.ids].filter((id) => id !== undefined)
  return new AuthGraph(events, indexCiting(ids, events), expected)
}

/**
 * Conflicted state set, auth difference and, from version 12 on, conflicted state subgraph. Room version 12, "Definitions".
 * Where an auth event is not there, its chain ends: no event whose auth events are unknown is let into a room.
 */
function fullConflictedSet(version: RoomVersion, split: Split, graph: AuthGraph): VertexSet {
  const sets = new HolderSets(split.setCount)
  const conflicted = conflictedIn(split, graph, sets)
  const holdersOf = (vertex: Vertex): Holders => {
    if (graph.holders[vertex] === unknown)
      graph.holders[vertex] = isUnconflicted(split, graph.eventOf(vertex)) ? sets.all : noHolders
    return graph.holders[vertex]!
  }
  const difference = authDifference(conflicted, holdersOf, sets)
  const full = version.resolvesFromEmptyState ? conflictedSubgraph(conflicted) : conflicted
  for (const vertex of difference.members) full.add(vertex)
  return full
}

const isUnconflicted = (split: Split, { type, state_key, event_id }: RoomEvent): boolean =>
  state_key !== undefined && unconflictedIn(split, stateKeyOf(type, state_key)) === event_id

/**
 * The conflicted state set; of its vertices it is noted which sets they are part of. Branch by branch, and each event with those it cites, since
 * events of one branch mostly cite the same.
 */
function conflictedIn({ ids, setCount, isConflicted }: Split, graph: AuthGraph, sets: HolderSets): VertexSet {
  const conflicted = new VertexSet(graph)
  for (let set = 0; set < setCount; set++) {
    const holder = sets.only(set)
    for (let place = 0; place < isConflicted.length; place++) {
      const id = ids[place * setCount + set]
      if (id === undefined || !isConflicted[place]) continue
      const vertex = graph.get(id)
      graph.holders[vertex] = conflicted.has(vertex) ? sets.union(graph.holders[vertex]!, holder) : holder
      conflicted.add(vertex)
      graph.listCited(vertex)
    }
  }
  return conflicted
}

/** What the resolved state has otherwise than the base: what was applied, as far as nobody agrees on something else. */
function resultOf(split: Split, applied: Iterable<RoomEvent>): StateDifference {
  const { base, places, inBase } = split
  const winners: (EventId | undefined)[] = inBase.map(() => undefined)
  const result = new Map<string, EventId | undefined>()
  for (const { type, state_key, event_id } of applied) {
    if (state_key === undefined) continue
    const key = stateKeyOf(type, state_key)
    const place = places.get(key)
    if (place !== undefined) winners[place] = event_id
    else if (!base.has(key)) result.set(key, event_id)
  }
  places.forEach((place, key) => {
    const id = agreedAt(split, place) ?? winners[place]
    if (id !== inBase[place]) result.set(key, id)
  })
  return result
}
