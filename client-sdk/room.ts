import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { Member, Members } from './members.ts'
import type { Permissions } from './permissions.ts'
import type { RoomSummary } from './room-summary.ts'
import type { Signal } from './signal.ts'
import type { Timeline } from './timeline.ts'

/** One room. `Client.room` gives the same handle every time. Calls that go to the node throw `CallError`. */
export interface Room {
  readonly roomId: RoomId
  readonly summary: Signal<RoomSummary>
  readonly members: Signal<Members>
  /** Others who are typing now. */
  readonly typing: Signal<readonly UserId[]>
  readonly may: Signal<Permissions>
  /** Settled when members and state have been read from the store. */
  readonly ready: Promise<void>
  /** Fetches the whole list of members, once. */
  loadMembers(): Promise<void>
  /** A member, or a stranger by that id: never absent. */
  member(userId: UserId): Member
  /** The content of a state event other than a membership. */
  state(type: string, stateKey?: string): JsonObject | undefined
  /** A new window at the newest events. Close it when it is no longer shown. */
  timeline(): Timeline
  /** Puts a text message into the queue. Returns its transaction id once it is stored. */
  sendText(body: string): Promise<string>
  /** Puts a message event into the queue. Returns its transaction id once it is stored. */
  sendEvent(type: string, content: JsonObject): Promise<string>
  /** Puts a redaction into the queue. */
  redact(eventId: EventId, reason?: string): Promise<string>
  /** Sends a failed item again, as a new message where it is uncertain whether the old one arrived. */
  retry(txnId: string): Promise<void>
  /** Takes an item out of the queue, unless it is being sent. */
  remove(txnId: string): Promise<boolean>
  /** The user has read up to this event, or to the newest one: counts go at once, the receipt follows. */
  markRead(eventId?: EventId, options?: { private?: boolean }): Promise<void>
  /** Say it at every key press: it is throttled. */
  setTyping(isTyping: boolean): void
  invite(userId: UserId, reason?: string): Promise<void>
  kick(userId: UserId, reason?: string): Promise<void>
  ban(userId: UserId, reason?: string): Promise<void>
  unban(userId: UserId, reason?: string): Promise<void>
  /** Joins, as an invite asks. */
  join(): Promise<void>
  /** Leaves, or refuses an invite. */
  leave(): Promise<void>
  /** Forgets a room that was left, here and at the node. */
  forget(): Promise<void>
  setName(name: string): Promise<void>
  setState(type: string, stateKey: string, content: JsonObject): Promise<void>
  /** What is typed and not sent. */
  draft(): Promise<string>
  setDraft(text: string): Promise<void>
}
