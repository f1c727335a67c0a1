import * as z from 'zod/mini'
import { eventId, userId } from '#spec/ids.ts'
import { eventType } from './event-type.ts'
import { integer } from './fields.ts'

/** By user: when they read, and in which thread; without `thread_id` it counts for all. */
const byUser = z.record(userId, z.looseObject({ ts: z.optional(integer), thread_id: z.optional(z.string()) }))

/**
 * m.receipt: how far people have read, by event and kind of receipt. Each item replaces what the same user had for the same kind and
 * thread. `m.read.private` is shown to its own user only.
 */
export const receipt = eventType({
  type: 'm.receipt',
  kind: 'ephemeral',
  content: z.record(eventId, z.looseObject({ 'm.read': z.optional(byUser), 'm.read.private': z.optional(byUser) })),
})
