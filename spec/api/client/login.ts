import * as z from 'zod/mini'
import { authData, userIdentifier } from '#spec/api/client/interactive-auth.ts'
import { accessGrant, deviceName } from '#spec/api/client/session-tokens.ts'
import { endpoint } from '#spec/endpoint.ts'
import { deviceId, userId } from '#spec/ids.ts'

/**
 * GET /_matrix/client/v3/login
 *
 * The ways to log in.
 * Source: Client-Server API, "Login".
 */
export const getLoginFlows = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/login',
  auth: 'none',
  limit: 'read',
  response: z.looseObject({
    flows: z.array(z.looseObject({ type: z.string(), get_login_token: z.optional(z.boolean()) })),
  }),
})

/**
 * POST /_matrix/client/v3/login
 *
 * Opens a session. `m.login.password`: the user is named by id, localpart, or an address of the account. `m.login.token`: with what
 * `getLoginToken` gave. `m.login.application_service`: the request carries the token of the application service, and names a user of it.
 * A `device_id` that the user has already is logged in anew: its earlier tokens end.
 * With `refresh_token: true` the access token lives an hour and a refresh token comes with it; else it lives until logout.
 *
 * 403 M_FORBIDDEN: wrong name or password, the same for both; a token that is not good, or not any more. 401 M_USER_LOCKED.
 * 400 M_EXCLUSIVE: a user outside the namespaces of the application service. 400 M_UNKNOWN: not a type of `getLoginFlows`. 400 M_MISSING_PARAM.
 * 429 M_LIMIT_EXCEEDED: ten wrong passwords for this account from this address within 15 minutes, or the server is busy checking others.
 * Source: Client-Server API, "Login".
 */
export const login = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/login',
  auth: 'none',
  limit: 'login',
  maxBodyBytes: 65_536,
  body: z.looseObject({
    type: z.string(),
    identifier: z.optional(userIdentifier),
    /** COMPAT(clients before r0.4, which name the user here, remove when none are seen) */
    user: z.optional(z.string()),
    medium: z.optional(z.string()),
    address: z.optional(z.string()),
    password: z.optional(z.string()),
    /** With `m.login.token`. */
    token: z.optional(z.string()),
    device_id: z.optional(deviceId),
    initial_device_display_name: z.optional(deviceName),
    refresh_token: z.optional(z.boolean()),
  }),
  response: z.looseObject({ user_id: userId, device_id: deviceId, ...accessGrant.shape }),
})

/**
 * POST /_matrix/client/v1/login/get_token
 *
 * A token with which another device logs in as the caller, once, within `expires_in_ms`. User-interactive: `m.login.password`, each time anew.
 * 401: the next step of authentication. 403 M_FORBIDDEN: an application service, which needs none.
 * Source: Client-Server API, "Login".
 */
export const getLoginToken = endpoint({
  method: 'POST',
  path: '/_matrix/client/v1/login/get_token',
  auth: 'token',
  limit: 'login',
  maxBodyBytes: 65_536,
  body: z.looseObject({ auth: z.optional(authData) }),
  response: z.looseObject({ login_token: z.string(), expires_in_ms: z.int() }),
})

/**
 * POST /_matrix/client/v3/refresh
 *
 * Exchanges a refresh token for new tokens. The old refresh token stays valid until one of the new tokens is used, so an answer that got
 * lost costs nothing: ask again. 401 M_UNKNOWN_TOKEN: not a refresh token of this server; with `soft_logout` where the device is still logged in.
 * Source: Client-Server API, "Refreshing access tokens".
 */
export const refresh = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/refresh',
  auth: 'none',
  limit: 'login',
  maxBodyBytes: 65_536,
  body: z.looseObject({ refresh_token: z.string() }),
  response: accessGrant,
})

/**
 * POST /_matrix/client/v3/logout
 *
 * Ends the caller's session and deletes its device.
 * Source: Client-Server API, "Login".
 */
export const logout = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/logout',
  auth: 'token',
  limit: 'write',
  whileLocked: true,
  response: z.looseObject({}),
})

/**
 * POST /_matrix/client/v3/logout/all
 *
 * Ends every session of the caller, this one too, and deletes all devices.
 * Source: Client-Server API, "Login".
 */
export const logoutAll = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/logout/all',
  auth: 'token',
  limit: 'write',
  whileLocked: true,
  response: z.looseObject({}),
})
