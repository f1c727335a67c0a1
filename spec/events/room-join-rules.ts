import * as z from 'zod/mini'
import { eventType } from './event-type.ts'

/**
 * m.room.join_rules: who may join. `restricted` and `knock_restricted` let in members of the rooms that `allow` lists; conditions
 * of other types are kept and never met. `private` has no meaning of its own.
 */
export const roomJoinRules = eventType({
  type: 'm.room.join_rules',
  kind: 'state',
  content: z.looseObject({
    join_rule: z.enum(['public', 'knock', 'invite', 'private', 'restricted', 'knock_restricted']),
    allow: z.optional(z.array(z.looseObject({ type: z.string(), room_id: z.optional(z.string()) }))),
  }),
})
