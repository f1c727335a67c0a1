import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'
import { userId } from '#spec/ids.ts'

/** The most people that one search answers with, whatever `limit` says. Ours. */
export const maxDirectoryResults = 50

/**
 * POST /_matrix/client/v3/user_directory/search
 *
 * Finds people by user id and display name, whatever their accents and case: `isik` finds `Işık`. Best matches first; the caller is
 * left out. An empty term lists people by name.
 * Source: Client-Server API, "User Directory".
 */
export const searchUserDirectory = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/user_directory/search',
  auth: 'token',
  limit: 'search',
  maxBodyBytes: 16_384,
  body: z.looseObject({
    search_term: z.string().check(z.maxLength(512)),
    limit: z._default(z.int().check(z.gte(1)), 10),
  }),
  response: z.looseObject({
    results: z.array(
      z.looseObject({ user_id: userId, display_name: z.optional(z.string()), avatar_url: z.optional(z.string()) }),
    ),
    /** There are more than were answered. */
    limited: z.boolean(),
  }),
})
