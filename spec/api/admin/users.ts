import * as z from 'zod/mini'
import { dir, from, limit, nextToken } from '#spec/api/admin/paging.ts'
import { maxDisplayNameLength } from '#spec/api/client/profile.ts'
import { getPushers } from '#spec/api/client/pushers.ts'
import { getWhoIs } from '#spec/api/client/admin.ts'
import { queryBoolean } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { parseMxc, roomId, userId } from '#spec/ids.ts'

const params = z.object({ userId })
const term = z.string().check(z.maxLength(255))
const nothing = z.looseObject({})

/** An account as administrators see it. What this server does not have (guests, shadow bans, types of users) is always false or null. */
export const listedUser = z.looseObject({
  name: userId,
  displayname: z.nullable(z.string()),
  avatar_url: z.nullable(z.string()),
  admin: z.boolean(),
  deactivated: z.boolean(),
  erased: z.boolean(),
  locked: z.boolean(),
  suspended: z.boolean(),
  is_guest: z.boolean(),
  shadow_banned: z.boolean(),
  user_type: z.null(),
  /** In ms since the Unix epoch in a list, in seconds where one account is asked for. */
  creation_ts: z.int(),
  last_seen_ts: z.nullable(z.int()),
})

/** One account, with what the list leaves out. */
export const shownUser = z.looseObject({
  ...listedUser.shape,
  threepids: z.array(z.looseObject({})),
  external_ids: z.array(z.looseObject({})),
  appservice_id: z.nullable(z.string()),
})

/** What users can be sorted by. */
export const userOrder = z.enum([
  'name',
  'is_guest',
  'admin',
  'user_type',
  'deactivated',
  'shadow_banned',
  'displayname',
  'avatar_url',
  'creation_ts',
  'last_seen_ts',
])

/**
 * GET /_synapse/admin/v2/users
 *
 * The accounts of this server, a page at a time; those that have ended, or are locked, only where that is asked for.
 * Source: Synapse admin API, "List Accounts (V2)".
 */
export const listUsers = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v2/users',
  auth: 'admin',
  limit: 'search',
  query: z.looseObject({
    from,
    limit,
    /** A part of the user id; not looked at beside `name`. */
    user_id: z.optional(term),
    /** A part of the localpart or of the display name. */
    name: z.optional(term),
    admins: z.optional(queryBoolean),
    deactivated: z._default(queryBoolean, false),
    locked: z._default(queryBoolean, false),
    order_by: z._default(userOrder, 'name'),
    dir: z._default(dir, 'f'),
  }),
  response: z.looseObject({ users: z.array(listedUser), next_token: z.optional(nextToken), total: z.int() }),
})

/**
 * GET /_synapse/admin/v2/users/{userId}
 *
 * One account. 400 M_INVALID_PARAM: a user of another server. 404: there is no such account.
 * Source: Synapse admin API, "Query User Account".
 */
export const getUser = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v2/users/{userId}',
  auth: 'admin',
  limit: 'read',
  params,
  response: shownUser,
})

const mxc = z.string().check(
  z.maxLength(1_000),
  z.refine((uri) => uri === '' || parseMxc(uri) !== undefined, 'expected an mxc:// address'),
)

/**
 * PUT /_synapse/admin/v2/users/{userId}
 *
 * Makes an account, or changes it; what is absent stays. A new password logs the devices out unless `logout_devices` is false. An empty name or
 * picture is none. `deactivated` ends the account for good.
 *
 * 400 M_INVALID_PARAM: a user of another server, an account that has ended, `external_ids`, or administrators who demote or end themselves.
 * 403 M_THREEPID_DENIED: this server keeps no addresses of people. 403 M_FORBIDDEN: administrators cannot be locked.
 * Source: Synapse admin API, "Create or modify account".
 */
export const putUser = endpoint({
  method: 'PUT',
  path: '/_synapse/admin/v2/users/{userId}',
  auth: 'admin',
  limit: 'write',
  maxBodyBytes: 65_536,
  params,
  body: z.looseObject({
    password: z.optional(z.string().check(z.minLength(1))),
    logout_devices: z._default(z.boolean(), true),
    displayname: z.optional(z.string().check(z.maxLength(maxDisplayNameLength))),
    avatar_url: z.optional(mxc),
    admin: z.optional(z.boolean()),
    deactivated: z.optional(z.boolean()),
    locked: z.optional(z.boolean()),
    threepids: z.optional(z.array(z.looseObject({})).check(z.maxLength(100))),
    external_ids: z.optional(z.array(z.looseObject({})).check(z.maxLength(100))),
  }),
  response: shownUser,
})

/**
 * GET /_synapse/admin/v1/whois/{userId}
 *
 * When and from where each device of a user was last seen. Up to a minute late.
 * Source: Synapse admin API, "Query current sessions for a user".
 */
export const getSessionsOfUser = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/whois/{userId}',
  auth: 'admin',
  limit: 'read',
  params,
  response: getWhoIs.response,
})

/**
 * POST /_synapse/admin/v1/deactivate/{userId}
 *
 * Ends an account for good; with `erase`, what it said is hidden from whoever comes later. 400 M_INVALID_PARAM: one's own, or of another server.
 * 404: there is no such account, or not any more.
 * Source: Synapse admin API, "Deactivate Account".
 */
export const endAccount = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v1/deactivate/{userId}',
  auth: 'admin',
  limit: 'write',
  maxBodyBytes: 4_096,
  params,
  body: z.looseObject({ erase: z._default(z.boolean(), false) }),
  response: z.looseObject({ id_server_unbind_result: z.string() }),
})

/**
 * POST /_synapse/admin/v1/reset_password/{userId}
 *
 * Gives an account a new password, and logs its devices out unless `logout_devices` is false. 404: there is no such account, or not any more.
 * Source: Synapse admin API, "Reset password".
 */
export const resetPassword = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v1/reset_password/{userId}',
  auth: 'admin',
  limit: 'write',
  maxBodyBytes: 65_536,
  params,
  body: z.looseObject({
    new_password: z.string().check(z.minLength(1)),
    logout_devices: z._default(z.boolean(), true),
  }),
  response: nothing,
})

/**
 * GET /_synapse/admin/v1/username_available
 *
 * Answers when the name is free, also where registration is closed. 400 M_USER_IN_USE, M_INVALID_USERNAME.
 * Source: Synapse admin API, "Check username availability".
 */
export const checkUsername = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/username_available',
  auth: 'admin',
  limit: 'search',
  query: z.looseObject({ username: term }),
  response: z.looseObject({ available: z.boolean() }),
})

/**
 * GET /_synapse/admin/v1/users/{userId}/joined_rooms
 *
 * The rooms that a user is in.
 * Source: Synapse admin API, "List joined rooms of a user".
 */
export const getRoomsOfUser = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/users/{userId}/joined_rooms',
  auth: 'admin',
  limit: 'read',
  params,
  response: z.looseObject({ joined_rooms: z.array(roomId), total: z.int() }),
})

/**
 * GET /_synapse/admin/v1/users/{userId}/pushers
 *
 * Where notifications of a user are pushed to.
 * Source: Synapse admin API, "List all pushers".
 */
export const getPushersOfUser = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/users/{userId}/pushers',
  auth: 'admin',
  limit: 'read',
  params,
  response: z.looseObject({ ...getPushers.response.shape, total: z.int() }),
})
