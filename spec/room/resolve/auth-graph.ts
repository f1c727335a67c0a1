import { createIdOfRoom, type EventId, type RoomId } from '#spec/ids.ts'
import type { RoomEvent } from '../event.ts'
import type { RoomVersion } from '../versions.ts'
import type { EventSource } from './state-map.ts'

declare const brand: unique symbol

/** An event in a graph: a number, given from 0 on as events are asked for. */
export type Vertex = number & { readonly [brand]: 'Vertex' }

/**
 * The graph of auth events around a conflict, for the time of one resolution. Each event is asked for once and becomes a vertex; the steps
 * go over these again and again, from one to the next, without looking up ids. What is noted of vertices is kept in lists of numbers under
 * theirs, and not in objects: so the graph of ten thousand events stays in the memory that the processor has at hand.
 */
export class AuthGraph {
  /** The sets that a vertex is in, a bit for each: see `VertexSet`. */
  marks: Int32Array
  /** The state sets that a vertex is part of, once that is known. */
  holders: Int32Array
  /** The state sets in whose full auth chains a vertex is, as far as that is known. */
  chains: Int32Array
  readonly #ids: EventId[] = []
  readonly #events: RoomEvent[] = []
  readonly #source: EventSource
  readonly #citingIds: (id: EventId) => readonly EventId[]
  readonly #vertices = new Map<EventId, Vertex>()
  #marksGiven = 0
  readonly #levelsMark = this.newMark()
  /** Where in `#citedLists` the list of a vertex begins: its length, then what it cites. */
  #citedAt: Int32Array
  #citedLists: Int32Array
  #citedListsEnd = 0
  readonly #citing: (readonly EventId[] | undefined)[] = []
  /** The `auth_events` that were listed last, and what was found. */
  #latestIds: readonly EventId[] = []
  readonly #latestCited: (Vertex | undefined)[] = []
  #latestRoom: { readonly id: RoomId; readonly create: Vertex | undefined } | undefined

  /** `expected` is about how many events will be asked for. */
  constructor(source: EventSource, citingIds: (id: EventId) => readonly EventId[], expected: number) {
    this.#source = source
    this.#citingIds = citingIds
    const size = Math.max(expected, 1)
    this.marks = new Int32Array(size)
    this.holders = new Int32Array(size)
    this.chains = new Int32Array(size)
    this.#citedAt = new Int32Array(size)
    this.#citedLists = new Int32Array(size * 4)
  }

  /** Nothing if the event is not there. */
  find(id: EventId): Vertex | undefined {
    const known = this.#vertices.get(id)
    if (known !== undefined) return known
    const event = this.#source.getEvent(id)
    return event && this.#add(id, event)
  }

  /** The event, which must be there: a set of states without its events cannot be resolved, only guessed at. */
  get(id: EventId): Vertex {
    const vertex = this.find(id)
    if (vertex === undefined) throw new Error(`State resolution needs an event that is not there: ${id}`)
    return vertex
  }

  #add(id: EventId, event: RoomEvent): Vertex {
    const vertex = this.#events.length as Vertex
    if (vertex === this.marks.length) this.#grow()
    this.#vertices.set(id, vertex)
    this.#ids.push(id)
    this.#events.push(event)
    this.marks[vertex] = isState(event, 'm.room.power_levels', '') ? this.#levelsMark : 0
    this.holders[vertex] = unknown
    this.#citedAt[vertex] = unknown
    return vertex
  }

  #grow(): void {
    this.marks = longer(this.marks)
    this.holders = longer(this.holders)
    this.chains = longer(this.chains)
    this.#citedAt = longer(this.#citedAt)
  }

  get size(): number {
    return this.#events.length
  }

  eventOf(vertex: Vertex): RoomEvent {
    return this.#events[vertex]!
  }

  idOf(vertex: Vertex): EventId {
    return this.#ids[vertex]!
  }

  /** True if the event may not vouch for others. */
  isRejected(vertex: Vertex): boolean {
    return this.#source.isRejected?.(this.idOf(vertex)) ?? false
  }

  /** How many known events are in its `auth_events`; one that comes twice counts once. */
  citedCount(vertex: Vertex): number {
    const list = this.#citedListOf(vertex)
    return this.#citedLists[list]!
  }

  /** One of the known events in its `auth_events`. */
  citedAt(vertex: Vertex, index: number): Vertex {
    const list = this.#citedListOf(vertex)
    return this.#citedLists[list + 1 + index] as Vertex
  }

  /** Looks up what it cites, which is done without asking where that is needed; it takes least while the event is at hand. */
  listCited(vertex: Vertex): void {
    this.#citedListOf(vertex)
  }

  #citedListOf(vertex: Vertex): number {
    const at = this.#citedAt[vertex]!
    return at === unknown ? this.#listCited(vertex) : at
  }

  /** Events cite much of what the one before them cites, at the same place: that is not looked up again. */
  #listCited(vertex: Vertex): number {
    const ids = this.#events[vertex]!.auth_events
    const at = this.#citedListsEnd
    const mostEnd = at + 1 + ids.length
    if (mostEnd > this.#citedLists.length) this.#citedLists = longer(this.#citedLists, mostEnd)
    let end = at + 1
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index]!
      const cited = this.#latestIds[index] === id ? this.#latestCited[index] : this.find(id)
      this.#latestCited[index] = cited
      if (cited === undefined || hasAfter(this.#citedLists, cited, at + 1, end)) continue
      this.#citedLists[end++] = cited
    }
    this.#latestIds = ids
    this.#citedLists[at] = end - at - 1
    this.#citedAt[vertex] = at
    this.#citedListsEnd = end
    return at
  }

  /** How many state events cite it. */
  citingCount(vertex: Vertex): number {
    return this.#citingOf(vertex).length
  }

  /** One of the state events that cite it, looked up one by one as there may be many; nothing if it is not there. */
  citingAt(vertex: Vertex, index: number): Vertex | undefined {
    return this.find(this.#citingOf(vertex)[index]!)
  }

  #citingOf(vertex: Vertex): readonly EventId[] {
    return (this.#citing[vertex] ??= this.#citingIds(this.idOf(vertex)))
  }

  /** The event under a type and a state key that it cites. */
  citedState(vertex: Vertex, type: string, stateKey: string): Vertex | undefined {
    for (let index = 0; index < this.citedCount(vertex); index++) {
      const cited = this.citedAt(vertex, index)
      if (isState(this.#events[cited]!, type, stateKey)) return cited
    }
    return undefined
  }

  /** The power levels that it cites. */
  powerLevelsOf(vertex: Vertex): Vertex | undefined {
    for (let index = 0; index < this.citedCount(vertex); index++) {
      const cited = this.citedAt(vertex, index)
      if ((this.marks[cited]! & this.#levelsMark) !== 0) return cited
    }
    return undefined
  }

  /** The create event that its authority goes back to: named by the room id from version 12 on, cited before. */
  createOf(version: RoomVersion, vertex: Vertex): Vertex | undefined {
    return version.roomIdIsCreateHash
      ? this.#createOfRoom(this.#events[vertex]!.room_id)
      : this.citedState(vertex, 'm.room.create', '')
  }

  /** Nearly always that of the same room as before. */
  #createOfRoom(id: RoomId): Vertex | undefined {
    if (this.#latestRoom?.id !== id) this.#latestRoom = { id, create: this.find(createIdOfRoom(id)) }
    return this.#latestRoom.create
  }

  /** A bit for one more set. One resolution has about a dozen. */
  newMark(): number {
    if (this.#marksGiven === maxMarks) throw new Error('An auth graph has no mark left for another set')
    return 1 << this.#marksGiven++
  }
}

/** Stands for a number that is not known yet. */
export const unknown = -1

/** As many as there are bits in a number. */
const maxMarks = 31

const isState = (event: RoomEvent, type: string, stateKey: string): boolean =>
  event.type === type && event.state_key === stateKey

function hasAfter(list: Int32Array, item: number, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (list[at] === item) return true
  return false
}

function longer(list: Int32Array, least = 0): Int32Array {
  const copy = new Int32Array(Math.max(list.length * 2, least))
  copy.set(list)
  return copy
}
