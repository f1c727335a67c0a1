import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { NameParts } from './room-name.ts'
import type { Membership } from './store/store.ts'

/** How far something that was sent has come. Everything that others sent is `sent`. */
export type ItemStatus = 'queued' | 'sending' | 'failed' | 'sent'

/** The newest message of a room; one that still waits in the queue counts. */
export interface LastMessageSummary {
  readonly eventId?: EventId | undefined
  readonly type: string
  readonly sender: UserId
  readonly senderName: string
  readonly content: JsonObject
  /** Milliseconds since 1970. */
  readonly ts: number
  readonly redacted: boolean
  readonly status: ItemStatus
}

/** What a list of rooms shows of one. */
export interface RoomSummary {
  readonly roomId: RoomId
  readonly membership: Membership
  /** In English; `nameParts` for other languages. */
  readonly name: string
  readonly nameParts: NameParts
  /** `mxc:`; of the other person where a direct chat has none of its own. */
  readonly avatarUrl?: string | undefined
  readonly topic?: string | undefined
  readonly isDirect: boolean
  /** Whom a direct chat is with. */
  readonly directUserId?: UserId | undefined
  /** Who sent the invite. */
  readonly inviter?: UserId | undefined
  readonly joinedCount: number
  readonly invitedCount: number
  readonly unreadCount: number
  readonly highlightCount: number
  readonly isEncrypted: boolean
  readonly lastMessage?: LastMessageSummary | undefined
  /** Milliseconds since 1970; lists are sorted by it, newest first. */
  readonly lastActivityTs: number
}
