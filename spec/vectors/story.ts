import { serverOf, type EventId, type RoomId, type ServerName } from '#spec/ids.ts'
import type { Crypto, SigningKey } from '#spec/sign.ts'
import { AuthFailure, checkAuth } from '#spec/room/auth.ts'
import { buildEvent, signEvent, type EventDraft } from '#spec/room/build.ts'
import { wireForm, type RoomEvent } from '#spec/room/event.ts'
import { authNeeds } from '#spec/room/needs.ts'
import { resolve } from '#spec/room/resolve/resolve.ts'
import { stateKeyOf, type EventSource, type StateMap } from '#spec/room/resolve/state-map.ts'
import { cosign, signersOf } from '#spec/room/signatures.ts'
import type { RoomVersion } from '#spec/room/versions.ts'

/*
 * A room told event by event, for tests: what a server does with a room, without a server.
 */

/** What became of an event: in the room, or refused by a rule and left aside. */
export interface Told {
  readonly event: RoomEvent
  readonly refused: string | undefined
}

/** A room in the making. */
export interface Story {
  readonly version: RoomVersion
  readonly events: Map<EventId, RoomEvent>
  readonly source: EventSource
  /** Every event with what became of it, in the order of telling. */
  readonly told: Told[]
  /** Builds, signs and judges an event after `heads`, or after the last one that was let in. */
  tell(draft: EventDraft, heads?: readonly RoomEvent[]): Told
  /** The state after an event. */
  stateAfter(id: EventId): StateMap
  /** The event of some state under a type and a state key. */
  find(state: StateMap, type: string, stateKey: string): RoomEvent | undefined
}

const nothing: StateMap = new Map()
const secondMs = 1000
const startMs = 1_700_000_000_000

/** Opens a story; `keyOf` signs for each server, and the clock goes one second per event. */
export function openStory(version: RoomVersion, keyOf: (server: ServerName) => SigningKey, crypto: Crypto): Story {
  const events = new Map<EventId, RoomEvent>()
  const states = new Map<EventId, StateMap>()
  const told: Told[] = []
  let last: RoomEvent[] = []
  const source: EventSource = {
    getEvent: (id) => events.get(id),
    getAuthIds: (id) => events.get(id)?.auth_events ?? [],
  }
  const find = (state: StateMap, type: string, stateKey: string): RoomEvent | undefined => {
    const id = state.get(stateKeyOf(type, stateKey))
    return id === undefined ? undefined : events.get(id)
  }
  const stateAfter = (id: EventId): StateMap => states.get(id) ?? nothing
  const stateBefore = (heads: readonly RoomEvent[]): StateMap =>
    heads.length === 0
      ? nothing
      : resolve(
          version,
          heads.map((head) => stateAfter(head.event_id)),
          source,
          crypto,
        )
  const create = (): RoomEvent | undefined => told[0]?.event

  const make = (draft: EventDraft, heads: readonly RoomEvent[], before: StateMap): RoomEvent => {
    const authEvents = authNeeds(version, draft)
      .map(([type, key]) => find(before, type, key)?.event_id)
      .filter((id) => id !== undefined)
    const roomId = create()?.room_id ?? ('!story:one.example' as RoomId)
    const originServerTs = startMs + told.length * secondMs
    const unsigned = buildEvent(version, draft, { roomId, heads, authEvents, originServerTs })
    return signByAll(version, signEvent(version, unsigned, keyOf(serverOf(draft.sender)), crypto), keyOf)
  }

  const tell = (draft: EventDraft, heads: readonly RoomEvent[] = last): Told => {
    const before = stateBefore(heads)
    const event = make(draft, heads, before)
    const refused = ruleThatRefuses(() =>
      checkAuth(version, event, (type, key) => find(before, type, key), create(), crypto),
    )
    told.push({ event, refused })
    if (refused !== undefined) return { event, refused }
    events.set(event.event_id, event)
    const after = new Map(before)
    if (event.state_key !== undefined) after.set(stateKeyOf(event.type, event.state_key), event.event_id)
    states.set(event.event_id, after)
    last = [event]
    return { event, refused }
  }
  return { version, events, source, told, tell, stateAfter, find }
}

/** The event with the signatures of whoever else must sign it, as its sender's server obtains them. */
function signByAll(version: RoomVersion, event: RoomEvent, keyOf: (server: ServerName) => SigningKey): RoomEvent {
  const others = signersOf(version, event).filter((server) => server !== serverOf(event.sender))
  return others.reduce(
    (signed, server) => ({ ...signed, signatures: cosign(version, wireForm(version, signed), keyOf(server)) }),
    event,
  )
}

/** The number of the rule that refuses an event; nothing if none does. */
export function ruleThatRefuses(judge: () => void): string | undefined {
  try {
    judge()
    return undefined
  } catch (error) {
    if (error instanceof AuthFailure) return error.rule
    throw error
  }
}
