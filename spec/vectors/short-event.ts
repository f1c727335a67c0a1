import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import type { Signatures } from '#spec/sign.ts'

/** An event as vectors write it: what the rules look at, with ids that are names. */
export interface ShortEvent {
  readonly type: string
  readonly sender: string
  readonly state_key?: string
  readonly content: JsonObject
  readonly event_id?: string
  readonly room_id?: string
  readonly prev_events?: readonly string[]
  readonly auth_events?: readonly string[]
  readonly origin_server_ts?: number
  readonly signatures?: Signatures
}

/** The whole event that a short one stands for. */
export const expandEvent = (short: ShortEvent): RoomEvent => ({
  event_id: (short.event_id ?? '$event') as EventId,
  room_id: (short.room_id ?? '!create') as RoomId,
  type: short.type,
  sender: short.sender as UserId,
  ...(short.state_key === undefined ? undefined : { state_key: short.state_key }),
  content: short.content,
  depth: 1,
  prev_events: (short.prev_events ?? ['$latest']) as EventId[],
  auth_events: (short.auth_events ?? []) as EventId[],
  origin_server_ts: short.origin_server_ts ?? 1,
  hashes: { sha256: '' },
  signatures: short.signatures ?? {},
})
