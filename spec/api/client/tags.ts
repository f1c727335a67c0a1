import * as z from 'zod/mini'
import { pathText } from '#spec/api/path-text.ts'
import { endpoint } from '#spec/endpoint.ts'
import { roomId, userId } from '#spec/ids.ts'

/** The most tags of one user on one room. Ours: the specification names none. */
export const maxTagsPerRoom = 100

const params = z.object({ userId, roomId })
const tagParams = z.object({ userId, roomId, tag: pathText })

/** Where a room stands among those with the same tag, from 0 on to 1. */
const order = z.number().check(z.gte(0), z.lte(1))

/**
 * GET /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags
 *
 * The caller's tags on a room. 403: another user's id.
 * Source: Client-Server API, "Room Tagging".
 */
export const getTags = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags',
  auth: 'token',
  limit: 'read',
  params,
  // Clients that write `m.tag` as account data put in what they like.
  response: z.looseObject({ tags: z.record(z.string(), z.unknown()) }),
})

/**
 * PUT /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}
 *
 * Tags a room for the caller, who hears of it as `m.tag` in the room's account data. Fields beside `order` are kept.
 * 400 M_INVALID_PARAM: a tag of no or more than 255 bytes, or a hundred others. 403: another user's id.
 * Source: Client-Server API, "Room Tagging".
 */
export const setTag = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}',
  auth: 'token',
  limit: 'write',
  json: 'any',
  maxBodyBytes: 16_384,
  params: tagParams,
  body: z.looseObject({ order: z.optional(order) }),
  response: z.looseObject({}),
})

/**
 * DELETE /_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}
 *
 * Takes a tag of the caller off a room; answers the same when it is not there. 403: another user's id.
 * Source: Client-Server API, "Room Tagging".
 */
export const deleteTag = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}',
  auth: 'token',
  limit: 'write',
  params: tagParams,
  response: z.looseObject({}),
})
