import * as z from 'zod/mini'
import { maxDisplayNameLength } from '#spec/api/client/profile.ts'
import { accessGrant, deviceName } from '#spec/api/client/session-tokens.ts'
import { endpoint } from '#spec/endpoint.ts'
import { deviceId, serverName, userId } from '#spec/ids.ts'

/**
 * GET /_synapse/admin/v1/register
 *
 * A nonce for one registration by shared secret, good for a minute. 404 M_UNRECOGNIZED: this server has no shared secret.
 * Source: Synapse admin API, "Shared-Secret Registration".
 */
export const getRegistrationNonce = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/register',
  auth: 'none',
  limit: 'register',
  response: z.looseObject({ nonce: z.string() }),
})

/**
 * POST /_synapse/admin/v1/register
 *
 * Makes an account for whoever knows the shared secret, also where registration is closed. `mac` is the HMAC-SHA1, in hex and keyed with the
 * secret, of nonce, user name, password and `admin` or `notadmin`, and of the user type where one is given, with U+0000 between them.
 * What a user type means elsewhere it does not mean here: it is only part of what is signed. Any password is taken that is not too long.
 *
 * 400 M_UNKNOWN: the nonce is unknown, used or too old. 403 M_FORBIDDEN: the mac is wrong. 400 M_USER_IN_USE, M_INVALID_USERNAME, M_INVALID_PARAM.
 * 404 M_UNRECOGNIZED: this server has no shared secret.
 * Source: Synapse admin API, "Shared-Secret Registration".
 */
export const registerWithSecret = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v1/register',
  auth: 'none',
  limit: 'register',
  maxBodyBytes: 65_536,
  body: z.looseObject({
    nonce: z.string().check(z.maxLength(255)),
    username: z.string().check(z.maxLength(255)),
    password: z.string().check(z.minLength(1)),
    mac: z.string().check(z.maxLength(255)),
    admin: z.optional(z.boolean()),
    /** The user name, if absent. */
    displayname: z.optional(z.string().check(z.maxLength(maxDisplayNameLength))),
    user_type: z.optional(z.nullable(z.string().check(z.maxLength(255)))),
    device_id: z.optional(deviceId),
    initial_device_display_name: z.optional(deviceName),
    inhibit_login: z.optional(z.boolean()),
    refresh_token: z.optional(z.boolean()),
  }),
  response: z.looseObject({
    user_id: userId,
    home_server: serverName,
    device_id: z.optional(deviceId),
    ...z.partial(accessGrant).shape,
  }),
})
