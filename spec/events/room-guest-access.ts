import * as z from 'zod/mini'
import { eventType } from './event-type.ts'

/** m.room.guest_access: whether guests may join. A room without it lets none in. */
export const roomGuestAccess = eventType({
  type: 'm.room.guest_access',
  kind: 'state',
  content: z.looseObject({ guest_access: z.enum(['can_join', 'forbidden']) }),
})
