import * as z from 'zod/mini'
import { userId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'

/** m.ignored_user_list: whom the user does not want to hear from. The server leaves their events out, but for membership. */
export const ignoredUserList = eventType({
  type: 'm.ignored_user_list',
  kind: 'account',
  content: z.looseObject({ ignored_users: z.record(userId, z.looseObject({})) }),
})
