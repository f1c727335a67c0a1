import type { Crypto } from '#spec/sign.ts'
import { AuthFailure, checkAuth, type StateLookup } from '../auth.ts'
import type { RoomEvent } from '../event.ts'
import type { RoomVersion } from '../versions.ts'
import type { AuthGraph, Vertex } from './auth-graph.ts'

/**
 * State that is being put together: what has been applied, over what it started from. By type and then by state key, which are at
 * hand: to join both for each of many lookups costs more than the lookups.
 */
export class PartialState {
  readonly #graph: AuthGraph
  readonly #start: (type: string, stateKey: string) => Vertex | undefined
  readonly #byType = new Map<string, Map<string, Vertex | undefined>>()

  constructor(graph: AuthGraph, start: (type: string, stateKey: string) => Vertex | undefined) {
    this.#graph = graph
    this.#start = start
  }

  get(type: string, stateKey: string): Vertex | undefined {
    const byStateKey = this.#under(type)
    const known = byStateKey.get(stateKey)
    if (known !== undefined || byStateKey.has(stateKey)) return known
    const vertex = this.#start(type, stateKey)
    byStateKey.set(stateKey, vertex)
    return vertex
  }

  apply(vertex: Vertex): void {
    const { type, state_key } = this.#graph.eventOf(vertex)
    if (state_key !== undefined) this.#under(type).set(state_key, vertex)
  }

  /** What has been applied, and of what it started from that which was asked for. */
  *events(): Generator<RoomEvent> {
    for (const byStateKey of this.#byType.values())
      for (const vertex of byStateKey.values()) if (vertex !== undefined) yield this.#graph.eventOf(vertex)
  }

  #under(type: string): Map<string, Vertex | undefined> {
    const known = this.#byType.get(type)
    if (known !== undefined) return known
    const made = new Map<string, Vertex | undefined>()
    this.#byType.set(type, made)
    return made
  }
}

/**
 * The iterative auth checks algorithm: takes the events one by one into the state, leaving out those that the auth rules refuse.
 * State that a check needs and that is not there is taken from the event's own auth events, unless rejected. Room version 12, "Definitions".
 */
export function applyInOrder(
  version: RoomVersion,
  graph: AuthGraph,
  state: PartialState,
  order: readonly Vertex[],
  crypto: Pick<Crypto, 'verify'> | undefined,
): void {
  const unlessRejected = (vertex: Vertex | undefined): RoomEvent | undefined =>
    vertex === undefined || graph.isRejected(vertex) ? undefined : graph.eventOf(vertex)
  let judged: Vertex
  const lookup: StateLookup = (type, stateKey) => {
    const there = state.get(type, stateKey)
    return there === undefined ? unlessRejected(graph.citedState(judged, type, stateKey)) : graph.eventOf(there)
  }
  for (judged of order) {
    const event = graph.eventOf(judged)
    if (event.state_key === undefined) continue
    const create = unlessRejected(graph.createOf(version, judged))
    if (isAllowed(version, event, lookup, create, crypto)) state.apply(judged)
  }
}

function isAllowed(
  version: RoomVersion,
  event: RoomEvent,
  lookup: StateLookup,
  create: RoomEvent | undefined,
  crypto: Pick<Crypto, 'verify'> | undefined,
): boolean {
  try {
    checkAuth(version, event, lookup, create, crypto)
    return true
  } catch (error) {
    if (error instanceof AuthFailure) return false
    throw error
  }
}
