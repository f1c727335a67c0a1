import type { SyncEvent } from '#spec/api/client/client-event.ts'
import type { DeviceId, EventId, RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'

/** Who is logged in, and with what. */
export interface SessionRow {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly accessToken: string
  readonly refreshToken?: string | undefined
  /** When the access token ends, in ms since 1970. */
  readonly expiresAt?: number | undefined
}

/** Membership of the user in a room. */
export type Membership = 'join' | 'invite' | 'knock' | 'leave' | 'ban'

/** A member whose name may stand for the name of the room. */
export interface Hero {
  readonly userId: UserId
  readonly displayName?: string | undefined
  readonly avatarUrl?: string | undefined
}

/** The newest message of a room, as the list of rooms shows it. */
export interface LastMessage {
  readonly eventId: EventId
  readonly type: string
  readonly sender: UserId
  readonly senderName: string
  readonly content: JsonObject
  readonly ts: number
  readonly redacted: boolean
}

/** A receipt that the node has not confirmed yet. */
export interface PendingReceipt {
  readonly eventId: EventId
  readonly isPrivate: boolean
}

/** Everything about a room that the list of rooms and the next increment need. */
export interface RoomRow {
  readonly roomId: RoomId
  readonly membership: Membership
  readonly name?: string | undefined
  readonly canonicalAlias?: string | undefined
  readonly topic?: string | undefined
  readonly avatarUrl?: string | undefined
  /** The `room_version`, for redaction. */
  readonly version?: string | undefined
  readonly isEncrypted: boolean
  readonly heroes: readonly Hero[]
  readonly joinedCount: number
  readonly invitedCount: number
  readonly unreadCount: number
  readonly highlightCount: number
  readonly lastMessage?: LastMessage | undefined
  readonly lastActivityTs: number
  /** Of an invite: who sent it, and whether as a chat between two. */
  readonly inviter?: UserId | undefined
  readonly invitedDirectly?: boolean | undefined
  /** Every member is stored, not only those that the node found worth sending. */
  readonly membersComplete: boolean
  /** The highest ordinal given out so far. */
  readonly topOrdinal: number
  /** The newest event of the timeline. */
  readonly newestEventId?: EventId | undefined
  /** How far the user has read, on any device; `pendingReceipt` says that this device knows better. */
  readonly readEventId?: EventId | undefined
  readonly pendingReceipt?: PendingReceipt | undefined
}

/** An event in its place: rows of a room in the order of their ordinals are its history. */
export interface EventRow {
  readonly roomId: RoomId
  readonly ordinal: number
  readonly eventId: EventId
  readonly event: SyncEvent
}

/** A place where events are missing, and the token with which `/messages` gives them, newest first. */
export interface GapRow {
  readonly roomId: RoomId
  readonly ordinal: number
  readonly gap: string
}

export type TimelineRow = EventRow | GapRow

/** The present value of a piece of state, memberships excepted. */
export interface StateRow {
  readonly roomId: RoomId
  readonly type: string
  readonly stateKey: string
  readonly eventId?: EventId | undefined
  readonly sender: UserId
  readonly content: JsonObject
}

/** The present membership of one user. */
export interface MemberRow {
  readonly roomId: RoomId
  readonly userId: UserId
  readonly membership: Membership
  readonly displayName?: string | undefined
  readonly avatarUrl?: string | undefined
}

/** How far one user has read. */
export interface ReceiptRow {
  readonly roomId: RoomId
  readonly userId: UserId
  readonly eventId: EventId
  readonly ts: number
}

/** Account data; `roomId` is empty for that of the whole account. */
export interface AccountDataRow {
  readonly roomId: RoomId | ''
  readonly type: string
  readonly content: JsonObject
}

/** Why an item of the queue failed. */
export interface OutboxError {
  readonly kind: 'matrix' | 'uncertain'
  readonly code: string
  readonly message: string
}

/** Something that the user sent and that has not come back as an event yet. */
export interface OutboxRow {
  readonly txnId: string
  readonly roomId: RoomId
  /** The order of sending; unique in one store. */
  readonly seq: number
  /** Transaction ids hold for one device only. */
  readonly deviceId: DeviceId
  readonly type: string
  readonly content: JsonObject
  /** Of a redaction: what to redact. */
  readonly redacts?: EventId | undefined
  readonly createdAt: number
  readonly status: 'queued' | 'failed' | 'sent'
  readonly error?: OutboxError | undefined
  /** Once the node has it. */
  readonly eventId?: EventId | undefined
}

/** What is typed into a room and not sent. */
export interface DraftRow {
  readonly roomId: RoomId
  readonly text: string
}

/** What the client holds in memory from its start. */
export interface StoredAccount {
  /** Counts the writes: what was read under this number is all there is as long as it stands. */
  readonly version: number
  readonly session: SessionRow | undefined
  readonly token: string | undefined
  readonly rooms: readonly RoomRow[]
  readonly accountData: readonly AccountDataRow[]
  /** In the order of `seq`. */
  readonly outbox: readonly OutboxRow[]
}

/** What a room's handle holds in memory once it is used. */
export interface RoomDetails {
  readonly state: readonly StateRow[]
  readonly members: readonly MemberRow[]
  readonly receipts: readonly ReceiptRow[]
}

/** What one transaction writes. Removals come first, so a room may be emptied and filled again at once. */
export interface Changes {
  readonly session?: SessionRow | null | undefined
  readonly token?: string | null | undefined
  readonly rooms?: readonly RoomRow[] | undefined
  /** Rooms whose state, members and receipts are forgotten: they arrive anew. */
  readonly resetRooms?: readonly RoomId[] | undefined
  /** Rooms of which nothing stays. */
  readonly droppedRooms?: readonly RoomId[] | undefined
  readonly state?: readonly StateRow[] | undefined
  readonly members?: readonly MemberRow[] | undefined
  readonly receipts?: readonly ReceiptRow[] | undefined
  readonly accountData?: readonly AccountDataRow[] | undefined
  readonly timeline?: readonly TimelineRow[] | undefined
  readonly removedTimeline?: readonly { readonly roomId: RoomId; readonly ordinal: number }[] | undefined
  readonly outbox?: readonly OutboxRow[] | undefined
  /** Transaction ids. */
  readonly removedOutbox?: readonly string[] | undefined
  readonly drafts?: readonly DraftRow[] | undefined
}

/** Another tab has written since this one last read or wrote: nothing was written now. Read again. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict'
}

/** Where a client keeps its copy of the account. `contract.test.ts` says what every store does. */
export interface Store {
  load(): Promise<StoredAccount>
  /**
   * All of it or nothing, in one transaction, which adds one to the version. Throws `StoreConflict` unless the version is the expected one;
   * without one to expect, writes in any case.
   */
  write(changes: Changes, expectedVersion?: number): Promise<void>
  /** Up to `count` rows below `before` (an ordinal), nearest to it, lowest first. */
  timelineBefore(roomId: RoomId, before: number, count: number): Promise<readonly TimelineRow[]>
  /** Up to `count` rows above `after`, nearest to it, lowest first. */
  timelineAfter(roomId: RoomId, after: number, count: number): Promise<readonly TimelineRow[]>
  /** Those of the events that are stored, in any order. */
  eventRows(roomId: RoomId, eventIds: readonly EventId[]): Promise<readonly EventRow[]>
  roomDetails(roomId: RoomId): Promise<RoomDetails>
  /** Those of the members that are stored, in any order. */
  members(roomId: RoomId, userIds: readonly UserId[]): Promise<readonly MemberRow[]>
  stateRow(roomId: RoomId, type: string, stateKey: string): Promise<StateRow | undefined>
  draft(roomId: RoomId): Promise<string>
  /** Forgets everything but the count of writes, to which it adds one. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** True for a row that holds an event. */
export const isEventRow = (row: TimelineRow): row is EventRow => 'event' in row
