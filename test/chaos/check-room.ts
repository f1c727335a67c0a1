import { canonicalJson } from '#spec/json.ts'
import { membershipOf, roomNameOf } from '#spec/room/content.ts'
import { eventIdOf, wireForm, type RoomEvent } from '#spec/room/event.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'
import { systemCrypto } from '#node/deps.ts'
import { stateOfChain, type StoredLayer } from '#node/rooms/state-layers.ts'

/** An event and what the database keeps beside it. */
export interface KeptEvent {
  readonly event: RoomEvent
  readonly position: number
  readonly stateBefore: number
}

interface KeptState {
  readonly type: string
  readonly key: string
  readonly eventId: string
  readonly position: number
}

/** Everything that the database keeps of one room. */
export interface KeptRoom {
  readonly roomId: string
  readonly version: string
  /** JSON: [[event id, depth], ...] */
  readonly heads: string
  readonly stateLayer: number
  /** By position. */
  readonly events: readonly KeptEvent[]
  readonly currentState: readonly KeptState[]
  readonly stateChanges: readonly KeptState[]
  readonly layers: readonly (StoredLayer & { readonly chain: readonly number[] })[]
  readonly members: readonly { readonly userId: string; readonly membership: string; readonly eventId: string }[]
}

/** createRoom stores these together or not at all. */
const beginning = [
  'm.room.create',
  'm.room.member',
  'm.room.power_levels',
  'm.room.join_rules',
  'm.room.history_visibility',
  'm.room.guest_access',
  'm.room.name',
]

/** Whether what is kept of a room fits together; one sentence for everything that does not. */
export function checkRoom(room: KeptRoom): string[] {
  const complaints = [...checkChain(room), ...checkState(room), ...checkSummary(room)]
  return complaints.map((complaint) => `${room.roomId}: ${complaint}`)
}

/** 1. One event after the other, each naming the one before it, and each the event that its id is the hash of. */
function checkChain({ events, version }: KeptRoom): string[] {
  const complaints: string[] = []
  let previous: KeptEvent | undefined
  for (const kept of events) {
    const { event, position } = kept
    const expected = previous ? [previous.event.event_id] : []
    if (canonicalJson(event.prev_events) !== canonicalJson(expected))
      complaints.push(`${event.event_id} follows ${event.prev_events.join(', ')} and not ${expected.join(', ')}`)
    if (event.depth !== (previous?.event.depth ?? 0) + 1)
      complaints.push(`${event.event_id} has depth ${event.depth} after ${previous?.event.depth ?? 0}`)
    if (position <= (previous?.position ?? 0)) complaints.push(`position ${position} is not above the one before it`)
    const requiredVersion = requireRoomVersion(version)
    if (eventIdOf(requiredVersion, wireForm(requiredVersion, event), systemCrypto) !== event.event_id)
      complaints.push(`${event.event_id} is not the hash of what is kept under it`)
    previous = kept
  }
  return complaints
}

/** 2. The state, told in four ways: by the events in order, by the layers, by the changes and by the current state. */
function checkState(room: KeptRoom): string[] {
  const complaints: string[] = []
  const layers = new Map(room.layers.map((layer) => [layer.layer, layer]))
  const state = new Map<string, KeptState>()
  let layerSeen: number | undefined
  const compareLayer = (layer: number, where: string) => {
    const chain = (layers.get(layer)?.chain ?? []).flatMap((link) => layers.get(link) ?? [])
    const replayed = stateOfChain(chain.toSorted((a, b) => a.ordinal - b.ordinal))
    const isSame = replayed.size === state.size && [...state].every(([key, kept]) => replayed.get(key) === kept.eventId)
    if (!isSame) complaints.push(`state layer ${layer} is not the state ${where}`)
  }
  for (const { event, position, stateBefore } of room.events) {
    if (stateBefore !== layerSeen) compareLayer((layerSeen = stateBefore), `before ${event.event_id}`)
    if (event.state_key === undefined) continue
    const kept = { type: event.type, key: event.state_key, eventId: event.event_id, position }
    state.set(stateKeyOf(event.type, event.state_key), kept)
    layerSeen = undefined
  }
  compareLayer(room.stateLayer, 'at the end')
  if (sorted(room.currentState) !== sorted([...state.values()]))
    complaints.push('current_state is not what the events add up to')
  if (sorted(room.stateChanges) !== sorted(changesOf(room)))
    complaints.push('state_changes are not the state events of the room')
  return complaints
}

const changesOf = ({ events }: KeptRoom): KeptState[] =>
  events.flatMap(({ event, position }) =>
    event.state_key === undefined
      ? []
      : [{ type: event.type, key: event.state_key, eventId: event.event_id, position }],
  )

const sorted = (list: readonly KeptState[]): string =>
  JSON.stringify(
    list.map(({ type, key, eventId, position }) => [position, type, key, eventId]).toSorted((a, b) => +a[0]! - +b[0]!),
  )

/** 3. What is kept for quick reading says the same. */
function checkSummary(room: KeptRoom): string[] {
  const { events, heads, members } = room
  const last = events.at(-1)
  if (!last) return ['the room has no events']
  const complaints: string[] = []
  if (heads !== JSON.stringify([[last.event.event_id, last.event.depth]]))
    complaints.push(`its head is ${heads}, and its last event ${last.event.event_id}`)
  const types = new Set(events.map(({ event }) => event.type))
  const missing = beginning.filter((type) => !types.has(type))
  if (missing.length > 0) complaints.push(`it was made without ${missing.join(', ')}`)
  const memberEvents = new Map(
    events.flatMap(({ event }) => (event.type === 'm.room.member' ? [[event.state_key!, event] as const] : [])),
  )
  const kept = new Map(members.map((member) => [member.userId, member]))
  for (const [userId, event] of memberEvents) {
    const member = kept.get(userId)
    if (member?.eventId !== event.event_id || member.membership !== membershipOf(event))
      complaints.push(`members has ${userId} as ${member?.membership} by ${member?.eventId}`)
  }
  if (kept.size !== memberEvents.size) complaints.push('members has people who were never in the room')
  return complaints
}

/** The name that the room was made with. */
export const nameOf = ({ events }: KeptRoom): string | undefined =>
  roomNameOf(events.find(({ event }) => event.type === 'm.room.name')?.event)
