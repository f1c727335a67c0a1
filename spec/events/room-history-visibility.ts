import * as z from 'zod/mini'
import { eventType } from './event-type.ts'

/**
 * m.room.history_visibility: which events people see from before they joined. It counts for events sent while it is set, not for
 * earlier ones. A room without it is `shared`.
 */
export const roomHistoryVisibility = eventType({
  type: 'm.room.history_visibility',
  kind: 'state',
  content: z.looseObject({ history_visibility: z.enum(['invited', 'joined', 'shared', 'world_readable']) }),
})
