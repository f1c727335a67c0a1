import * as z from 'zod/mini'
import { eventType } from './event-type.ts'
import { amount } from './fields.ts'

/** m.presence: whether a user is there. `last_active_ago` is in milliseconds. */
export const presence = eventType({
  type: 'm.presence',
  kind: 'ephemeral',
  content: z.looseObject({
    presence: z.enum(['online', 'offline', 'unavailable']),
    avatar_url: z.optional(z.string()),
    currently_active: z.optional(z.boolean()),
    displayname: z.optional(z.nullable(z.string())),
    last_active_ago: z.optional(amount),
    status_msg: z.optional(z.string()),
  }),
})
