import type { EventId } from '#spec/ids.ts'
import { AuthFailure, checkAuth, powerLevelOf } from '#spec/room/auth.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { stateKeyOf, type EventSource, type StateMap } from '#spec/room/resolve/state-map.ts'
import type { RoomVersion } from '#spec/room/versions.ts'

/*
 * State resolution as its text says it, sentence by sentence, whatever it costs: what the quick one is compared with.
 * Room version 12, "State resolution"; room version 2. It shares nothing with it but the auth rules.
 */

type Ids = ReadonlySet<EventId>

export interface Resolved {
  readonly state: StateMap
  readonly fullConflictedSet: Ids
}

export function resolveLiterally(version: RoomVersion, states: readonly StateMap[], events: EventSource): Resolved {
  const isV12 = version.id === '12'
  const keys = new Set(states.flatMap((state) => [...state.keys()]))
  const isAgreed = (key: string): boolean => states.every((state) => state.get(key) === states[0]!.get(key))
  const unconflicted = new Map([...keys].filter(isAgreed).map((key) => [key, states[0]!.get(key)!]))
  const disputed = [...keys].filter((key) => !isAgreed(key))
  const conflicted = new Set(
    states.flatMap((state) => disputed.map((key) => state.get(key)).filter((id) => id !== undefined)),
  )
  const subgraph = isV12 ? subgraphOf(conflicted, events) : new Set<EventId>()
  const full = new Set([...conflicted, ...subgraph, ...authDifferenceOf(states, events)])
  // 1.
  const power = [...full].filter((id) => isPower(events.getEvent(id)!))
  const picked = new Set(power)
  for (const id of power) for (const cited of chainOf(id, events)) if (full.has(cited)) picked.add(cited)
  // 2.
  const start: StateMap = isV12 ? new Map() : unconflicted
  const partial = applyAll(version, start, sortByPower(version, picked, events), events)
  // 3.
  const rest = [...full].filter((id) => !picked.has(id))
  const sorted = sortByMainline(rest, partial.get(stateKeyOf('m.room.power_levels', '')), events)
  // 4.
  const state = applyAll(version, partial, sorted, events)
  // 5.
  for (const [key, id] of unconflicted) state.set(key, id)
  return { state, fullConflictedSet: full }
}

const known = (id: EventId, events: EventSource): EventId[] =>
  events.getAuthIds(id).filter((cited) => events.getEvent(cited) !== undefined)

function chainOf(id: EventId, events: EventSource): Set<EventId> {
  const chain = new Set(known(id, events))
  for (const one of chain) for (const cited of known(one, events)) chain.add(cited)
  return chain
}

function authDifferenceOf(states: readonly StateMap[], events: EventSource): EventId[] {
  const chains = states.map((state) => new Set([...state.values()].flatMap((id) => [...chainOf(id, events)])))
  const union = new Set(chains.flatMap((chain) => [...chain]))
  return [...union].filter((id) => !chains.every((chain) => chain.has(id)))
}

function subgraphOf(conflicted: Ids, events: EventSource): Set<EventId> {
  const chain = new Set([...conflicted].flatMap((id) => [...chainOf(id, events)]))
  const between = [...chain].filter(
    (id) => !conflicted.has(id) && [...chainOf(id, events)].some((below) => conflicted.has(below)),
  )
  return new Set([...conflicted, ...between])
}

function isPower({ type, state_key, sender, content }: RoomEvent): boolean {
  if (type === 'm.room.power_levels' || type === 'm.room.join_rules') return state_key === ''
  const takesAway = content['membership'] === 'leave' || content['membership'] === 'ban'
  return type === 'm.room.member' && takesAway && sender !== state_key
}

function cited(id: EventId, type: string, stateKey: string, events: EventSource): RoomEvent | undefined {
  const all = known(id, events).map((authId) => events.getEvent(authId)!)
  return all.find((event) => event.type === type && event.state_key === stateKey)
}

const createFor = (version: RoomVersion, event: RoomEvent, events: EventSource): RoomEvent | undefined =>
  version.id === '12'
    ? events.getEvent(`$${event.room_id.slice(1)}` as EventId)
    : cited(event.event_id, 'm.room.create', '', events)

function sortByPower(version: RoomVersion, ids: Ids, events: EventSource): EventId[] {
  const level = (event: RoomEvent): number => {
    const powerLevels = cited(event.event_id, 'm.room.power_levels', '', events)
    return powerLevelOf(version, event.sender, powerLevels, createFor(version, event, events))
  }
  const isLess = (x: RoomEvent, y: RoomEvent): boolean => {
    if (level(x) !== level(y)) return level(x) > level(y)
    return isOlder(x, y)
  }
  const left = new Set(ids)
  const order: EventId[] = []
  while (left.size > 0) {
    const candidates = [...left].filter((id) => !known(id, events).some((authId) => left.has(authId)))
    const smallest = candidates.reduce((a, b) => (isLess(events.getEvent(a)!, events.getEvent(b)!) ? a : b))
    left.delete(smallest)
    order.push(smallest)
  }
  return order
}

function isOlder(x: RoomEvent, y: RoomEvent): boolean {
  if (x.origin_server_ts !== y.origin_server_ts) return x.origin_server_ts < y.origin_server_ts
  return x.event_id < y.event_id
}

function sortByMainline(ids: readonly EventId[], powerLevels: EventId | undefined, events: EventSource): EventId[] {
  const lineFrom = (id: EventId): EventId[] => {
    const next = cited(id, 'm.room.power_levels', '', events)
    return next === undefined ? [] : [next.event_id, ...lineFrom(next.event_id)]
  }
  const mainline = powerLevels === undefined ? [] : [powerLevels, ...lineFrom(powerLevels)]
  const position = (id: EventId): number => {
    const found = lineFrom(id).find((one) => mainline.includes(one))
    return found === undefined ? Number.MAX_SAFE_INTEGER : mainline.indexOf(found)
  }
  return ids.toSorted((a, b) => {
    if (position(a) !== position(b)) return position(b) - position(a)
    return isOlder(events.getEvent(a)!, events.getEvent(b)!) ? -1 : 1
  })
}

function applyAll(version: RoomVersion, start: StateMap, order: readonly EventId[], events: EventSource) {
  const state = new Map(start)
  const accepted = (event: RoomEvent | undefined): RoomEvent | undefined =>
    event && events.isRejected?.(event.event_id) ? undefined : event
  for (const id of order) {
    const event = events.getEvent(id)!
    const lookup = (type: string, stateKey: string): RoomEvent | undefined => {
      const there = state.get(stateKeyOf(type, stateKey))
      return there === undefined ? accepted(cited(id, type, stateKey, events)) : events.getEvent(there)
    }
    try {
      checkAuth(version, event, lookup, accepted(createFor(version, event, events)))
      state.set(stateKeyOf(event.type, event.state_key!), id)
    } catch (error) {
      if (!(error instanceof AuthFailure)) throw error
    }
  }
  return state
}
