import * as z from 'zod/mini'
import { eventType } from './event-type.ts'
import { integer } from './fields.ts'

/**
 * m.room.encrypted: an event that only its receivers can read. `ciphertext` is a text under Megolm, and a map from receiving
 * device key to text under Olm.
 */
export const roomEncrypted = eventType({
  type: 'm.room.encrypted',
  kind: 'message',
  content: z.looseObject({
    algorithm: z.string(),
    ciphertext: z.union([z.string(), z.record(z.string(), z.looseObject({ body: z.string(), type: integer }))]),
    session_id: z.optional(z.string()),
    sender_key: z.optional(z.string()),
    device_id: z.optional(z.string()),
  }),
})
