import * as z from 'zod/mini'
import { eventId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/** m.reaction: an emoji, or a short text, on another event. One user has each `key` once per event. */
export const reaction = eventType({
  type: 'm.reaction',
  kind: 'message',
  content: z.looseObject({
    'm.relates_to': z.looseObject({ rel_type: z.literal('m.annotation'), event_id: eventId, key: z.string() }),
  }),
})
