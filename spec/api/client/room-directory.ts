import * as z from 'zod/mini'
import { queryInteger } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { roomAlias, roomId, serverName } from '#spec/ids.ts'

const aliasParams = z.object({ roomAlias })
const roomParams = z.object({ roomId })
const nothing = z.looseObject({})

/**
 * PUT /_matrix/client/v3/directory/room/{roomAlias}
 *
 * Makes an alias of this server lead to a room that the caller is in. 400 M_INVALID_PARAM: the alias is of another server, or cannot be one.
 * 403: not in the room. 409 M_UNKNOWN: the alias leads somewhere already.
 * Source: Client-Server API, "Room aliases".
 */
export const setRoomAlias = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/directory/room/{roomAlias}',
  auth: 'token',
  limit: 'write',
  params: aliasParams,
  body: z.looseObject({ room_id: roomId }),
  response: nothing,
})

/**
 * GET /_matrix/client/v3/directory/room/{roomAlias}
 *
 * The room that an alias leads to, and servers to join it through. 404: it leads nowhere.
 * Source: Client-Server API, "Room aliases".
 */
export const getRoomAlias = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/directory/room/{roomAlias}',
  auth: 'none',
  limit: 'read',
  params: aliasParams,
  response: z.looseObject({ room_id: roomId, servers: z.array(serverName) }),
})

/**
 * DELETE /_matrix/client/v3/directory/room/{roomAlias}
 *
 * Takes an alias away: whoever made it, whoever may set the room's main alias, and administrators of the server. Where the caller may change
 * `m.room.canonical_alias`, the alias goes from there too. 403: none of these. 404: it leads nowhere.
 * Source: Client-Server API, "Room aliases".
 */
export const deleteRoomAlias = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/directory/room/{roomAlias}',
  auth: 'token',
  limit: 'write',
  params: aliasParams,
  response: nothing,
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/aliases
 *
 * The aliases of this server that lead to a room, for those who are in it; for everybody if it is world-readable. 403: neither.
 * Source: Client-Server API, "Room aliases".
 */
export const getRoomAliases = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/aliases',
  auth: 'token',
  limit: 'read',
  params: roomParams,
  response: z.looseObject({ aliases: z.array(roomAlias) }),
})

const visibility = z.enum(['public', 'private'])

/**
 * GET /_matrix/client/v3/directory/list/room/{roomId}
 *
 * Whether the public directory of this server lists a room. 404: no such room, or one that is not listed and that the caller is not in.
 * Source: Client-Server API, "Published room directory".
 */
export const getRoomVisibility = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/directory/list/room/{roomId}',
  auth: 'optional',
  limit: 'read',
  params: roomParams,
  response: z.looseObject({ visibility }),
})

/**
 * PUT /_matrix/client/v3/directory/list/room/{roomId}
 *
 * Puts a room into the public directory of this server or takes it out: members who may set the room's main alias, and administrators of the
 * server. 403: neither. 404: no such room.
 * Source: Client-Server API, "Published room directory".
 */
export const setRoomVisibility = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/directory/list/room/{roomId}',
  auth: 'token',
  limit: 'write',
  params: roomParams,
  body: z.looseObject({ visibility: z._default(visibility, 'public') }),
  response: nothing,
})

/** What a room tells about itself to those outside. Client-Server API, `PublishedRoomsChunk`. */
export const publishedRoom = z.looseObject({
  room_id: roomId,
  num_joined_members: z.int(),
  world_readable: z.boolean(),
  guest_can_join: z.boolean(),
  name: z.optional(z.string()),
  topic: z.optional(z.string()),
  canonical_alias: z.optional(z.string()),
  avatar_url: z.optional(z.string()),
  join_rule: z.optional(z.string()),
  room_type: z.optional(z.string()),
})

/** The most rooms that one page of the directory has, whatever `limit` says. Ours. */
export const maxDirectoryPage = 100

const page = z.looseObject({
  chunk: z.array(publishedRoom),
  /** For `since`; absent on the last page. */
  next_batch: z.optional(z.string()),
  /** For `since`; absent on the first page. */
  prev_batch: z.optional(z.string()),
  total_room_count_estimate: z.optional(z.int()),
})

/**
 * GET /_matrix/client/v3/publicRooms
 *
 * A page of the public directory of this server, the rooms with most members first. 400 M_INVALID_PARAM: `since` is no token of ours.
 * Source: Client-Server API, "Published room directory".
 */
export const getPublicRooms = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/publicRooms',
  auth: 'none',
  limit: 'search',
  query: z.looseObject({
    limit: z.optional(queryInteger(1)),
    since: z.optional(z.string()),
    server: z.optional(serverName),
  }),
  response: page,
})

/**
 * POST /_matrix/client/v3/publicRooms
 *
 * As getPublicRooms, of the rooms that have every word of `generic_search_term` in their name, topic or main alias, whatever their accents and
 * case, and one of the types; `null` among the types is a room without one.
 * Source: Client-Server API, "Published room directory".
 */
export const queryPublicRooms = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/publicRooms',
  auth: 'token',
  limit: 'search',
  maxBodyBytes: 65_536,
  query: z.looseObject({ server: z.optional(serverName) }),
  body: z.looseObject({
    limit: z.optional(z.int().check(z.gte(1))),
    since: z.optional(z.string()),
    filter: z.optional(
      z.looseObject({
        generic_search_term: z.optional(z.string().check(z.maxLength(512))),
        room_types: z.optional(z.array(z.nullable(z.string())).check(z.maxLength(100))),
      }),
    ),
    /** Also the rooms that application services list for the networks that they reach. */
    include_all_networks: z.optional(z.boolean()),
    /** Only the rooms of one such network: the `instance_id` that getProtocols says. */
    third_party_instance_id: z.optional(z.string().check(z.maxLength(1_000))),
  }),
  response: page,
})
