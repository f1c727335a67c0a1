import * as z from 'zod/mini'
import { roomAlias } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/**
 * m.room.canonical_alias: the alias to show for the room, and others that lead to it. Absent, null or empty: it has none. A server lets
 * its users name only aliases that lead to the room.
 */
export const roomCanonicalAlias = eventType({
  type: 'm.room.canonical_alias',
  kind: 'state',
  content: z.looseObject({
    alias: z.optional(z.nullable(z.union([roomAlias, z.literal('')]))),
    alt_aliases: z.optional(z.array(roomAlias)),
  }),
})
