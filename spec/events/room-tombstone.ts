import * as z from 'zod/mini'
import { roomId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/** m.room.tombstone: the room has moved to another one. */
export const roomTombstone = eventType({
  type: 'm.room.tombstone',
  kind: 'state',
  content: z.looseObject({ body: z.string(), replacement_room: roomId }),
})
