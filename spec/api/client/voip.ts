import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'

/**
 * GET /_matrix/client/v3/voip/turnServer
 *
 * The TURN server for calls, with credentials that are good for `ttl` seconds. 403 M_FORBIDDEN: this server has none.
 * Source: Client-Server API, "Voice over IP".
 */
export const getTurnServer = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/voip/turnServer',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({
    username: z.string(),
    password: z.string(),
    uris: z.array(z.string()),
    /** In seconds. */
    ttl: z.int(),
  }),
})
