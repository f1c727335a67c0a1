import * as z from 'zod/mini'
import { authData, clientSecret, validationId } from '#spec/api/client/interactive-auth.ts'
import { endpoint } from '#spec/endpoint.ts'

const medium = z.enum(['email', 'msisdn'])
const address = z.string().check(z.maxLength(500))
const serverText = z.string().check(z.maxLength(500))
const unbound = z.looseObject({ id_server_unbind_result: z.enum(['no-support', 'success']) })

/**
 * GET /_matrix/client/v3/account/3pid
 *
 * The addresses of the caller's account, oldest first.
 * Source: Client-Server API, "Adding Account Administrative Contact Information".
 */
export const getThirdPartyIds = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/account/3pid',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({
    threepids: z.array(
      /** Times are in ms since the Unix epoch. */
      z.looseObject({ medium, address: z.string(), validated_at: z.int(), added_at: z.int() }),
    ),
  }),
})

/**
 * POST /_matrix/client/v3/account/3pid/add
 *
 * Adds an address that was validated with `requestEmailForAccount` to the caller's account. User-interactive: `m.login.password`.
 * 401: the next step of authentication. 400 M_THREEPID_AUTH_FAILED: it has not been validated. 400 M_THREEPID_IN_USE: another account has it.
 * Source: Client-Server API, "Adding Account Administrative Contact Information".
 */
export const addThirdPartyId = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/3pid/add',
  auth: 'token',
  limit: 'login',
  maxBodyBytes: 65_536,
  body: z.looseObject({ auth: z.optional(authData), client_secret: clientSecret, sid: validationId }),
  response: z.looseObject({}),
})

/**
 * POST /_matrix/client/v3/account/3pid/delete
 *
 * Takes an address off the caller's account; answers the same when it is not there. 403 M_USER_SUSPENDED.
 * Source: Client-Server API, "Adding Account Administrative Contact Information".
 */
export const deleteThirdPartyId = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/3pid/delete',
  auth: 'token',
  limit: 'write',
  maxBodyBytes: 16_384,
  body: z.looseObject({ medium, address, id_server: z.optional(serverText) }),
  response: unbound,
})

/**
 * POST /_matrix/client/v3/account/3pid/bind
 *
 * Always 400 M_SERVER_NOT_TRUSTED: this server works with no identity server.
 * Source: Client-Server API, "Adding Account Administrative Contact Information".
 */
export const bindThirdPartyId = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/3pid/bind',
  auth: 'token',
  limit: 'write',
  maxBodyBytes: 16_384,
  body: z.looseObject({
    client_secret: clientSecret,
    sid: validationId,
    id_server: serverText,
    id_access_token: z.optional(serverText),
  }),
  response: z.looseObject({}),
})

/**
 * POST /_matrix/client/v3/account/3pid
 *
 * Always 400 M_SERVER_NOT_TRUSTED: `bindThirdPartyId` by its name of before r0.6.
 * Source: Client-Server API, "Adding Account Administrative Contact Information".
 */
export const bindThirdPartyIdByOldName = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/3pid',
  auth: 'token',
  limit: 'write',
  maxBodyBytes: 16_384,
  body: z.looseObject({ three_pid_creds: z.looseObject({ client_secret: clientSecret, sid: validationId }) }),
  response: z.looseObject({ submit_url: z.optional(z.string()) }),
})

/**
 * POST /_matrix/client/v3/account/3pid/unbind
 *
 * Always `no-support`: nothing is bound to an identity server through this server.
 * Source: Client-Server API, "Adding Account Administrative Contact Information".
 */
export const unbindThirdPartyId = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/3pid/unbind',
  auth: 'token',
  limit: 'write',
  maxBodyBytes: 16_384,
  body: z.looseObject({ medium, address, id_server: z.optional(serverText) }),
  response: unbound,
})
