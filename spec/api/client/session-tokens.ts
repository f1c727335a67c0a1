import * as z from 'zod/mini'

/** An access token, and what renews it. Client-Server API, "Refreshing access tokens". */
export const accessGrant = z.looseObject({
  access_token: z.string(),
  /** Present where the client said `refresh_token: true`. */
  refresh_token: z.optional(z.string()),
  /** How long the access token lives; without it, until logout. */
  expires_in_ms: z.optional(z.int()),
})

/** The longest display name of a device, in UTF-16 units. Ours: the specification names none. */
export const maxDeviceNameLength = 255

/** A name that a person gives to a device. */
export const deviceName = z.string().check(z.maxLength(maxDeviceNameLength))
