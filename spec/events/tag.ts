import * as z from 'zod/mini'
import { eventType } from './event-type.ts'

/** m.tag: a user's tags on a room, such as `m.favourite`. `order` is a number from 0 to 1, and may be a fraction: it is never signed. */
export const tag = eventType({
  type: 'm.tag',
  kind: 'account',
  content: z.looseObject({
    tags: z.record(z.string(), z.looseObject({ order: z.optional(z.union([z.number(), z.string()])) })),
  }),
})
