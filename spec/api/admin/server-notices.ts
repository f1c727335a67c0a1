import * as z from 'zod/mini'
import { jsonObject } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { eventId, userId } from '#spec/ids.ts'
import { maxEventBytes } from '#spec/limits.ts'

const body = z.looseObject({
  user_id: userId,
  content: jsonObject,
  /** `m.room.message`, if absent. */
  type: z.optional(z.string().check(z.minLength(1))),
  /** Makes it a piece of state. */
  state_key: z.optional(z.string()),
})

const response = z.looseObject({ event_id: eventId })

/**
 * POST /_synapse/admin/v1/send_server_notice
 *
 * Tells a user of this server something in the server's own name, in the room that is for this alone. Users are invited to that room, and cannot
 * decline; whoever has left it is invited again. Rooms have the tag `m.server_notice`.
 *
 * 404 M_NOT_FOUND: there is no such user here. 400 M_USER_IN_USE: a person has the name by which the server is to speak (HEARTH_NOTICES_USER).
 * 413 M_TOO_LARGE: the content is larger than 63,488 bytes.
 * Source: Synapse admin API, "Server Notices"; Client-Server API, "Server Notices".
 */
export const sendServerNotice = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v1/send_server_notice',
  auth: 'admin',
  limit: 'send',
  body,
  maxBodyBytes: maxEventBytes,
  response,
})

/**
 * PUT /_synapse/admin/v1/send_server_notice/{txnId}
 *
 * As `sendServerNotice`. A message to the same user under the same transaction id from the same device is sent once, and answered with the same event;
 * state that is set already stays as it is.
 * Source: Synapse admin API, "Server Notices".
 */
export const sendServerNoticeOnce = endpoint({
  method: 'PUT',
  path: '/_synapse/admin/v1/send_server_notice/{txnId}',
  auth: 'admin',
  limit: 'send',
  params: z.object({ txnId: z.string() }),
  body,
  maxBodyBytes: maxEventBytes,
  response,
})
