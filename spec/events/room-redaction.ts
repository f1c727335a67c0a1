import * as z from 'zod/mini'
import { eventId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/**
 * m.room.redaction: takes away what another event says. `redacts` stands here from room version 11 on, on top of the event
 * before. Whether it takes effect is not for the auth rules: see `mayRedact`.
 */
export const roomRedaction = eventType({
  type: 'm.room.redaction',
  kind: 'message',
  content: z.looseObject({ redacts: z.optional(eventId), reason: z.optional(z.string()) }),
})
