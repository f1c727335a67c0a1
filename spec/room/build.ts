import { roomIdOfCreate, type EventId, type RoomId, type UserId } from '#spec/ids.ts'
import { badJson } from '#spec/errors.ts'
import { canonicalJson, canonicalString, composeObject, type JsonObject } from '#spec/json.ts'
import { maxAuthEvents, maxContentDepth, maxDepth, maxPrevEvents, utf8 } from '#spec/limits.ts'
import { addSignature, encodeBase64, encodeBase64Url, type Crypto, type SigningKey } from '#spec/sign.ts'
import { assembleEvent, lacksRoomId, type RoomEvent, type UnsignedEvent } from './event.ts'
import { checkEventSize, checkKeySizes } from './format.ts'
import { keepsKey, redactContent } from './redact.ts'
import type { RoomVersion } from './versions.ts'

/*
 * Making an event, and the text it is kept as. Server-Server API, "Adding hashes and signatures to outgoing events".
 */

/** What somebody wants to say. */
export interface EventDraft {
  readonly type: string
  readonly sender: UserId
  readonly state_key?: string | undefined
  readonly content: JsonObject
  /** The event that a redaction is about; put where the room version has it. */
  readonly redacts?: EventId | undefined
  /** When it was said, in milliseconds since 1970, where that is another time than now. */
  readonly saidAt?: number | undefined
}

/** Where in the room an event goes. */
export interface EventPlace {
  /** Absent for a create event of version 12, whose hash it will be. */
  readonly roomId?: RoomId | undefined
  /** The events that it follows; of more than 20, the deepest 20. */
  readonly heads: readonly { readonly event_id: EventId; readonly depth: number }[]
  /** The state that `authNeeds` names, as far as the room has it. */
  readonly authEvents: readonly EventId[]
  /** Milliseconds since 1970. */
  readonly originServerTs: number
}

/** An event before hashes and signatures. Throws M_TOO_LARGE if a key is too long. */
export function buildEvent(version: RoomVersion, draft: EventDraft, place: EventPlace): UnsignedEvent {
  const { type, sender, state_key, redacts } = draft
  checkKeySizes(type, state_key)
  if (place.authEvents.length > maxAuthEvents) throw badJson(`An event cites at most ${maxAuthEvents} auth events`)
  if (place.roomId === undefined && !lacksRoomId(version, type)) throw badJson('An event needs a room')
  const heads = deepest(place.heads)
  return {
    ...(lacksRoomId(version, type) ? undefined : { room_id: place.roomId! }),
    type,
    sender,
    ...(state_key === undefined ? undefined : { state_key }),
    content: redacts !== undefined && version.redactsInContent ? { ...draft.content, redacts } : draft.content,
    depth: Math.min(heads.reduce((most, head) => Math.max(most, head.depth), 0) + 1, maxDepth),
    prev_events: heads.map((head) => head.event_id),
    auth_events: place.authEvents,
    origin_server_ts: draft.saidAt ?? place.originServerTs,
    ...(redacts === undefined || version.redactsInContent ? undefined : { redacts }),
  }
}

const deepest = (heads: EventPlace['heads']): EventPlace['heads'] =>
  heads.length <= maxPrevEvents ? heads : heads.toSorted((a, b) => b.depth - a.depth).slice(0, maxPrevEvents)

/** Canonical texts by key. */
type Texts = { readonly [key: string]: string | undefined }

function textsOf(event: UnsignedEvent, content: string): Texts {
  const texts = {
    auth_events: canonicalJson(event.auth_events),
    content,
    depth: canonicalJson(event.depth),
    hashes: undefined,
    origin_server_ts: canonicalJson(event.origin_server_ts),
    prev_events: canonicalJson(event.prev_events),
    redacts: event.redacts === undefined ? undefined : canonicalString(event.redacts),
    room_id: event.room_id === undefined ? undefined : canonicalString(event.room_id),
    sender: canonicalString(event.sender),
    signatures: undefined,
    state_key: event.state_key === undefined ? undefined : canonicalString(event.state_key),
    type: canonicalString(event.type),
  }
  return event.extra === undefined ? texts : { ...extraTexts(event.extra), ...texts }
}

const extraTexts = (extra: JsonObject): Texts =>
  Object.fromEntries(Object.entries(extra).map(([key, value]) => [key, canonicalJson(value)]))

/** The fields that events have, in the order of canonical JSON, as they begin there. */
const beginnings = [
  ...['auth_events', 'content', 'depth', 'hashes', 'origin_server_ts', 'prev_events'],
  ...['redacts', 'room_id', 'sender', 'signatures', 'state_key', 'type'],
].map((name) => [name, `"${name}":`] as const)

/** Canonical JSON of an event; where it has nothing but what events have, without looking for the order of its fields. */
function compose(event: UnsignedEvent, texts: Texts): string {
  if (event.extra !== undefined) return composeObject(texts)
  let json = '{'
  for (const [name, beginning] of beginnings) {
    const text = texts[name]
    if (text !== undefined) json += (json === '{' ? beginning : ',' + beginning) + text
  }
  return json + '}'
}

/** The texts as redaction leaves them: what is signed, and hashed for the id. */
function redactedTexts(version: RoomVersion, event: UnsignedEvent, texts: Texts): Texts {
  const content = redactContent(version, event.type, event.content)
  const redacted = {
    ...texts,
    content: content === event.content ? texts['content'] : canonicalJson(content),
    redacts: undefined,
  }
  if (event.extra === undefined) return redacted
  return Object.fromEntries(Object.entries(redacted).filter(([key]) => keepsKey(version, key)))
}

/** The texts of events made here, until they are stored: the content is encoded once. */
const encoded = new WeakMap<RoomEvent, EventText>()

/**
 * Hashes and signs an event with the key of its sender's server. Throws M_BAD_JSON if the content has no canonical JSON, M_TOO_LARGE if the whole
 * is larger than 65,536 bytes.
 */
export function signEvent(
  version: RoomVersion,
  unsigned: UnsignedEvent,
  key: SigningKey,
  crypto: Pick<Crypto, 'sha256'>,
): RoomEvent {
  // 1. The content hash covers everything but hashes and signatures.
  const content = canonicalJson(unsigned.content, maxContentDepth)
  const texts = textsOf(unsigned, content)
  const hashed = utf8(compose(unsigned, texts))
  const hashes = { sha256: encodeBase64(crypto.sha256(hashed)) }
  const withHashes = { ...texts, hashes: `{"sha256":"${hashes.sha256}"}` }
  // 2. Signature and id are both made of the redacted form.
  const signed = utf8(compose(unsigned, redactedTexts(version, unsigned, withHashes)))
  const signatures = addSignature({}, key, encodeBase64(key.sign(signed)))
  const eventId = `$${encodeBase64Url(crypto.sha256(signed))}` as EventId
  // 3. Its size counts as it goes to other servers: `,"hashes":` and `,"signatures":` and what they hold.
  const signaturesText = canonicalJson(signatures)
  checkEventSize(hashed.length + 10 + withHashes.hashes.length + 14 + signaturesText.length)
  const roomId = unsigned.room_id ?? roomIdOfCreate(eventId)
  const event: RoomEvent = { ...unsigned, event_id: eventId, room_id: roomId, hashes, signatures }
  encoded.set(event, {
    content,
    envelope: compose(unsigned, { ...withHashes, content: undefined, signatures: signaturesText }),
  })
  return event
}

/** The text that an event is kept as. */
export interface EventText {
  /** Canonical JSON of the content. */
  readonly content: string
  /** Canonical JSON of every other field of the wire form. */
  readonly envelope: string
}

/**
 * The two texts that make an event: `content`, and `envelope` with every other field. The wire form is
 * `'{"content":' + content + ',' + envelope.slice(1)`.
 */
export function encodeEvent(version: RoomVersion, event: RoomEvent): EventText {
  const kept = encoded.get(event)
  // Handed out once: an event may stay in memory for long, its text need not.
  if (kept !== undefined && encoded.delete(event)) return kept
  const withRoomId: UnsignedEvent = event
  const { room_id: _roomId, ...withoutRoomId } = withRoomId
  const texts = textsOf(lacksRoomId(version, event.type) ? withoutRoomId : event, '')
  const proof = { content: undefined, hashes: canonicalJson(event.hashes), signatures: canonicalJson(event.signatures) }
  return { content: canonicalJson(event.content), envelope: compose(event, { ...texts, ...proof }) }
}

/** The event that `encodeEvent` wrote. The texts are trusted: they were checked before they were kept. */
export const decodeEvent = (eventId: EventId, roomId: RoomId, content: string, envelope: string): RoomEvent =>
  assembleEvent(eventId, roomId, JSON.parse(content) as JsonObject, JSON.parse(envelope) as JsonObject)
