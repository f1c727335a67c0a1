import * as z from 'zod/mini'
import { eventType } from './event-type.ts'

/** m.room.name: what people call the room. An empty name is none; a room without one is named after its members. */
export const roomName = eventType({
  type: 'm.room.name',
  kind: 'state',
  content: z.looseObject({ name: z.string() }),
})
