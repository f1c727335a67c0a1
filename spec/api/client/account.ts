import * as z from 'zod/mini'
import { authData } from '#spec/api/client/interactive-auth.ts'
import { endpoint } from '#spec/endpoint.ts'
import { deviceId, userId } from '#spec/ids.ts'

/**
 * GET /_matrix/client/v3/account/whoami
 *
 * Whose token this is.
 * Source: Client-Server API, "Current account information".
 */
export const whoami = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/account/whoami',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({ user_id: userId, device_id: z.optional(deviceId), is_guest: z.optional(z.boolean()) }),
})

/**
 * POST /_matrix/client/v3/account/password
 *
 * Sets a new password. User-interactive: `m.login.password` with the present one, or, without an access token, `m.login.email.identity` with
 * an address that `requestEmailForPassword` has validated. Unless `logout_devices` is false, every other device of the account is logged out
 * and deleted. 401: the next step of authentication; M_MISSING_TOKEN where the server sends no mail. 400 M_WEAK_PASSWORD.
 * Source: Client-Server API, "Password management".
 */
export const changePassword = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/password',
  auth: 'optional',
  limit: 'login',
  maxBodyBytes: 65_536,
  body: z.looseObject({
    new_password: z.string(),
    logout_devices: z._default(z.boolean(), true),
    auth: z.optional(authData),
  }),
  response: z.looseObject({}),
})

/**
 * POST /_matrix/client/v3/account/deactivate
 *
 * Ends the caller's account for good: it leaves all rooms, every device is logged out, the name is never free again. User-interactive:
 * `m.login.password`; an application service ends the accounts of its users without. With `erase`, whoever was not in a room at the time
 * sees what the caller has sent there only redacted from now on, and the caller's account data go.
 * 401: the next step of authentication.
 * Source: Client-Server API, "Account deactivation".
 */
export const deactivateAccount = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/account/deactivate',
  auth: 'optional',
  limit: 'login',
  maxBodyBytes: 65_536,
  body: z.looseObject({
    auth: z.optional(authData),
    erase: z._default(z.boolean(), false),
    /** There is no identity server that this server has bound anything to. */
    id_server: z.optional(z.string()),
  }),
  response: z.looseObject({ id_server_unbind_result: z.enum(['success', 'no-support']) }),
})
