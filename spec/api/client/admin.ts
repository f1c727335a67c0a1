import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'
import { userId } from '#spec/ids.ts'

const params = z.object({ userId })

/**
 * GET /_matrix/client/v3/admin/whois/{userId}
 *
 * When and from where each device of a user was last seen: for the user, and for administrators. Up to a minute late.
 * Source: Client-Server API, "Server Administration".
 */
export const getWhoIs = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/admin/whois/{userId}',
  auth: 'token',
  limit: 'read',
  params,
  response: z.looseObject({
    user_id: z.optional(userId),
    devices: z.optional(
      z.record(
        z.string(),
        z.looseObject({
          sessions: z.array(
            z.looseObject({
              connections: z.array(
                z.looseObject({
                  ip: z.optional(z.string()),
                  /** In ms since the Unix epoch. */
                  last_seen: z.optional(z.int()),
                  user_agent: z.optional(z.string()),
                }),
              ),
            }),
          ),
        }),
      ),
    ),
  }),
})

/**
 * GET /_matrix/client/v1/admin/lock/{userId}
 *
 * Whether a user of this server is locked. 400 M_INVALID_PARAM: a user of another server. 403: the caller is no administrator, or the user is one.
 * 404: there is no such user, or not any more.
 * Source: Client-Server API, "Account locking".
 */
export const getLock = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/admin/lock/{userId}',
  auth: 'admin',
  limit: 'read',
  params,
  response: z.looseObject({ locked: z.boolean() }),
})

/**
 * PUT /_matrix/client/v1/admin/lock/{userId}
 *
 * Locks or unlocks a user of this server. While locked, every call but a logout is refused with 401 M_USER_LOCKED and `soft_logout`; tokens live on.
 * Errors as with `getLock`; 403 also for one's own account.
 * Source: Client-Server API, "Account locking".
 */
export const setLock = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v1/admin/lock/{userId}',
  auth: 'admin',
  limit: 'write',
  params,
  body: z.looseObject({ locked: z.boolean() }),
  response: z.looseObject({ locked: z.boolean() }),
})

/**
 * GET /_matrix/client/v1/admin/suspend/{userId}
 *
 * Whether a user of this server is suspended. Errors as with `getLock`.
 * Source: Client-Server API, "Account suspension".
 */
export const getSuspension = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/admin/suspend/{userId}',
  auth: 'admin',
  limit: 'read',
  params,
  response: z.looseObject({ suspended: z.boolean() }),
})

/**
 * PUT /_matrix/client/v1/admin/suspend/{userId}
 *
 * Suspends a user of this server, or lifts that. While suspended, the user reads, leaves rooms, redacts own events, and looks after devices and
 * keys; what others would see (messages, state, joins, knocks, invitations, the profile) is refused with 403 M_USER_SUSPENDED.
 * Errors as with `setLock`.
 * Source: Client-Server API, "Account suspension".
 */
export const setSuspension = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v1/admin/suspend/{userId}',
  auth: 'admin',
  limit: 'write',
  params,
  body: z.looseObject({ suspended: z.boolean() }),
  response: z.looseObject({ suspended: z.boolean() }),
})
