import type { EventId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { ItemStatus } from './room-summary.ts'
import type { OutboxError } from './store/store.ts'

/** One event of a timeline, or one that is on its way to become one. */
export interface TimelineItem {
  /** The same before and after the event is confirmed: good as a key of a list. */
  readonly key: string
  /** Absent until the node has it. */
  readonly eventId?: EventId | undefined
  /** Of what this device sent. */
  readonly txnId?: string | undefined
  readonly type: string
  readonly stateKey?: string | undefined
  readonly sender: UserId
  readonly content: JsonObject
  /** Of state events: what it replaced, where the node says so. */
  readonly prevContent?: JsonObject | undefined
  /** Milliseconds since 1970. */
  readonly ts: number
  readonly status: ItemStatus
  /** Of a failed item. */
  readonly error?: OutboxError | undefined
  readonly redacted: boolean
  /** Somebody else has read up to here, or written after it. */
  readonly seen: boolean
  /** Whose receipt stands exactly here. */
  readonly seenBy: readonly UserId[]
  /** Older events are missing right before this one. */
  readonly gapBefore: boolean
}

/** Where a timeline's window stands. */
export interface TimelineState {
  readonly loadingOlder: boolean
  readonly loadingNewer: boolean
  /** Nothing older exists. */
  readonly atStart: boolean
  /** The window ends with the newest event, and follows it. */
  readonly atEnd: boolean
  /** Why the last load failed; gone with the next one that succeeds. */
  readonly error?: Error | undefined
}
