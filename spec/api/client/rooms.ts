import * as z from 'zod/mini'
import { clientEvent } from './client-event.ts'
import { jsonObject, queryList } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { roomAlias, roomId, serverName, userId } from '#spec/ids.ts'

const roomParams = z.object({ roomId })
const joined = z.looseObject({ room_id: roomId })
const nothing = z.looseObject({})
const reason = z.optional(z.string())
const target = z.looseObject({ user_id: userId, reason })
const membership = z.enum(['join', 'invite', 'knock', 'leave', 'ban'])

const thirdPartySigned = z.looseObject({
  sender: userId,
  mxid: userId,
  token: z.string(),
  signatures: z.record(z.string(), z.record(z.string(), z.string())),
})

const invite3pid = z.looseObject({
  id_server: z.string(),
  id_access_token: z.string(),
  medium: z.string(),
  address: z.string(),
})

/** The most people that a room is made with; more are invited afterwards. Ours. */
export const maxInvited = 500
/** The most entries of `initial_state`. Ours. */
export const maxInitialState = 500

/** A state event that createRoom sets before anybody is invited. */
const initialStateEvent = z.looseObject({
  type: z.string().check(z.minLength(1)),
  state_key: z._default(z.string(), ''),
  content: jsonObject,
})

/**
 * POST /_matrix/client/v3/createRoom
 *
 * Makes a room with the caller in it, its first state events in the order that the specification lists.
 * 400 M_INVALID_ROOM_STATE: the auth rules refuse the events asked for. 400 M_UNSUPPORTED_ROOM_VERSION. 400 M_ROOM_IN_USE: the alias is taken.
 * 400 M_INVALID_PARAM: `room_alias_name` cannot be one. 403 M_THREEPID_DENIED: this server invites nobody by e-mail address.
 * 404: somebody who is to be invited does not exist.
 * Source: Client-Server API, "Creation".
 */
export const createRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/createRoom',
  auth: 'token',
  limit: 'create',
  body: z.looseObject({
    visibility: z.optional(z.enum(['public', 'private'])),
    /** The localpart of an alias on this server. */
    room_alias_name: z.optional(z.string()),
    name: z.optional(z.string()),
    topic: z.optional(z.string()),
    invite: z.optional(z.array(userId).check(z.maxLength(maxInvited))),
    invite_3pid: z.optional(z.array(invite3pid)),
    room_version: z.optional(z.string()),
    creation_content: z.optional(jsonObject),
    initial_state: z.optional(z.array(initialStateEvent).check(z.maxLength(maxInitialState))),
    /** When absent, `visibility` chooses: `public` gives `public_chat`, else `private_chat`. */
    preset: z.optional(z.enum(['private_chat', 'public_chat', 'trusted_private_chat'])),
    is_direct: z.optional(z.boolean()),
    power_level_content_override: z.optional(jsonObject),
  }),
  response: joined,
})

const joinBody = z.looseObject({ third_party_signed: z.optional(thirdPartySigned), reason })

/**
 * POST /_matrix/client/v3/rooms/{roomId}/join
 *
 * Joins a room by id; answers the same when the caller is in it already. 403: not invited and not public, banned, or no such room.
 * Source: Client-Server API, "Joining rooms".
 */
export const joinRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/join',
  auth: 'token',
  limit: 'write',
  params: roomParams,
  body: joinBody,
  response: joined,
})

/**
 * POST /_matrix/client/v3/join/{roomIdOrAlias}
 *
 * As joinRoom, by id or alias, with the servers to join through. 404: no such alias.
 * Source: Client-Server API, "Joining rooms".
 */
export const joinRoomByIdOrAlias = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/join/{roomIdOrAlias}',
  auth: 'token',
  limit: 'write',
  params: z.object({ roomIdOrAlias: z.union([roomId, roomAlias]) }),
  query: z.looseObject({ via: z.optional(queryList(serverName)) }),
  body: joinBody,
  response: joined,
})

/**
 * POST /_matrix/client/v3/knock/{roomIdOrAlias}
 *
 * Asks to be let into a room whose join rule is `knock` or `knock_restricted`. Who may invite lets the caller in by an invite, and turns them away by
 * a kick or a ban; the caller takes the knock back by leaving. Answers the same when the caller has knocked already.
 * 403: the room takes no knocks, the caller is in it, invited or banned, or there is no such room. 404: no such alias.
 * Source: Client-Server API, "Knocking on rooms".
 */
export const knockRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/knock/{roomIdOrAlias}',
  auth: 'token',
  limit: 'write',
  params: z.object({ roomIdOrAlias: z.union([roomId, roomAlias]) }),
  query: z.looseObject({ via: z.optional(queryList(serverName)) }),
  body: z.looseObject({ reason }),
  response: joined,
})

/**
 * POST /_matrix/client/v3/rooms/{roomId}/leave
 *
 * Leaves a room, refuses an invite to it, or takes a knock back.
 * Source: Client-Server API, "Leaving rooms".
 */
export const leaveRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/leave',
  auth: 'token',
  limit: 'write',
  params: roomParams,
  body: z.looseObject({ reason }),
  response: nothing,
})

/**
 * POST /_matrix/client/v3/rooms/{roomId}/forget
 *
 * Drops a left room from the caller's history: it is not in `/sync` again, and its messages are out of reach. 400: still in the room.
 * Source: Client-Server API, "Leaving rooms".
 */
export const forgetRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/forget',
  auth: 'token',
  limit: 'write',
  params: roomParams,
  body: nothing,
  response: nothing,
})

/**
 * POST /_matrix/client/v3/rooms/{roomId}/invite
 *
 * Invites a user; answers 200 too when the user is invited already. Invites by e-mail address or telephone number are declared, and always refused.
 * 403: not allowed, or the user is banned or in the room. 403 M_THREEPID_DENIED: this server invites nobody by address.
 * Source: Client-Server API, "Room membership", "Third-party invites".
 */
export const inviteUser = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/invite',
  auth: 'token',
  limit: 'write',
  params: roomParams,
  body: z.looseObject({
    /** Absent only where somebody is to be invited by address. */
    user_id: z.optional(userId),
    reason,
    id_server: z.optional(z.string()),
    id_access_token: z.optional(z.string()),
    medium: z.optional(z.string()),
    address: z.optional(z.string()),
  }),
  response: nothing,
})

/**
 * POST /_matrix/client/v3/rooms/{roomId}/kick
 *
 * Makes a user leave, or takes an invite back. 403: not allowed, or the user is not in the room.
 * Source: Client-Server API, "Leaving rooms".
 */
export const kickUser = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/kick',
  auth: 'token',
  limit: 'write',
  params: roomParams,
  body: target,
  response: nothing,
})

/**
 * POST /_matrix/client/v3/rooms/{roomId}/ban
 *
 * Makes a user leave and keeps the user out. 403: not allowed.
 * Source: Client-Server API, "Banning users in a room".
 */
export const banUser = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/ban',
  auth: 'token',
  limit: 'write',
  params: roomParams,
  body: target,
  response: nothing,
})

/**
 * POST /_matrix/client/v3/rooms/{roomId}/unban
 *
 * Lifts a ban. 403: not allowed. 403 M_BAD_STATE: the user is not banned.
 * Source: Client-Server API, "Banning users in a room".
 */
export const unbanUser = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/unban',
  auth: 'token',
  limit: 'write',
  params: roomParams,
  body: target,
  response: nothing,
})

/**
 * GET /_matrix/client/v3/joined_rooms
 *
 * The rooms that the caller is in.
 * Source: Client-Server API, "Room membership".
 */
export const getJoinedRooms = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/joined_rooms',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({ joined_rooms: z.array(roomId) }),
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/members
 *
 * The `m.room.member` events of the room, now or at a pagination token; as of the leave for somebody who left.
 * `membership` and `not_membership` together widen the answer: either suffices.
 * 403: never in the room, or `at` is a time that the caller may not look at.
 * Source: Client-Server API, "Getting events for a room".
 */
export const getMembers = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/members',
  auth: 'token',
  limit: 'read',
  params: roomParams,
  query: z.looseObject({
    at: z.optional(z.string()),
    membership: z.optional(membership),
    not_membership: z.optional(membership),
  }),
  response: z.looseObject({ chunk: z.array(clientEvent) }),
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/joined_members
 *
 * User id to display name and avatar of everybody in the room. 403: not in the room.
 * Source: Client-Server API, "Getting events for a room".
 */
export const getJoinedMembers = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/joined_members',
  auth: 'token',
  limit: 'read',
  params: roomParams,
  response: z.looseObject({
    joined: z.record(
      userId,
      z.looseObject({ display_name: z.optional(z.string()), avatar_url: z.optional(z.string()) }),
    ),
  }),
})
