import * as z from 'zod/mini'
import { eventId, userId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/** What an event has to do with another: an edit, a thread, a reply. */
export const relation = z.looseObject({
  rel_type: z.optional(z.string()),
  event_id: z.optional(eventId),
  is_falling_back: z.optional(z.boolean()),
  'm.in_reply_to': z.optional(z.looseObject({ event_id: eventId })),
})

/** Who a message is meant for, beside everybody. */
export const mentions = z.looseObject({ user_ids: z.optional(z.array(userId)), room: z.optional(z.boolean()) })

/**
 * m.room.message: what people say. `msgtype` tells how to show it; one that is not known is shown by its `body`, which every message
 * has. Pictures and files have a `url`, or a `file` where they are encrypted.
 */
export const roomMessage = eventType({
  type: 'm.room.message',
  kind: 'message',
  content: z.looseObject({
    msgtype: z.string(),
    body: z.string(),
    format: z.optional(z.string()),
    formatted_body: z.optional(z.string()),
    filename: z.optional(z.string()),
    url: z.optional(z.string()),
    geo_uri: z.optional(z.string()),
    'm.mentions': z.optional(mentions),
    'm.relates_to': z.optional(relation),
  }),
})
