import type { EventId, RoomId, UserId } from '#spec/ids.ts'

/** An event as the database keeps it and as answers are made from it: its content stays text all the way. */
export interface StoredEvent {
  readonly eventId: EventId
  readonly roomId: RoomId
  readonly position: number
  readonly type: string
  readonly stateKey: string | null
  readonly sender: UserId
  readonly originServerTs: number
  readonly depth: number
  readonly stateBefore: number | null
  /** Canonical JSON. */
  readonly content: string
  readonly redactedBy: EventId | null
}

/** The scope of the transaction of an event that was handed over to be sent later: its id is what its sender knows the event by. */
export const delayedScope = 'delayed'

/** `unsigned` names of a transaction, for those who may know it. */
export const transactionIn = ({ scope, txnId }: { scope: string; txnId: string }): Unsigned =>
  scope === delayedScope ? { delayId: txnId } : { transactionId: txnId }

/** What one reader gets to see beside the event itself. */
export interface Unsigned {
  /** Only for the device that sent it. */
  readonly transactionId?: string | undefined
  /** MSC4140: only for the user that sent it. */
  readonly delayId?: string | undefined
  /** The redaction that was applied, in client form. */
  readonly redactedBecause?: string | undefined
  /** The content that this state event replaced, as JSON text. */
  readonly previousContent?: string | undefined
  readonly replacesState?: EventId | undefined
  /** The reader's membership at the event. */
  readonly membership?: string | undefined
  /** What others made of the event, as JSON text. */
  readonly relations?: string | undefined
}

export interface ClientForm {
  readonly withRoomId: boolean
  readonly now: number
  readonly unsigned?: Unsigned
  /** What a redaction is about, where its content does not say it. */
  readonly redacts?: EventId | undefined
}

/** The event as JSON text for clients. `/sync` leaves the room id out, for there the place says it. */
export function clientForm(event: StoredEvent, { withRoomId, now, unsigned, redacts }: ClientForm): string {
  const { eventId, roomId, type, stateKey, sender, originServerTs, content } = event
  const target = redacts ?? targetIn(event)
  return (
    `{"content":${redacts === undefined ? content : withTarget(content, redacts)}` +
    `,"event_id":"${eventId}","origin_server_ts":${originServerTs}` +
    (target === undefined ? '' : `,"redacts":${JSON.stringify(target)}`) +
    (withRoomId ? `,"room_id":${JSON.stringify(roomId)}` : '') +
    `,"sender":${JSON.stringify(sender)}` +
    (stateKey === null ? '' : `,"state_key":${JSON.stringify(stateKey)}`) +
    `,"type":${JSON.stringify(type)},"unsigned":${unsignedText(now - originServerTs, unsigned)}}`
  )
}

/*
 * Since room version 11 `redacts` is in the content, before that it is beside it. Clients look for it in one place or the other, so they
 * find it in both. Room version 11, "Moving the `redacts` property".
 */

export function targetIn({ type, content }: StoredEvent): EventId | undefined {
  if (type !== 'm.room.redaction') return undefined
  const { redacts } = JSON.parse(content) as { redacts?: unknown }
  return typeof redacts === 'string' ? (redacts as EventId) : undefined
}

const withTarget = (content: string, redacts: EventId) =>
  JSON.stringify({ ...(JSON.parse(content) as object), redacts })

/** A redaction of a room up to version 10. */
export const lacksTarget = (event: StoredEvent): boolean =>
  event.type === 'm.room.redaction' && targetIn(event) === undefined

function unsignedText(age: number, unsigned: Unsigned = {}): string {
  const { transactionId, delayId, redactedBecause, previousContent, replacesState, membership, relations } = unsigned
  return (
    `{"age":${age}` +
    (relations === undefined ? '' : `,"m.relations":${relations}`) +
    (membership === undefined ? '' : `,"membership":${JSON.stringify(membership)}`) +
    (previousContent === undefined ? '' : `,"prev_content":${previousContent}`) +
    (redactedBecause === undefined ? '' : `,"redacted_because":${redactedBecause}`) +
    (replacesState === undefined ? '' : `,"replaces_state":"${replacesState}"`) +
    (delayId === undefined ? '' : `,"org.matrix.msc4140.delay_id":${JSON.stringify(delayId)}`) +
    (transactionId === undefined ? '' : `,"transaction_id":${JSON.stringify(transactionId)}`) +
    '}'
  )
}

/** A state event for somebody outside the room. Client-Server API, "Stripped state". */
export const strippedForm = ({ content, sender, stateKey, type }: StoredEvent): string =>
  `{"content":${content},"sender":${JSON.stringify(sender)},"state_key":${JSON.stringify(stateKey ?? '')},"type":${JSON.stringify(type)}}`
