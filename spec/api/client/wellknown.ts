import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'

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
