import * as z from 'zod/mini'
import { eventId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/** m.fully_read: the last event of a room that the user has surely read. Set through its own endpoint only. */
export const fullyRead = eventType({
  type: 'm.fully_read',
  kind: 'account',
  content: z.looseObject({ event_id: eventId }),
})
