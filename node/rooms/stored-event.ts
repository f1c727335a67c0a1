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
  readonly attentionCount: number
  /** Canonical JSON. */
  readonly content: string
  readonly redactedBy: EventId | null
}

/** What one reader gets to see beside the event itself. */
export interface Unsigned {
  /** Only for the device that sent it. */
  readonly transactionId?: string | undefined
  /** The redaction that was applied, in client form. */
  readonly redactedBecause?: string | undefined
  /** The content that this state event replaced, as JSON text. */
  readonly previousContent?: string | undefined
  readonly replacesState?: EventId | undefined
  /** The reader's membership at the event. */
  readonly membership?: string | undefined
}

/** The event as JSON text for clients. `/sync` leaves the room id out, for there the place says it. */
export function clientForm(
  event: StoredEvent,
  options: { withRoomId: boolean; now: number; unsigned?: Unsigned },
): string {
  const { eventId, roomId, type, stateKey, sender, originServerTs, content } = event
  return (
    `{"content":${content},"event_id":"${eventId}","origin_server_ts":${originServerTs}` +
    (options.withRoomId ? `,"room_id":${JSON.stringify(roomId)}` : '') +
    `,"sender":${JSON.stringify(sender)}` +
    (stateKey === null ? '' : `,"state_key":${JSON.stringify(stateKey)}`) +
    `,"type":${JSON.stringify(type)}${topLevelRedacts(event)}` +
    `,"unsigned":${unsignedText(options.now - originServerTs, options.unsigned)}}`
  )
}

/** Since room version 11 `redacts` is in the content; clients made before that look for it beside the content. */
function topLevelRedacts({ type, content }: StoredEvent): string {
  if (type !== 'm.room.redaction') return ''
  const { redacts } = JSON.parse(content) as { redacts?: unknown }
  return typeof redacts === 'string' ? `,"redacts":${JSON.stringify(redacts)}` : ''
}

function unsignedText(age: number, unsigned: Unsigned = {}): string {
  const { transactionId, redactedBecause, previousContent, replacesState, membership } = unsigned
  return (
    `{"age":${age}` +
    (membership === undefined ? '' : `,"membership":${JSON.stringify(membership)}`) +
    (previousContent === undefined ? '' : `,"prev_content":${previousContent}`) +
    (redactedBecause === undefined ? '' : `,"redacted_because":${redactedBecause}`) +
    (replacesState === undefined ? '' : `,"replaces_state":"${replacesState}"`) +
    (transactionId === undefined ? '' : `,"transaction_id":${JSON.stringify(transactionId)}`) +
    '}'
  )
}

/** A state event for somebody outside the room. Client-Server API, "Stripped state". */
export const strippedForm = ({ content, sender, stateKey, type }: StoredEvent): string =>
  `{"content":${content},"sender":${JSON.stringify(sender)},"state_key":${JSON.stringify(stateKey ?? '')},"type":${JSON.stringify(type)}}`
