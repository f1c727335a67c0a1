import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'
import { userId } from '#spec/ids.ts'

/** The longest status message, in characters. Ours: the specification names no number. */
export const maxStatusLength = 500

const state = z.enum(['online', 'offline', 'unavailable'])
const path = '/_matrix/client/v3/presence/{userId}/status'

/**
 * PUT /_matrix/client/v3/presence/{userId}/status
 *
 * Says whether the caller is there, and in a few words what they are at; without `status_msg` what they said before is withdrawn.
 * 403: another user's id, or presence is turned off on this server.
 * Source: Client-Server API, "Presence".
 */
export const setPresence = endpoint({
  method: 'PUT',
  path,
  auth: 'token',
  limit: 'write',
  params: z.object({ userId }),
  body: z.looseObject({
    presence: state,
    status_msg: z.optional(z.nullable(z.string().check(z.maxLength(maxStatusLength)))),
  }),
  response: z.looseObject({}),
})

/**
 * GET /_matrix/client/v3/presence/{userId}/status
 *
 * Whether a user is there. `last_active_ago` is in milliseconds. 403: the caller shares no room with them, or presence is turned off on this
 * server.
 * Source: Client-Server API, "Presence".
 */
export const getPresence = endpoint({
  method: 'GET',
  path,
  auth: 'token',
  limit: 'read',
  params: z.object({ userId }),
  response: z.looseObject({
    presence: state,
    last_active_ago: z.optional(z.int().check(z.gte(0))),
    currently_active: z.optional(z.boolean()),
    status_msg: z.optional(z.nullable(z.string())),
  }),
})
