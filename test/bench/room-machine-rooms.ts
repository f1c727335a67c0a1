import { createHash } from 'node:crypto'
import type { EventId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { authNeeds } from '#spec/room/needs.ts'
import { indexCiting } from '#spec/room/resolve/citing.ts'
import { stateKeyOf, type EventSource, type StateDifference, type StateMap } from '#spec/room/resolve/state-map.ts'
import type { StateSets } from '#spec/room/resolve/state-sets.ts'
import type { RoomVersion } from '#spec/room/versions.ts'
import { expandEvent } from '#spec/vectors/short-event.ts'

/** A room that is to be resolved. */
export interface ForkedRoom {
  readonly version: RoomVersion
  readonly sets: StateSets
  readonly source: EventSource
}

const creator = '@creator:example.org'
const memberName = (n: number): string => `@member${n}:server${n % 50}.example.org`

/** A room with so many members, and twice as many changes as `pairs`, one of each pair on either branch. */
export function forkRoom(version: RoomVersion, members: number, pairs: number): ForkedRoom {
  const [room] = forkRoomBy(version, members, [{ from: 0, to: pairs }])
  return room!
}

/** Changes of a fork that are pairs, one on either branch: those from a number on, up to another one. */
export interface Changes {
  readonly from: number
  readonly to: number
}

/** One room with so many members, forked several times from the same state. */
export function forkRoomBy(version: RoomVersion, members: number, forks: readonly Changes[]): ForkedRoom[] {
  const room = new GrowingRoom(version)
  room.open(members)
  const base = room.state
  const sets = forks.map((changes) => ({
    base,
    differences: ['a', 'b'].map((name) => branch(room, base, name, changes)),
  }))
  const source = room.source()
  return sets.map((fork) => ({ version, sets: fork, source }))
}

function branch(room: GrowingRoom, base: StateMap, name: string, { from, to }: Changes): StateDifference {
  room.fork(base)
  for (let n = from; n < to; n++) change(room, name, n)
  return room.changes
}

/** Of ten changes one each of power levels, join rules, topic, a ban and a kick, and five of names. */
function change(room: GrowingRoom, branch: string, n: number): void {
  const member = memberName(n)
  switch (n % 10) {
    case 0:
      return room.say('m.room.power_levels', creator, '', room.levels({ [`m.${branch}${n}`]: 50 }))
    case 1:
      return room.say('m.room.join_rules', creator, '', { join_rule: branch === 'a' ? 'public' : 'knock' })
    case 2:
      return room.say('m.room.member', creator, member, { membership: 'ban', reason: branch })
    case 3:
      return room.say('m.room.member', creator, member, { membership: 'leave', reason: branch })
    case 4:
      return room.say('m.room.topic', member, '', { topic: `${branch} ${n}` })
    default:
      return room.say('m.room.member', member, member, { membership: 'join', displayname: `${branch} ${n}` })
  }
}

/** A room to which events are added, each judged by nobody and citing what it must. */
class GrowingRoom {
  readonly #version: RoomVersion
  readonly #events = new Map<EventId, RoomEvent>()
  readonly #createId: EventId
  #base: StateMap = new Map()
  changes = new Map<string, EventId>()

  constructor(version: RoomVersion) {
    this.#version = version
    this.#createId = idOf(0)
  }

  open(members: number): void {
    this.say('m.room.create', creator, '', { room_version: this.#version.id })
    this.say('m.room.member', creator, creator, { membership: 'join' })
    this.say('m.room.power_levels', creator, '', this.levels({}))
    this.say('m.room.join_rules', creator, '', { join_rule: 'public' })
    for (let n = 0; n < members; n++) this.say('m.room.member', memberName(n), memberName(n), { membership: 'join' })
  }

  /** Everybody may set the topic. */
  levels(more: JsonObject): JsonObject {
    const users = this.#version.privilegedCreators ? {} : { [creator]: 100 }
    return { users, events: { 'm.room.topic': 0, ...more } }
  }

  get state(): StateMap {
    return new Map([...this.#base, ...this.changes])
  }

  fork(base: StateMap): void {
    this.#base = base
    this.changes = new Map()
  }

  say(type: string, sender: string, state_key: string, content: JsonObject): void {
    const needs = authNeeds(this.#version, { type, sender, state_key, content })
    const cited = needs.map(([needed, key]) => {
      const at = stateKeyOf(needed, key)
      return this.changes.get(at) ?? this.#base.get(at)
    })
    const event = expandEvent({
      event_id: idOf(this.#events.size),
      room_id: `!${this.#createId.slice(1)}`,
      ...{ type, sender, state_key, content },
      prev_events: this.#events.size === 0 ? [] : [idOf(this.#events.size - 1)],
      auth_events: cited.filter((id) => id !== undefined),
      origin_server_ts: 1_700_000_000_000 + this.#events.size,
    })
    this.#events.set(event.event_id, event)
    this.changes.set(stateKeyOf(type, state_key), event.event_id)
  }

  source(): EventSource {
    const known: EventSource = {
      getEvent: (id) => this.#events.get(id),
      getAuthIds: (id) => this.#events.get(id)?.auth_events ?? [],
    }
    return { ...known, getCiting: indexCiting(this.#events.keys(), known) }
  }
}

/** Made anew from bytes, as an id that came over the wire: one piece in memory. */
const idOf = (n: number): EventId =>
  Buffer.from(`$${createHash('sha256').update(String(n)).digest('base64url')}`).toString('latin1') as EventId
