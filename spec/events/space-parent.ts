import * as z from 'zod/mini'
import { eventType } from './event-type.ts'

/** m.space.parent: the space that a room says it belongs to; the state key is its id. Without `via` it does not. */
export const spaceParent = eventType({
  type: 'm.space.parent',
  kind: 'state',
  content: z.looseObject({ via: z.optional(z.array(z.string())), canonical: z.optional(z.boolean()) }),
})
