import * as z from 'zod/mini'
import { jsonObject } from '#spec/api/query.ts'
import { eventId, roomId, userId } from '#spec/ids.ts'

/** What the server adds to an event for one reader. Client-Server API, "Room event format" (`UnsignedData`). */
export const unsignedData = z.looseObject({
  /** Milliseconds since the event was sent, by the server's clock; clocks differ, so it may be negative. */
  age: z.optional(z.int()),
  redacted_because: z.optional(jsonObject),
  /** The transaction id that this very device sent the event with. */
  transaction_id: z.optional(z.string()),
  prev_content: z.optional(jsonObject),
  replaces_state: z.optional(eventId),
  /** The reader's own membership when the event happened. */
  membership: z.optional(z.string()),
  /** What other events made of this one, by relationship type. Client-Server API, "Aggregations of child events". */
  'm.relations': z.optional(jsonObject),
})

/** An event inside `/sync`, where the room is known from the place. Client-Server API, `ClientEventWithoutRoomID`. */
export const syncEvent = z.looseObject({
  event_id: eventId,
  type: z.string(),
  state_key: z.optional(z.string()),
  sender: userId,
  origin_server_ts: z.int(),
  content: jsonObject,
  unsigned: z.optional(unsignedData),
})

/** An event as clients see it everywhere but in `/sync`. Client-Server API, `ClientEvent`. */
export const clientEvent = z.extend(syncEvent, { room_id: roomId })

/** A state event as somebody outside the room sees it. Client-Server API, "Stripped state". */
export const strippedStateEvent = z.looseObject({
  type: z.string(),
  state_key: z.string(),
  sender: userId,
  content: jsonObject,
})

/** An event that is not part of the room's history: typing, receipts, account data. Client-Server API, `Event`. */
export const plainEvent = z.looseObject({ type: z.string(), content: jsonObject })

export type SyncEvent = z.output<typeof syncEvent>
export type ClientEvent = z.output<typeof clientEvent>
export type StrippedStateEvent = z.output<typeof strippedStateEvent>
export type PlainEvent = z.output<typeof plainEvent>
