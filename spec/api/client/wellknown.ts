import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'
import { userId } from '#spec/ids.ts'

/**
 * GET /.well-known/matrix/client
 *
 * Where the client API of this server name is reached.
 * Source: Client-Server API, "Well-known URIs".
 */
export const getClientWellKnown = endpoint({
  method: 'GET',
  path: '/.well-known/matrix/client',
  auth: 'none',
  limit: 'read',
  response: z.looseObject({ 'm.homeserver': z.looseObject({ base_url: z.string() }) }),
})

/**
 * GET /.well-known/matrix/support
 *
 * Whom to turn to about this server. 404: its administrator has said nothing.
 * Source: Client-Server API, "Server administration contact".
 */
export const getSupport = endpoint({
  method: 'GET',
  path: '/.well-known/matrix/support',
  auth: 'none',
  limit: 'read',
  response: z.looseObject({
    contacts: z.optional(
      z.array(
        z.looseObject({
          role: z.string(),
          matrix_id: z.optional(userId),
          email_address: z.optional(z.string()),
        }),
      ),
    ),
    support_page: z.optional(z.string()),
  }),
})
