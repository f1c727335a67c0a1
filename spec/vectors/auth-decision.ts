import type { JsonObject } from '#spec/json.ts'
import { AuthFailure, checkAuth, checkAuthEvents } from '#spec/room/auth.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import type { RoomVersion } from '#spec/room/versions.ts'
import { nobleCrypto } from './noble-crypto.ts'
import { expandEvent, type ShortEvent } from './short-event.ts'

/** The room of a file of decisions. */
export interface DecisionRoom {
  readonly create: ShortEvent
  readonly state: readonly ShortEvent[]
}

/** An event, and how it changes the room of the file. */
export interface Decision {
  readonly event: ShortEvent
  /** `null`: there is none. */
  readonly create?: ShortEvent | null
  /** Replaces or adds. */
  readonly state?: readonly ShortEvent[]
  readonly without?: readonly (readonly [type: string, stateKey: string])[]
  /** Judged by the rules on these alone. */
  readonly auth_events?: readonly ShortEvent[]
  /** Ids of those that were rejected. */
  readonly rejected?: readonly string[]
}

/** The number of the rule that refuses; `null` if none does. */
export function ruleThatRefuses(run: () => void): string | null {
  try {
    run()
    return null
  } catch (error) {
    if (error instanceof AuthFailure) return error.rule
    throw error
  }
}

/** The state of the room with the changes of a decision. */
export function stateOf(room: DecisionRoom, changes: Pick<Decision, 'state' | 'without'>): Map<string, RoomEvent> {
  const state = new Map<string, RoomEvent>()
  for (const short of [...room.state, ...(changes.state ?? [])])
    state.set(stateKeyOf(short.type, short.state_key!), expandEvent(short))
  for (const [type, key] of changes.without ?? []) state.delete(stateKeyOf(type, key))
  return state
}

/** The number of the rule that refuses the event of a decision; `null` if it is allowed. */
export function judge(version: RoomVersion, room: DecisionRoom, decision: Decision): string | null {
  const event = expandEvent(decision.event)
  const { auth_events: cited, rejected } = decision
  if (cited !== undefined) {
    const events = cited.map((short, i) => expandEvent({ event_id: `$cited${i}`, ...short }))
    return ruleThatRefuses(() => checkAuthEvents(version, event, events, (id) => rejected?.includes(id) ?? false))
  }
  const state = stateOf(room, decision)
  const create = decision.create === null ? undefined : expandEvent(decision.create ?? room.create)
  return ruleThatRefuses(() =>
    checkAuth(version, event, (type, key) => state.get(stateKeyOf(type, key)), create, nobleCrypto),
  )
}

/**
 * A decision as a room of some version has it: the create event names the version, and where the room id is not its hash
 * the ids that are not given end in the server of the room.
 */
export function inVersion(
  version: RoomVersion,
  room: DecisionRoom,
  decision: Decision,
): { room: DecisionRoom; decision: Decision } {
  const suffix = version.roomIdIsCreateHash ? '' : ':one.example'
  const placed = (short: ShortEvent): ShortEvent => ({ room_id: `!create${suffix}`, ...short })
  const named = (create: ShortEvent): ShortEvent =>
    placed({ ...create, content: { ...create.content, room_version: version.id } as JsonObject })
  const { event, create, state, auth_events } = decision
  return {
    room: { create: named(room.create), state: room.state.map(placed) },
    decision: {
      ...decision,
      event: event.type === 'm.room.create' ? { room_id: `!new${suffix}`, event_id: '$new', ...event } : placed(event),
      ...(create && { create: named(create) }),
      ...(state && { state: state.map(placed) }),
      ...(auth_events && { auth_events: auth_events.map(placed) }),
    },
  }
}
