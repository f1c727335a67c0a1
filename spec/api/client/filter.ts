import * as z from 'zod/mini'
import { filterDefinition } from '#spec/api/client/filter-definition.ts'
import { pathText } from '#spec/api/path-text.ts'
import { endpoint } from '#spec/endpoint.ts'
import { userId } from '#spec/ids.ts'

/**
 * POST /_matrix/client/v3/user/{userId}/filter
 *
 * Stores a filter for `/sync`; the same filter gets the same id. 403: another user's id.
 * Source: Client-Server API, "Filtering".
 */
export const defineFilter = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/user/{userId}/filter',
  auth: 'token',
  limit: 'write',
  maxBodyBytes: 65_536,
  params: z.object({ userId }),
  body: filterDefinition,
  response: z.looseObject({ filter_id: z.string() }),
})

/**
 * GET /_matrix/client/v3/user/{userId}/filter/{filterId}
 *
 * A filter that the caller has stored. 404: no such filter. 403: another user's id.
 * Source: Client-Server API, "Filtering".
 */
export const getFilter = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/user/{userId}/filter/{filterId}',
  auth: 'token',
  limit: 'read',
  params: z.object({ userId, filterId: pathText }),
  response: filterDefinition,
})
