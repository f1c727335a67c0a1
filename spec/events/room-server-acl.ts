import * as z from 'zod/mini'
import { eventType } from './event-type.ts'

/**
 * m.room.server_acl: which servers may take part, as glob expressions over server names without port. An absent `allow` lets no
 * server in.
 */
export const roomServerAcl = eventType({
  type: 'm.room.server_acl',
  kind: 'state',
  content: z.looseObject({
    allow: z.optional(z.array(z.string())),
    allow_ip_literals: z.optional(z.boolean()),
    deny: z.optional(z.array(z.string())),
  }),
})
