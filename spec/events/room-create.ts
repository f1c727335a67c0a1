import * as z from 'zod/mini'
import { eventId, roomId, userId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/**
 * m.room.create: the first event of a room. It names the room version, and its sender is the room's creator; from version 12 on its
 * hash is the room id, and `additional_creators` stand above all power levels too. `creator` is there until version 10 only.
 * It cannot be changed.
 */
export const roomCreate = eventType({
  type: 'm.room.create',
  kind: 'state',
  content: z.looseObject({
    room_version: z.optional(z.string()),
    creator: z.optional(userId),
    'm.federate': z.optional(z.boolean()),
    type: z.optional(z.string()),
    predecessor: z.optional(z.looseObject({ room_id: roomId, event_id: z.optional(eventId) })),
    additional_creators: z.optional(z.array(userId)),
  }),
})
