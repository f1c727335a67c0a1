import * as z from 'zod/mini'
import { pathText } from '#spec/api/path-text.ts'
import { endpoint } from '#spec/endpoint.ts'
import { userId } from '#spec/ids.ts'

/** The longest display name, in UTF-16 units. Ours: the specification names none. */
export const maxDisplayNameLength = 256
/** The longest avatar URL, in UTF-16 units. Ours. */
export const maxAvatarUrlLength = 1_000
/** The largest profile, as JSON in bytes. Client-Server API, "Profiles". */
export const maxProfileBytes = 65_536

const fieldParams = z.object({
  userId,
  /** `displayname`, `avatar_url`, `m.tz`, or a name of one's own with a dot in it. */
  keyName: pathText,
})

/** What people see of a user. Fields beyond these may hold any JSON. */
export const profile = z.looseObject({
  displayname: z.optional(z.string()),
  /** An `mxc://` URI. */
  avatar_url: z.optional(z.string()),
  /** A name of the IANA time zone database. */
  'm.tz': z.optional(z.string()),
})

/**
 * GET /_matrix/client/v3/profile/{userId}
 *
 * The whole profile of a user. 404: no such user.
 * Source: Client-Server API, "Profiles".
 */
export const getProfile = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/profile/{userId}',
  auth: 'none',
  limit: 'read',
  params: z.object({ userId }),
  response: profile,
})

/**
 * GET /_matrix/client/v3/profile/{userId}/{keyName}
 *
 * One field of a profile, in an object under its own name. 404: no such user, or the field is not set.
 * Source: Client-Server API, "Profiles".
 */
export const getProfileField = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/profile/{userId}/{keyName}',
  auth: 'none',
  limit: 'read',
  params: fieldParams,
  response: z.looseObject({}),
})

/**
 * PUT /_matrix/client/v3/profile/{userId}/{keyName}
 *
 * Sets one field of the caller's profile; the body holds it under its own name. An empty `displayname` or `avatar_url` removes the field.
 * A new name or picture also goes into the caller's membership of every joined room.
 *
 * 403: another user's profile. 400 M_MISSING_PARAM: the body lacks the field. 400 M_INVALID_PARAM: not a name or a value that is allowed.
 * 400 M_KEY_TOO_LARGE: the field's name is longer than 255 bytes. 400 M_PROFILE_TOO_LARGE: the profile would pass 64 KiB.
 * Source: Client-Server API, "Profiles".
 */
export const setProfileField = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/profile/{userId}/{keyName}',
  auth: 'token',
  limit: 'write',
  json: 'any',
  maxBodyBytes: 131_072,
  params: fieldParams,
  body: z.looseObject({}),
  response: z.looseObject({}),
})

/**
 * DELETE /_matrix/client/v3/profile/{userId}/{keyName}
 *
 * Removes one field of the caller's profile; answers the same when it is not set. 403: another user's profile.
 * Source: Client-Server API, "Profiles".
 */
export const deleteProfileField = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/profile/{userId}/{keyName}',
  auth: 'token',
  limit: 'write',
  params: fieldParams,
  response: z.looseObject({}),
})
