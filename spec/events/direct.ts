import * as z from 'zod/mini'
import { roomId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/** m.direct: which rooms are chats with one person, by that person's user id (or, of old, an address). */
export const direct = eventType({
  type: 'm.direct',
  kind: 'account',
  content: z.record(z.string(), z.array(roomId)),
})
