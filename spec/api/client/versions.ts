import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'

/**
 * GET /_matrix/client/versions
 *
 * The versions of the specification that the server speaks, and the unstable features that hold on it.
 * Source: Client-Server API, "API Versions".
 */
export const getVersions = endpoint({
  method: 'GET',
  path: '/_matrix/client/versions',
  auth: 'none',
  limit: 'read',
  response: z.looseObject({
    versions: z.array(z.string()),
    unstable_features: z.optional(z.record(z.string(), z.boolean())),
  }),
})
