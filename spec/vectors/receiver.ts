import type { EventId, ServerName } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { checkAuth, checkAuthEvents, mayRedact, type StateLookup } from '#spec/room/auth.ts'
import { redactionTargetOf } from '#spec/room/content.ts'
import { fromWire, type RoomEvent } from '#spec/room/event.ts'
import { resolve } from '#spec/room/resolve/resolve.ts'
import { stateKeyOf, type EventSource, type StateMap } from '#spec/room/resolve/state-map.ts'
import { isSignedBy, signersOf } from '#spec/room/signatures.ts'
import type { RoomVersion } from '#spec/room/versions.ts'
import { decodeBase64 } from '#spec/sign.ts'
import { codeOf } from './code-of.ts'
import { nobleCrypto } from './noble-crypto.ts'
import { ruleThatRefuses } from './story.ts'

/** The public keys of servers, by key id, in unpadded base64. */
export type ServerKeys = { readonly [server: string]: { readonly [keyId: string]: string } }

/** What a server that receives the room line by line knows of it so far. */
export class Receiver {
  readonly version: RoomVersion
  readonly #keys: ServerKeys
  readonly #events = new Map<EventId, RoomEvent>()
  readonly #states = new Map<EventId, StateMap>()
  /** Events that a redaction takes the content of. */
  readonly redacted = new Set<EventId>()

  constructor(version: RoomVersion, keys: ServerKeys) {
    this.version = version
    this.#keys = keys
  }

  /** What refuses a line; null for an event that is let in. */
  receive(wire: JsonObject): string | null {
    const { version } = this
    const format = codeOf(() => fromWire(version, wire, nobleCrypto))
    if (format !== undefined) return format
    const event = fromWire(version, wire, nobleCrypto)
    if (!signersOf(version, event).every((server) => this.#isSignedBy(wire, server))) return 'signature'
    const before = this.#stateAfter(event.prev_events)
    const refused = ruleThatRefuses(() => this.#judge(event, before))
    if (refused !== undefined) return refused
    this.#keep(event, before)
    return null
  }

  #isSignedBy(wire: JsonObject, server: ServerName): boolean {
    const keys = Object.entries(this.#keys[server] ?? {})
    return keys.some(([keyId, key]) => isSignedBy(this.version, wire, server, keyId, decodeBase64(key)!, nobleCrypto))
  }

  #stateAfter(ids: readonly EventId[]): StateMap {
    const source: EventSource = {
      getEvent: (id) => this.#events.get(id),
      getAuthIds: (id) => this.#events.get(id)!.auth_events,
    }
    const states = ids.map((id) => this.#states.get(id)!)
    return states.length === 0 ? new Map() : resolve(this.version, states, source, nobleCrypto)
  }

  #lookupIn(state: StateMap): StateLookup {
    return (type, stateKey) => this.#events.get(state.get(stateKeyOf(type, stateKey))!)
  }

  get #create(): RoomEvent | undefined {
    return [...this.#events.values()].find(({ type }) => type === 'm.room.create')
  }

  #judge(event: RoomEvent, before: StateMap): void {
    const cited = event.auth_events.map((id) => this.#events.get(id)!)
    const amongCited: StateLookup = (type, stateKey) =>
      cited.find((candidate) => candidate.type === type && candidate.state_key === stateKey)
    checkAuthEvents(this.version, event, cited)
    checkAuth(this.version, event, amongCited, this.#create, nobleCrypto)
    checkAuth(this.version, event, this.#lookupIn(before), this.#create, nobleCrypto)
  }

  #keep(event: RoomEvent, before: StateMap): void {
    const after = new Map(before)
    if (event.state_key !== undefined) after.set(stateKeyOf(event.type, event.state_key), event.event_id)
    this.#events.set(event.event_id, event)
    this.#states.set(event.event_id, after)
    const target = this.#events.get(redactionTargetOf(this.version, event)!)
    if (target && mayRedact(this.version, event, target, this.#lookupIn(before), this.#create))
      this.redacted.add(target.event_id)
  }

  /** The state after all events that no other one follows. */
  finalState(): StateMap {
    const followed = new Set([...this.#events.values()].flatMap((event) => event.prev_events))
    return this.#stateAfter([...this.#events.keys()].filter((id) => !followed.has(id)))
  }
}
