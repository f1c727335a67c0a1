import * as z from 'zod/mini'
import { eventId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/** m.room.pinned_events: the events kept at hand, in order. */
export const roomPinnedEvents = eventType({
  type: 'm.room.pinned_events',
  kind: 'state',
  content: z.looseObject({ pinned: z.array(eventId) }),
})
