import * as z from 'zod/mini'
import { eventType } from './event-type.ts'
import { amount } from './fields.ts'

/**
 * m.room.encryption: from here on messages are encrypted. There is no way back: clients remember it, and take a later event without
 * an algorithm for an attack. Sessions are renewed after a week or 100 messages unless set.
 */
export const roomEncryption = eventType({
  type: 'm.room.encryption',
  kind: 'state',
  content: z.looseObject({
    algorithm: z.string(),
    rotation_period_ms: z.optional(amount),
    rotation_period_msgs: z.optional(amount),
  }),
})
