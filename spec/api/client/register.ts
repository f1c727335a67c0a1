import * as z from 'zod/mini'
import { authData } from '#spec/api/client/interactive-auth.ts'
import { accessGrant, deviceName } from '#spec/api/client/session-tokens.ts'
import { endpoint } from '#spec/endpoint.ts'
import { deviceId, userId } from '#spec/ids.ts'

/**
 * POST /_matrix/client/v3/register
 *
 * Makes an account and, unless `inhibit_login`, logs it in. User-interactive: `m.login.registration_token` with an invitation,
 * `m.login.dummy` where anybody may register, then `m.login.terms` where the server has terms.
 * A user name is put into small letters (a-z only); without one the server makes one up.
 *
 * 401: the next step of authentication, see `authNeeded`. 400 M_USER_IN_USE, M_INVALID_USERNAME, M_WEAK_PASSWORD, M_MISSING_PARAM.
 * 403 M_FORBIDDEN: registration is closed, or the session belongs to another request. 403 M_GUEST_ACCESS_FORBIDDEN: no guests here.
 * Source: Client-Server API, "Account registration".
 */
export const register = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/register',
  auth: 'none',
  limit: 'register',
  maxBodyBytes: 65_536,
  query: z.looseObject({ kind: z._default(z.enum(['user', 'guest']), 'user') }),
  body: z.looseObject({
    auth: z.optional(authData),
    username: z.optional(z.string()),
    /** 8 characters to 1,024 bytes of UTF-8, and none of the commonest. */
    password: z.optional(z.string()),
    device_id: z.optional(deviceId),
    initial_device_display_name: z.optional(deviceName),
    inhibit_login: z.optional(z.boolean()),
    refresh_token: z.optional(z.boolean()),
  }),
  response: z.looseObject({ user_id: userId, device_id: z.optional(deviceId), ...z.partial(accessGrant).shape }),
})

/**
 * GET /_matrix/client/v3/register/available
 *
 * Answers when the name is free; it is not reserved by asking. 400 M_USER_IN_USE, M_INVALID_USERNAME. 403: registration is closed.
 * Source: Client-Server API, "Account registration".
 */
export const checkUsernameAvailability = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/register/available',
  auth: 'none',
  limit: 'search',
  query: z.looseObject({ username: z.string() }),
  response: z.looseObject({ available: z.boolean() }),
})

/**
 * GET /_matrix/client/v1/register/m.login.registration_token/validity
 *
 * Says whether a registration token would be taken at this moment. 403: registration is closed.
 * Source: Client-Server API, "Token-authenticated registration".
 */
export const checkRegistrationToken = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/register/m.login.registration_token/validity',
  auth: 'none',
  limit: 'login',
  query: z.looseObject({ token: z.string() }),
  response: z.looseObject({ valid: z.boolean() }),
})
