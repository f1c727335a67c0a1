import * as z from 'zod/mini'
import { pathText } from '#spec/api/path-text.ts'
import { endpoint } from '#spec/endpoint.ts'
import { roomId } from '#spec/ids.ts'

const ping = {
  method: 'POST',
  auth: 'token',
  limit: 'write',
  params: z.object({ appserviceId: pathText }),
  body: z.looseObject({ transaction_id: z.optional(z.string().check(z.maxLength(1_000))) }),
  /** How long the call took, in milliseconds. */
  response: z.looseObject({ duration_ms: z.int() }),
} as const

/**
 * POST /_matrix/client/v1/appservice/{appserviceId}/ping
 *
 * An application service asks to be called, to see that it can be. 403: the caller is not that application service. 400 M_URL_NOT_SET. 502
 * M_BAD_STATUS, with the `status` and the beginning of the `body` of its answer; 502 M_CONNECTION_FAILED; 504 M_CONNECTION_TIMEOUT.
 * Source: Application Service API, "Pinging".
 */
export const pingAppservice = endpoint({ ...ping, path: '/_matrix/client/v1/appservice/{appserviceId}/ping' })

/**
 * POST /_matrix/client/unstable/fi.mau.msc2659/appservice/{appserviceId}/ping
 *
 * As pingAppservice. COMPAT(bridges from before version 1.7, MSC2659, remove when none asks for it)
 * Source: MSC2659.
 */
export const pingAppserviceUnstable = endpoint({
  ...ping,
  path: '/_matrix/client/unstable/fi.mau.msc2659/appservice/{appserviceId}/ping',
})

/**
 * PUT /_matrix/client/v3/directory/list/appservice/{networkId}/{roomId}
 *
 * An application service puts a room into the directory that it keeps for a network, or takes it out. 403: the caller is no application service, or
 * the room does not concern it. 404: no such room.
 * Source: Application Service API, "Published room directories".
 */
export const setNetworkVisibility = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/directory/list/appservice/{networkId}/{roomId}',
  auth: 'token',
  limit: 'write',
  params: z.object({ networkId: pathText, roomId }),
  body: z.looseObject({ visibility: z.enum(['public', 'private']) }),
  response: z.looseObject({}),
})
