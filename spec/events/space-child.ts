import * as z from 'zod/mini'
import { eventType } from './event-type.ts'

/**
 * m.space.child: a room that belongs to the space; the state key is its id. Without `via` it does not. `order` sorts the children, by
 * code point.
 */
export const spaceChild = eventType({
  type: 'm.space.child',
  kind: 'state',
  content: z.looseObject({
    via: z.optional(z.array(z.string())),
    order: z.optional(z.string().check(z.regex(/^[\x20-\x7e]{1,50}$/, 'Not 1 to 50 printable ASCII characters'))),
    suggested: z.optional(z.boolean()),
  }),
})
