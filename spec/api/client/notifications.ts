import * as z from 'zod/mini'
import { syncEvent } from '#spec/api/client/client-event.ts'
import { queryInteger } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'

/**
 * GET /_matrix/client/v3/notifications
 *
 * What the caller has been notified of, the newest first: in rooms that they are in, and their invitations. `only=highlight` leaves out what does
 * not stand out; `limit` is 20 unless it is given, 100 at most. 400 M_INVALID_PARAM: `from` is not from an earlier answer.
 * Source: Client-Server API, "Listing Notifications".
 */
export const getNotifications = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/notifications',
  auth: 'token',
  limit: 'read',
  query: z.object({ from: z.optional(z.string()), limit: z.optional(queryInteger(1)), only: z.optional(z.string()) }),
  response: z.looseObject({
    next_token: z.optional(z.string()),
    notifications: z.array(
      z.looseObject({
        actions: z.array(z.union([z.string(), z.looseObject({})])),
        event: syncEvent,
        profile_tag: z.optional(z.string()),
        read: z.boolean(),
        room_id: z.string(),
        ts: z.int(),
      }),
    ),
  }),
})
