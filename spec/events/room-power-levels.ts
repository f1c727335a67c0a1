import * as z from 'zod/mini'
import { userId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'
import { integer } from './fields.ts'

/**
 * m.room.power_levels: who may do what. Unset levels are 50 for `ban`, `kick`, `redact`, `state_default` and `notifications.room`, and 0 for `invite`,
 * `events_default` and `users_default`. In rooms of version 12 and later no creator may stand in `users`.
 * We let only integers in, in every room version: strings that hold one are for old events.
 */
export const roomPowerLevels = eventType({
  type: 'm.room.power_levels',
  kind: 'state',
  content: z.looseObject({
    ban: z.optional(integer),
    events: z.optional(z.record(z.string(), integer)),
    events_default: z.optional(integer),
    invite: z.optional(integer),
    kick: z.optional(integer),
    notifications: z.optional(z.record(z.string(), integer)),
    redact: z.optional(integer),
    state_default: z.optional(integer),
    users: z.optional(z.record(userId, integer)),
    users_default: z.optional(integer),
  }),
})
