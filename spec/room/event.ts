import { roomIdOfCreate, type EventId, type RoomId, type UserId } from '#spec/ids.ts'
import { canonicalJson, type JsonObject } from '#spec/json.ts'
import { utf8 } from '#spec/limits.ts'
import { decodeBase64, encodeBase64, encodeBase64Url, type Crypto, type Signatures } from '#spec/sign.ts'
import { checkEventSize, checkFormat } from './format.ts'
import { redact } from './redact.ts'
import type { RoomVersion } from './versions.ts'

/*
 * A room event: its form, its hashes, its id. Server-Server API, "PDUs" and "Signing Events"; room version pages, "Event format".
 */

/** An event of a room as the code holds it: the wire form with the two ids that the wire may leave out. */
export interface RoomEvent {
  readonly event_id: EventId
  /** Filled in for the create event of version 12, which has none on the wire. */
  readonly room_id: RoomId
  readonly type: string
  readonly sender: UserId
  /** Present on state events only. */
  readonly state_key?: string
  readonly content: JsonObject
  /** One more than the deepest of `prev_events`. A claim of the sender; nothing may rely on it. */
  readonly depth: number
  readonly prev_events: readonly EventId[]
  readonly auth_events: readonly EventId[]
  /** Milliseconds since 1970 by the sender's clock. A claim too. */
  readonly origin_server_ts: number
  /** Top-level `redacts`. It means something until version 10 only: ask `redactionTargetOf`. */
  readonly redacts?: EventId
  readonly hashes: { readonly sha256: string }
  readonly signatures: Signatures
  /** What else stood on the wire beside `unsigned`. It is hashed, so it is kept. */
  readonly extra?: JsonObject
}

/** What an event says, before hashes and signatures. */
export type UnsignedEvent = Omit<RoomEvent, 'event_id' | 'room_id' | 'hashes' | 'signatures'> & {
  /** Absent on the create event of version 12 only. */
  readonly room_id?: RoomId
}

const knownKeys: ReadonlySet<string> = new Set([
  'auth_events',
  'content',
  'depth',
  'hashes',
  'origin_server_ts',
  'prev_events',
  'room_id',
  'sender',
  'signatures',
  'state_key',
  'type',
  'unsigned',
])

/** True if the version leaves `room_id` out of this event's wire form. */
export const lacksRoomId = (version: RoomVersion, type: string): boolean =>
  version.roomIdIsCreateHash && type === 'm.room.create'

/** The event as servers exchange and sign it: without `event_id` and `unsigned`, and in version 12 without `room_id` on the create event. */
export function wireForm(version: RoomVersion, event: RoomEvent): JsonObject {
  const { event_id: _eventId, room_id, extra, ...rest } = event
  const wire = lacksRoomId(version, event.type) ? rest : { ...rest, room_id }
  return extra === undefined ? wire : { ...extra, ...wire }
}

/**
 * An event from another server: format and size checked, id computed, hash compared. Where the content hash does not match, the
 * redacted event is what counts (Server-Server API, "Validating hashes and signatures on received events").
 * Signatures are not checked here: see `signatures.ts`. Throws M_BAD_JSON or M_TOO_LARGE.
 */
export function fromWire(version: RoomVersion, json: JsonObject, crypto: Pick<Crypto, 'sha256'>): RoomEvent {
  checkFormat(version, json)
  const { unsigned: _unsigned, ...wire } = json
  checkEventSize(utf8(canonicalJson(wire)).length)
  const kept = hashMatches(wire, crypto) ? wire : redact(version, wire)
  return eventOf(version, eventIdOf(version, wire, crypto), kept)
}

/** True if the event's own content hash is that of its contents. */
export function hashMatches(wire: JsonObject, crypto: Pick<Crypto, 'sha256'>): boolean {
  const claimed = decodeBase64((wire['hashes'] as { sha256: string }).sha256)
  return claimed !== undefined && encodeBase64(claimed) === contentHash(wire, crypto)
}

/** A wire form whose format was checked, as an event. */
function eventOf(version: RoomVersion, eventId: EventId, wire: JsonObject): RoomEvent {
  const roomId = lacksRoomId(version, wire['type'] as string) ? roomIdOfCreate(eventId) : (wire['room_id'] as RoomId)
  return assembleEvent(eventId, roomId, wire['content'] as JsonObject, wire)
}

/** An event from its parts; `rest` is the wire form, with or without content. Nothing is checked. */
export function assembleEvent(eventId: EventId, roomId: RoomId, content: JsonObject, rest: JsonObject): RoomEvent {
  const wire = rest as unknown as RoomEvent
  return {
    event_id: eventId,
    room_id: roomId,
    type: wire.type,
    sender: wire.sender,
    ...(wire.state_key === undefined ? undefined : { state_key: wire.state_key }),
    content,
    depth: wire.depth,
    prev_events: wire.prev_events,
    auth_events: wire.auth_events,
    origin_server_ts: wire.origin_server_ts,
    ...(typeof wire.redacts === 'string' ? { redacts: wire.redacts } : undefined),
    hashes: wire.hashes,
    signatures: wire.signatures,
    ...extraOf(rest),
  }
}

function extraOf(wire: JsonObject): { extra: JsonObject } | undefined {
  const isExtra = (key: string): boolean =>
    !knownKeys.has(key) && !(key === 'redacts' && typeof wire['redacts'] === 'string')
  const keys = Object.keys(wire).filter(isExtra)
  return keys.length === 0 ? undefined : { extra: Object.fromEntries(keys.map((key) => [key, wire[key]!])) }
}

/** The content hash in unpadded base64. Server-Server API, "Calculating the content hash for an event". */
export function contentHash(wire: JsonObject, crypto: Pick<Crypto, 'sha256'>): string {
  const { unsigned: _unsigned, signatures: _signatures, hashes: _hashes, ...hashed } = wire
  return encodeBase64(crypto.sha256(utf8(canonicalJson(hashed))))
}

/** The event id: `$` and the reference hash. Server-Server API, "Calculating the reference hash for an event". */
export function eventIdOf(version: RoomVersion, wire: JsonObject, crypto: Pick<Crypto, 'sha256'>): EventId {
  const { unsigned: _unsigned, signatures: _signatures, ...hashed } = redact(version, wire)
  return `$${encodeBase64Url(crypto.sha256(utf8(canonicalJson(hashed))))}` as EventId
}

/** The event as redaction leaves it; ids, hashes and signatures stay valid. */
export function redactEvent(version: RoomVersion, event: RoomEvent): RoomEvent {
  return eventOf(version, event.event_id, redact(version, wireForm(version, event)))
}
