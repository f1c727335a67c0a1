import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'
import { userId } from '#spec/ids.ts'

/**
 * POST /_matrix/client/v3/user/{userId}/openid/request_token
 *
 * A token with which another service can ask this server who the caller is, and nothing else. 403: another user's id.
 * Source: Client-Server API, "OpenID".
 */
export const requestOpenIdToken = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/user/{userId}/openid/request_token',
  auth: 'token',
  limit: 'write',
  maxBodyBytes: 65_536,
  params: z.object({ userId }),
  response: z.looseObject({
    access_token: z.string(),
    token_type: z.string(),
    matrix_server_name: z.string(),
    /** In seconds. */
    expires_in: z.int(),
  }),
})
