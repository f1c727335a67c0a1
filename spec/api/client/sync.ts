import * as z from 'zod/mini'
import { plainEvent, strippedStateEvent, syncEvent } from './client-event.ts'
import { filterDefinition } from './filter-definition.ts'
import { queryBoolean, queryInteger, queryJson } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { eventId, roomId, userId } from '#spec/ids.ts'

const events = <T extends z.ZodMiniType>(event: T) => z.optional(z.looseObject({ events: z.optional(z.array(event)) }))
const count = z.optional(z.int().check(z.gte(0)))
const notificationCounts = z.looseObject({ highlight_count: count, notification_count: count })

const timeline = z.optional(
  z.looseObject({
    events: z.array(syncEvent),
    limited: z.optional(z.boolean()),
    prev_batch: z.optional(z.string()),
  }),
)

/** State up to the start of the timeline (`state`), or to its end (`state_after`, when the request asked for it). */
const stateParts = {
  state: events(syncEvent),
  state_after: events(syncEvent),
  /** COMPAT(matrix-js-sdk, before Matrix 1.16, remove when it reads `state_after`) */
  'org.matrix.msc4222.state_after': events(syncEvent),
}

/** What is new in a room that the user is in. */
export const joinedRoom = z.looseObject({
  summary: z.optional(
    z.looseObject({
      'm.heroes': z.optional(z.array(userId)),
      'm.joined_member_count': count,
      'm.invited_member_count': count,
    }),
  ),
  ...stateParts,
  timeline,
  ephemeral: events(plainEvent),
  account_data: events(plainEvent),
  unread_notifications: z.optional(notificationCounts),
  unread_thread_notifications: z.optional(z.record(eventId, notificationCounts)),
})

/** A room that the user was invited to. */
export const invitedRoom = z.looseObject({ invite_state: events(strippedStateEvent) })
/** A room that the user asked to join. */
export const knockedRoom = z.looseObject({ knock_state: events(strippedStateEvent) })
/** A room that the user left, or was removed from: what happened up to that. */
export const leftRoom = z.looseObject({ ...stateParts, timeline, account_data: events(plainEvent) })

/** The body of every answer of `/sync`, and every frame of the stream. */
export const syncResponse = z.looseObject({
  next_batch: z.string(),
  rooms: z.optional(
    z.looseObject({
      join: z.optional(z.record(roomId, joinedRoom)),
      invite: z.optional(z.record(roomId, invitedRoom)),
      knock: z.optional(z.record(roomId, knockedRoom)),
      leave: z.optional(z.record(roomId, leftRoom)),
    }),
  ),
  presence: events(plainEvent),
  account_data: events(plainEvent),
  to_device: events(z.looseObject({ type: z.string(), sender: userId, content: plainEvent.shape.content })),
  device_lists: z.optional(z.looseObject({ changed: z.optional(z.array(userId)), left: z.optional(z.array(userId)) })),
  device_one_time_keys_count: z.optional(z.record(z.string(), z.int())),
  device_unused_fallback_key_types: z.optional(z.array(z.string())),
})

export type SyncResponse = z.output<typeof syncResponse>
export type JoinedRoom = z.output<typeof joinedRoom>
export type InvitedRoom = z.output<typeof invitedRoom>
export type LeftRoom = z.output<typeof leftRoom>

/** A filter id that `POST /filter` gave, or a filter written out. A filter starts with an open brace; an id never does. */
const filter = z.union([
  z.pipe(z.string().check(z.startsWith('{')), queryJson(filterDefinition)),
  z.string().check(z.regex(/^[^{]/)),
])

/**
 * GET /_matrix/client/v3/sync
 *
 * Everything (`since` absent) or everything new since `since`; waits up to `timeout` ms for something new.
 * Source: Client-Server API, "Syncing".
 */
export const sync = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/sync',
  auth: 'token',
  limit: 'none',
  query: z.looseObject({
    filter: z.optional(filter),
    since: z.optional(z.string()),
    full_state: z.optional(queryBoolean),
    set_presence: z.optional(z.enum(['offline', 'online', 'unavailable'])),
    /** Milliseconds; absent means 0, answer at once. */
    timeout: z.optional(queryInteger(0)),
    use_state_after: z.optional(queryBoolean),
    /** COMPAT(matrix-js-sdk, before Matrix 1.16, remove when it sends `use_state_after`) */
    'org.matrix.msc4222.use_state_after': z.optional(queryBoolean),
  }),
  response: syncResponse,
})
