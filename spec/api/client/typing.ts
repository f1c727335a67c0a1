import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'
import { roomId, userId } from '#spec/ids.ts'

/**
 * PUT /_matrix/client/v3/rooms/{roomId}/typing/{userId}
 *
 * Says that the caller is typing for the next `timeout` ms, or has stopped. 403: another user's id, or not in the room.
 * Source: Client-Server API, "Typing notifications".
 */
export const setTyping = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/rooms/{roomId}/typing/{userId}',
  auth: 'token',
  limit: 'write',
  params: z.object({ roomId, userId }),
  body: z.looseObject({ typing: z.boolean(), timeout: z.optional(z.int().check(z.gte(0))) }),
  response: z.looseObject({}),
})
