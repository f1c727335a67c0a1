import * as z from 'zod/mini'
import { roomId, userId } from '#spec/ids.ts'

const eventFilterFields = {
  /** The most events to return; the server has a maximum of its own. Clients in use ask for 0 events of a timeline: none. */
  limit: z.optional(z.int().check(z.gte(0))),
  senders: z.optional(z.array(userId)),
  not_senders: z.optional(z.array(userId)),
  /** Event types; `*` stands for any characters. */
  types: z.optional(z.array(z.string())),
  not_types: z.optional(z.array(z.string())),
}

/** Which events of a kind to return. An absent list includes all; `not_` lists win. Client-Server API, `EventFilter`. */
export const eventFilter = z.looseObject(eventFilterFields)

/** Which events of rooms to return. Client-Server API, `RoomEventFilter`. */
export const roomEventFilter = z.looseObject({
  ...eventFilterFields,
  rooms: z.optional(z.array(roomId)),
  not_rooms: z.optional(z.array(roomId)),
  contains_url: z.optional(z.boolean()),
  lazy_load_members: z.optional(z.boolean()),
  include_redundant_members: z.optional(z.boolean()),
  unread_thread_notifications: z.optional(z.boolean()),
})

/** Which rooms, and which of their events. Client-Server API, `RoomFilter`. */
export const roomFilter = z.looseObject({
  rooms: z.optional(z.array(roomId)),
  not_rooms: z.optional(z.array(roomId)),
  include_leave: z.optional(z.boolean()),
  state: z.optional(roomEventFilter),
  timeline: z.optional(roomEventFilter),
  ephemeral: z.optional(roomEventFilter),
  account_data: z.optional(roomEventFilter),
})

/** A filter for `/sync`, stored or written inline. Client-Server API, "Filtering". */
export const filterDefinition = z.looseObject({
  event_fields: z.optional(z.array(z.string())),
  event_format: z.optional(z.enum(['client', 'federation'])),
  presence: z.optional(eventFilter),
  account_data: z.optional(eventFilter),
  room: z.optional(roomFilter),
})

export type EventFilter = z.output<typeof eventFilter>
export type RoomEventFilter = z.output<typeof roomEventFilter>
export type FilterDefinition = z.output<typeof filterDefinition>
