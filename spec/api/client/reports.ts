import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'
import { eventId, roomId, userId } from '#spec/ids.ts'

/** The longest reason of a report, in characters. Ours. */
export const maxReportReason = 4_096

const reason = z.string().check(z.maxLength(maxReportReason))
const nothing = z.looseObject({})

/**
 * POST /_matrix/client/v3/rooms/{roomId}/report
 *
 * Tells the administrators of this server about a room, of which the caller need not be a member. Answers the same if there is no such room.
 * Source: Client-Server API, "Reporting Content".
 */
export const reportRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/report',
  auth: 'token',
  limit: 'report',
  params: z.object({ roomId }),
  body: z.looseObject({ reason }),
  response: nothing,
})

/**
 * POST /_matrix/client/v3/rooms/{roomId}/report/{eventId}
 *
 * Tells the administrators of this server about an event. 404: the caller is not in the room, or may not see such an event there.
 * Source: Client-Server API, "Reporting Content".
 */
export const reportEvent = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/report/{eventId}',
  auth: 'token',
  limit: 'report',
  params: z.object({ roomId, eventId }),
  body: z.looseObject({ reason: z.optional(reason) }),
  response: nothing,
})

/**
 * POST /_matrix/client/v3/users/{userId}/report
 *
 * Tells the administrators of this server about a user. Answers the same if there is no such user.
 * Source: Client-Server API, "Reporting Content".
 */
export const reportUser = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/users/{userId}/report',
  auth: 'token',
  limit: 'report',
  params: z.object({ userId }),
  body: z.looseObject({ reason }),
  response: nothing,
})
