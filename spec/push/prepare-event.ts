import type { Json, JsonObject } from '#spec/json.ts'
import { levelIn, member } from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import type { RoomVersion } from '#spec/room/versions.ts'
import { foldedText, type FoldedText } from './fold-case.ts'
import { valueAt } from './property-path.ts'

/** What push rules see of an event: the fields that clients see, but for `unsigned`, which differs from reader to reader. */
export type PushEvent = Pick<
  RoomEvent,
  'event_id' | 'room_id' | 'type' | 'sender' | 'state_key' | 'content' | 'origin_server_ts'
>

/** The room at an event, as far as conditions ask for it. The same for all members. */
export interface PushContext {
  /** How many members have joined. */
  readonly memberCount: number
  /** The power level of the event's sender, which may be `Infinity`: `powerLevelOf`. */
  readonly senderLevel: number
  /** The level that it takes to notify people in a way, such as `room`: `notificationLevelOf`. */
  readonly notificationLevel: (key: string) => number
}

/**
 * The level that a sender needs to notify people in a way; 50 where the room sets none. The specification has that default for `room`; we take it for
 * every key. Client-Server API, "m.room.power_levels".
 */
export const notificationLevelOf = (
  version: RoomVersion,
  powerLevels: Pick<RoomEvent, 'content'> | undefined,
  key: string,
): number => levelIn(version, powerLevels && member(powerLevels.content, 'notifications'), key) ?? 50

/** A property of an event in the forms that conditions compare. */
export interface EventProperty {
  /** Nothing if the event does not have it. */
  readonly value: Json | undefined
  /** Of strings. */
  readonly text: FoldedText | undefined
  /** Of arrays. */
  readonly items: ReadonlySet<Json> | undefined
}

/** An event with what is worked out once for all members. */
export interface PreparedEvent {
  readonly sender: string
  readonly roomId: string
  readonly context: PushContext
  /** The property at a path, given both as it was written and as its names. */
  property(path: string, names: readonly string[]): EventProperty
}

/** Makes an event ready for `evaluate`; costs nothing until conditions ask. */
export function prepareEvent(event: PushEvent, context: PushContext): PreparedEvent {
  const fields = fieldsOf(event)
  const properties = new Map<string, EventProperty>()
  return {
    sender: event.sender,
    roomId: event.room_id,
    context,
    property(path, names) {
      const known = properties.get(path)
      if (known !== undefined) return known
      const property = propertyOf(valueAt(fields, names))
      properties.set(path, property)
      return property
    },
  }
}

const fieldsOf = (event: PushEvent): JsonObject => ({
  event_id: event.event_id,
  room_id: event.room_id,
  type: event.type,
  sender: event.sender,
  ...(event.state_key === undefined ? undefined : { state_key: event.state_key }),
  content: event.content,
  origin_server_ts: event.origin_server_ts,
})

const propertyOf = (value: Json | undefined): EventProperty => ({
  value,
  text: typeof value === 'string' ? foldedText(value) : undefined,
  items: Array.isArray(value) ? new Set<Json>(value) : undefined,
})
