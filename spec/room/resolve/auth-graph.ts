import { createIdOfRoom, type EventId } from '#spec/ids.ts'
import type { RoomEvent } from '../event.ts'
import type { RoomVersion } from '../versions.ts'
import type { Holders } from './holders.ts'
import { stateKeyOf, type EventSource } from './state-map.ts'

/**
 * The graph of auth events around a conflict, for the time of one resolution. Each event is asked for once and becomes a vertex; the steps
 * go over these again and again, from one to the next, without looking up ids.
 */
export class AuthGraph {
  readonly #events: EventSource
  readonly #citingIds: (id: EventId) => readonly EventId[]
  readonly #vertices = new Map<EventId, Vertex>()
  #marks = 0
  readonly #findBound = (id: EventId): Vertex | undefined => this.find(id)

  constructor(events: EventSource, citingIds: (id: EventId) => readonly EventId[]) {
    this.#events = events
    this.#citingIds = citingIds
  }

  /** Nothing if the event is not there. */
  find(id: EventId): Vertex | undefined {
    const known = this.#vertices.get(id)
    if (known !== undefined) return known
    const event = this.#events.getEvent(id)
    if (event === undefined) return undefined
    const vertex = new Vertex(event, this)
    this.#vertices.set(id, vertex)
    return vertex
  }

  /** The event, which must be there: a set of states without its events cannot be resolved, only guessed at. */
  get(id: EventId): Vertex {
    const vertex = this.find(id)
    if (vertex === undefined) throw new Error(`State resolution needs an event that is not there: ${id}`)
    return vertex
  }

  /** The events of a list that are there; none comes twice. */
  findAll(ids: readonly EventId[]): readonly Vertex[] {
    const found = ids.map(this.#findBound)
    return isSet(found) ? found : [...new Set(found)].filter((vertex) => vertex !== undefined)
  }

  /** The state events that cite an event. */
  citing(id: EventId): Links {
    const ids = this.#citingIds(id)
    return ids.length === 0 ? nobody : { length: ids.length, at: (index) => this.find(ids[index]!) }
  }

  /** A bit for one more set. One resolution has about a dozen. */
  newMark(): number {
    if (this.#marks === maxMarks) throw new Error('An auth graph has no mark left for another set')
    return 1 << this.#marks++
  }

  isRejected(id: EventId): boolean {
    return this.#events.isRejected?.(id) ?? false
  }
}

/** Vertices that are looked at one by one, as there may be many. What is not there is nothing. */
export interface Links {
  readonly length: number
  at(index: number): Vertex | undefined
}

const nobody: Links = []

function isSet(vertices: readonly (Vertex | undefined)[]): vertices is readonly Vertex[] {
  for (let i = 0; i < vertices.length; i++)
    if (vertices[i] === undefined || vertices.indexOf(vertices[i]) < i) return false
  return true
}

/** As many as there are bits in a number. */
const maxMarks = 31

/** An event, whom it cites and who cites it; and what the steps note about it. */
export class Vertex {
  readonly id: EventId
  readonly event: RoomEvent
  readonly timestamp: number
  /** The sets that it is in: see `VertexSet`. */
  marks = 0
  /** Its index in the list that a step has made of a set. */
  index = 0
  /** The state sets that it is part of, once that is known. */
  holders: Holders | undefined
  /** State sets in whose full auth chains it is, as far as those say that were looked at. */
  leastChains: Holders = 0n
  /** The state sets in whose full auth chains it is, once that is known. */
  chains: Holders | undefined
  readonly #graph: AuthGraph
  #cited: readonly Vertex[] | undefined
  #citing: Links | undefined
  #key: string | undefined

  constructor(event: RoomEvent, graph: AuthGraph) {
    this.id = event.event_id
    this.event = event
    this.timestamp = event.origin_server_ts
    this.#graph = graph
  }

  /** The key of a state map that the event is under; nothing for what is no state event. */
  get key(): string | undefined {
    const { type, state_key } = this.event
    if (state_key !== undefined) this.#key ??= stateKeyOf(type, state_key)
    return this.#key
  }

  /** The known events of its `auth_events`; none comes twice. */
  get cited(): readonly Vertex[] {
    return (this.#cited ??= this.#graph.findAll(this.event.auth_events))
  }

  /** The state events that cite it. */
  get citing(): Links {
    return (this.#citing ??= this.#graph.citing(this.id))
  }

  /** True if the event may not vouch for others. */
  get isRejected(): boolean {
    return this.#graph.isRejected(this.id)
  }

  /** The event under a type and a state key that it cites. */
  citedState(type: string, stateKey: string): Vertex | undefined {
    return this.cited.find(({ event }) => event.type === type && event.state_key === stateKey)
  }

  /** The power levels that it cites. */
  get powerLevels(): Vertex | undefined {
    return this.citedState('m.room.power_levels', '')
  }

  /** The create event that its authority goes back to: named by the room id from version 12 on, cited before. */
  createIn(version: RoomVersion): Vertex | undefined {
    return version.roomIdIsCreateHash
      ? this.#graph.find(createIdOfRoom(this.event.room_id))
      : this.citedState('m.room.create', '')
  }
}
