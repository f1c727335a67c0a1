import * as z from 'zod/mini'
import { eventType } from './event-type.ts'

/** m.room.topic: what the room is about. `topic` is plain text; `m.topic` may hold the same in other forms, best first. */
export const roomTopic = eventType({
  type: 'm.room.topic',
  kind: 'state',
  content: z.looseObject({
    topic: z.string(),
    'm.topic': z.optional(
      z.looseObject({
        'm.text': z.optional(z.array(z.looseObject({ body: z.string(), mimetype: z.optional(z.string()) }))),
      }),
    ),
  }),
})
