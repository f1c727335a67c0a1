import * as z from 'zod/mini'
import { dir, from, limit, nextToken } from '#spec/api/admin/paging.ts'
import { pathText } from '#spec/api/path-text.ts'
import { queryBoolean } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { roomAlias, roomId, userId } from '#spec/ids.ts'

const params = z.object({ roomId })
const text = z.nullable(z.string())

/** A room as administrators see it: what it tells of itself, and nothing that was said in it. */
export const listedRoom = z.looseObject({
  room_id: roomId,
  name: text,
  canonical_alias: text,
  joined_members: z.int(),
  joined_local_members: z.int(),
  version: z.string(),
  creator: z.nullable(userId),
  encryption: text,
  federatable: z.boolean(),
  public: z.boolean(),
  join_rules: text,
  guest_access: text,
  history_visibility: text,
  state_events: z.int(),
  room_type: text,
})

/** What rooms can be sorted by. */
export const roomOrder = z.enum([
  'name',
  'alphabetical',
  'canonical_alias',
  'joined_members',
  'size',
  'joined_local_members',
  'version',
  'creator',
  'encryption',
  'federatable',
  'public',
  'join_rules',
  'guest_access',
  'history_visibility',
  'state_events',
])

/**
 * GET /_synapse/admin/v1/rooms
 *
 * The rooms of this server, a page at a time. Sorted by members, version or state events, the largest come first.
 * Source: Synapse admin API, "List Room API".
 */
export const listRooms = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/rooms',
  auth: 'admin',
  limit: 'search',
  query: z.looseObject({
    from,
    limit,
    order_by: z._default(roomOrder, 'name'),
    dir: z._default(dir, 'f'),
    /** A part of the name or of the alias, or the id. */
    search_term: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
    public_rooms: z.optional(queryBoolean),
    empty_rooms: z.optional(queryBoolean),
  }),
  response: z.looseObject({
    rooms: z.array(listedRoom),
    offset: z.int(),
    total_rooms: z.int(),
    next_batch: z.optional(nextToken),
    prev_batch: z.optional(nextToken),
  }),
})

/**
 * GET /_synapse/admin/v1/rooms/{roomId}
 *
 * One room. 404: there is none.
 * Source: Synapse admin API, "Room Details API".
 */
export const getRoom = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/rooms/{roomId}',
  auth: 'admin',
  limit: 'read',
  params,
  response: z.looseObject({ ...listedRoom.shape, topic: text, avatar: text }),
})

/**
 * GET /_synapse/admin/v1/rooms/{roomId}/members
 *
 * Who is in a room. 404: there is none.
 * Source: Synapse admin API, "Room Members API".
 */
export const getMembersOfRoom = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/rooms/{roomId}/members',
  auth: 'admin',
  limit: 'read',
  params,
  response: z.looseObject({ members: z.array(userId), total: z.int() }),
})

/**
 * GET /_synapse/admin/v1/rooms/{roomId}/block
 *
 * Whether a room is blocked, and by whom.
 * Source: Synapse admin API, "Get block status".
 */
export const getRoomBlock = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/rooms/{roomId}/block',
  auth: 'admin',
  limit: 'read',
  params,
  response: z.looseObject({ block: z.boolean(), user_id: z.optional(userId) }),
})

/**
 * PUT /_synapse/admin/v1/rooms/{roomId}/block
 *
 * Blocks a room, known or not: nobody joins it, knocks, or is invited; or allows that again.
 * Source: Synapse admin API, "Block Room API".
 */
export const setRoomBlock = endpoint({
  method: 'PUT',
  path: '/_synapse/admin/v1/rooms/{roomId}/block',
  auth: 'admin',
  limit: 'write',
  params,
  body: z.looseObject({ block: z.boolean() }),
  response: z.looseObject({ block: z.boolean() }),
})

/**
 * DELETE /_synapse/admin/v2/rooms/{roomId}
 *
 * Takes everybody out of a room and, unless `purge` is false, deletes all that this server has of it. It goes on after the answer. Who was taken out is
 * kept for a week, so that devices which are away hear of it. Files that were shown in the room stay, as somebody uploaded them.
 * 400 M_INVALID_PARAM: `new_room_user_id`, for no other room is made in its place. 404: there is no such room.
 * Source: Synapse admin API, "Version 2 (new version)".
 */
export const deleteRoom = endpoint({
  method: 'DELETE',
  path: '/_synapse/admin/v2/rooms/{roomId}',
  auth: 'admin',
  limit: 'write',
  params,
  body: z.looseObject({
    block: z._default(z.boolean(), false),
    purge: z._default(z.boolean(), true),
    force_purge: z.optional(z.boolean()),
    new_room_user_id: z.optional(z.string()),
    room_name: z.optional(z.string().check(z.maxLength(255))),
    message: z.optional(z.string().check(z.maxLength(4_096))),
  }),
  response: z.looseObject({ delete_id: z.string() }),
})

/** How far the deletion of a room has come. */
export const roomDeletion = z.looseObject({
  delete_id: z.string(),
  room_id: roomId,
  status: z.enum(['scheduled', 'active', 'complete']),
  shutdown_room: z.looseObject({
    kicked_users: z.array(userId),
    failed_to_kick_users: z.array(userId),
    local_aliases: z.array(roomAlias),
    new_room_id: z.null(),
  }),
})

/**
 * GET /_synapse/admin/v2/rooms/{roomId}/delete_status
 *
 * Every deletion of a room. 404: there was none.
 * Source: Synapse admin API, "Query by room_id".
 */
export const getDeletionsOfRoom = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v2/rooms/{roomId}/delete_status',
  auth: 'admin',
  limit: 'read',
  params,
  response: z.looseObject({ results: z.array(roomDeletion) }),
})

/**
 * GET /_synapse/admin/v2/rooms/delete_status/{deleteId}
 *
 * One deletion. 404: there is none of this name.
 * Source: Synapse admin API, "Query by delete_id".
 */
export const getDeletion = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v2/rooms/delete_status/{deleteId}',
  auth: 'admin',
  limit: 'read',
  params: z.object({ deleteId: pathText }),
  response: roomDeletion,
})
