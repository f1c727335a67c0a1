import * as z from 'zod/mini'
import { dir, from, limit, nextToken } from '#spec/api/admin/paging.ts'
import { queryBoolean, queryInteger } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { mediaId, serverName, userId } from '#spec/ids.ts'

const file = z.object({ serverName, mediaId })
const ofUser = z.object({ userId })
const nothing = z.looseObject({})
const deleted = z.looseObject({ deleted_media: z.array(mediaId), total: z.int() })

/** A file as administrators see it. When it was last looked at is not kept, and nothing is safe from quarantine. */
export const listedMedia = z.looseObject({
  media_id: mediaId,
  media_type: z.string(),
  media_length: z.int(),
  upload_name: z.nullable(z.string()),
  /** In ms since the Unix epoch. */
  created_ts: z.int(),
  last_access_ts: z.null(),
  /** Null: the file is not in quarantine. Otherwise an administrator; which one stands in the list of what they called. */
  quarantined_by: z.nullable(z.string()),
  safe_from_quarantine: z.boolean(),
})

/** What files can be sorted by. */
export const mediaOrder = z.enum([
  'media_id',
  'upload_name',
  'created_ts',
  'last_access_ts',
  'media_length',
  'media_type',
  'quarantined_by',
  'safe_from_quarantine',
])

const page = z.looseObject({ from, limit, order_by: z._default(mediaOrder, 'created_ts'), dir: z.optional(dir) })

/**
 * GET /_synapse/admin/v1/users/{userId}/media
 *
 * The files that a user has uploaded: the newest first, unless another order is asked for. 404: there is no such account.
 * Source: Synapse admin API, "List media uploaded by a user".
 */
export const getMediaOfUser = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/users/{userId}/media',
  auth: 'admin',
  limit: 'read',
  params: ofUser,
  query: page,
  response: z.looseObject({ media: z.array(listedMedia), next_token: z.optional(nextToken), total: z.int() }),
})

/**
 * DELETE /_synapse/admin/v1/users/{userId}/media
 *
 * Deletes a page of the files that a user has uploaded: the newest hundred, unless other ones are asked for. 404: there is no such account.
 * Source: Synapse admin API, "Delete media uploaded by a user".
 */
export const deleteMediaOfUser = endpoint({
  method: 'DELETE',
  path: '/_synapse/admin/v1/users/{userId}/media',
  auth: 'admin',
  limit: 'write',
  params: ofUser,
  query: page,
  response: deleted,
})

/**
 * GET /_synapse/admin/v1/media/{serverName}/{mediaId}
 *
 * What is known of a file; not the file. 404: there is none.
 * Source: Synapse admin API, "Query a piece of media by ID".
 */
export const getMediaInfo = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/media/{serverName}/{mediaId}',
  auth: 'admin',
  limit: 'read',
  params: file,
  response: z.looseObject({
    media_info: z.looseObject({
      ...listedMedia.shape,
      media_origin: serverName,
      user_id: z.nullable(userId),
      sha256: z.nullable(z.string()),
    }),
  }),
})

/**
 * DELETE /_synapse/admin/v1/media/{serverName}/{mediaId}
 *
 * Deletes a file at once, whatever shows it. 404: there is none.
 * Source: Synapse admin API, "Delete a specific local media".
 */
export const deleteMediaItem = endpoint({
  method: 'DELETE',
  path: '/_synapse/admin/v1/media/{serverName}/{mediaId}',
  auth: 'admin',
  limit: 'write',
  params: file,
  response: deleted,
})

/**
 * POST /_synapse/admin/v1/media/quarantine/{serverName}/{mediaId}
 *
 * Forbids the bytes of a file, under every address and for all time. 404: there is no such file, or it has not come yet.
 * Source: Synapse admin API, "Quarantining media by ID".
 */
export const quarantineMediaItem = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v1/media/quarantine/{serverName}/{mediaId}',
  auth: 'admin',
  limit: 'write',
  params: file,
  response: nothing,
})

/**
 * POST /_synapse/admin/v1/media/unquarantine/{serverName}/{mediaId}
 *
 * Allows the bytes of a file again. 404: there is no such file.
 * Source: Synapse admin API, "Remove media from quarantine by ID".
 */
export const unquarantineMediaItem = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v1/media/unquarantine/{serverName}/{mediaId}',
  auth: 'admin',
  limit: 'write',
  params: file,
  response: nothing,
})

/**
 * POST /_synapse/admin/v1/user/{userId}/media/quarantine
 *
 * Forbids the bytes of every file that a user has uploaded. 404: there is no such account.
 * Source: Synapse admin API, "Quarantining all media of a user".
 */
export const quarantineMediaOfUser = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v1/user/{userId}/media/quarantine',
  auth: 'admin',
  limit: 'write',
  params: ofUser,
  response: z.looseObject({ num_quarantined: z.int() }),
})

/**
 * POST /_synapse/admin/v1/media/delete
 *
 * Deletes files of this server that were uploaded before `before_ts` and are larger than `size_gt` bytes; those that are somebody's picture only
 * if `keep_profiles` is false. At most a thousand a call: whoever is told of a thousand calls again.
 * Source: Synapse admin API, "Delete local media by date or size".
 */
export const deleteOldMedia = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v1/media/delete',
  auth: 'admin',
  limit: 'write',
  query: z.looseObject({
    before_ts: queryInteger(0),
    size_gt: z._default(queryInteger(0), 0),
    keep_profiles: z._default(queryBoolean, true),
  }),
  response: deleted,
})

/** What users can be sorted by. */
export const usageOrder = z.enum(['user_id', 'displayname', 'media_length', 'media_count'])

/**
 * GET /_synapse/admin/v1/statistics/users/media
 *
 * How many files each user has uploaded, and how many bytes they have together.
 * Source: Synapse admin API, "Users' media usage statistics".
 */
export const getMediaUsage = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/statistics/users/media',
  auth: 'admin',
  limit: 'search',
  query: z.looseObject({
    from,
    limit,
    order_by: z._default(usageOrder, 'user_id'),
    dir: z._default(dir, 'f'),
    from_ts: z._default(queryInteger(0), 0),
    until_ts: z.optional(queryInteger(0)),
    /** A part of the localpart or of the display name. */
    search_term: z.optional(z.string().check(z.maxLength(255))),
  }),
  response: z.looseObject({
    users: z.array(
      z.looseObject({
        user_id: userId,
        displayname: z.nullable(z.string()),
        media_count: z.int(),
        media_length: z.int(),
      }),
    ),
    next_token: z.optional(nextToken),
    total: z.int(),
  }),
})
