import type { Crypto } from '#spec/sign.ts'
import { AuthFailure, checkAuth, type StateLookup } from '../auth.ts'
import type { RoomEvent } from '../event.ts'
import type { RoomVersion } from '../versions.ts'
import type { Vertex } from './auth-graph.ts'
import { stateKeyOf } from './state-map.ts'

/**
 * State that is being put together: what has been applied, over what it started from. By type and then by state key, which are at
 * hand: to join both for each of many lookups costs more than the lookups.
 */
export class PartialState {
  readonly #start: (key: string) => Vertex | undefined
  readonly #byType = new Map<string, Map<string, Vertex | undefined>>()

  constructor(start: (key: string) => Vertex | undefined) {
    this.#start = start
  }

  get(type: string, stateKey: string): Vertex | undefined {
    const byStateKey = this.#under(type)
    const known = byStateKey.get(stateKey)
    if (known !== undefined || byStateKey.has(stateKey)) return known
    const vertex = this.#start(stateKeyOf(type, stateKey))
    byStateKey.set(stateKey, vertex)
    return vertex
  }

  apply(vertex: Vertex): void {
    const { type, state_key } = vertex.event
    if (state_key !== undefined) this.#under(type).set(state_key, vertex)
  }

  /** What has been applied, and of what it started from that which was asked for. */
  *entries(): Generator<Vertex> {
    for (const byStateKey of this.#byType.values())
      for (const vertex of byStateKey.values()) if (vertex !== undefined) yield vertex
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
  state: PartialState,
  order: readonly Vertex[],
  crypto: Pick<Crypto, 'verify'> | undefined,
): void {
  let judged: Vertex
  const lookup: StateLookup = (type, stateKey) => {
    const there = state.get(type, stateKey)
    return there === undefined ? unlessRejected(judged.citedState(type, stateKey)) : there.event
  }
  for (judged of order) {
    if (judged.event.state_key !== undefined && isAllowed(version, judged, lookup, crypto)) state.apply(judged)
  }
}

function isAllowed(
  version: RoomVersion,
  vertex: Vertex,
  lookup: StateLookup,
  crypto: Pick<Crypto, 'verify'> | undefined,
): boolean {
  try {
    checkAuth(version, vertex.event, lookup, unlessRejected(vertex.createIn(version)), crypto)
    return true
  } catch (error) {
    if (error instanceof AuthFailure) return false
    throw error
  }
}

const unlessRejected = (vertex: Vertex | undefined): RoomEvent | undefined =>
  vertex === undefined || vertex.isRejected ? undefined : vertex.event
