import * as z from 'zod/mini'
import { userId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/** m.typing: who is typing in the room at this moment. The whole list each time. */
export const typing = eventType({
  type: 'm.typing',
  kind: 'ephemeral',
  content: z.looseObject({ user_ids: z.array(userId) }),
})
