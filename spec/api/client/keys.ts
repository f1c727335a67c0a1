import * as z from 'zod/mini'
import { authData } from '#spec/api/client/interactive-auth.ts'
import { limitedRecord } from '#spec/api/limited-record.ts'
import { jsonObject } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { userId, type UserId } from '#spec/ids.ts'
import { isJsonObject, type JsonObject } from '#spec/json.ts'

/** The largest key object, in bytes of JSON. Ours: keys of today have a few hundred. */
export const maxKeyObjectBytes = 16_384
/** The most people that one request asks about. */
export const maxQueriedUsers = 5_000
const maxDevices = 1_000

const shortText = z.string().check(z.maxLength(255))
/** Signatures of an object: user, key id, signature. Appendices, "Signing JSON". */
const signatures = z.record(z.string(), z.record(z.string(), z.string()))
/** `algorithm:name`. */
const keyId = z.string().check(z.regex(/^[^:]{1,64}:[^]{1,255}$/))

/** The identity keys of a device, signed by itself. Client-Server API, `DeviceKeys`. */
export const deviceKeys = z.looseObject({
  user_id: userId,
  device_id: shortText,
  algorithms: z.array(shortText).check(z.maxLength(20)),
  keys: limitedRecord(keyId, shortText, 20),
  signatures,
})

/** A key of cross-signing. Client-Server API, `CrossSigningKey`. */
export const crossSigningKey = z.looseObject({
  user_id: userId,
  usage: z.array(z.enum(['master', 'self_signing', 'user_signing'])).check(z.minLength(1), z.maxLength(3)),
  keys: limitedRecord(keyId, shortText, 1),
  signatures: z.optional(signatures),
})

/** A one-time or fallback key: the bare key, or a signed object. Client-Server API, "Key algorithms". */
export type OneTimeKey = string | JsonObject

function isOneTimeKey(value: unknown): value is OneTimeKey {
  if (typeof value === 'string') return value !== '' && value.length <= maxKeyObjectBytes
  if (!isJsonObject(value)) return false
  return typeof value['key'] === 'string' && isJsonObject(value['signatures'])
}

const oneTimeKey = z.custom<OneTimeKey>(isOneTimeKey, 'expected a key')

/** How many one-time keys of each algorithm nobody has claimed. */
const counts = z.record(z.string(), z.int())
const failures = z.record(z.string(), jsonObject)

/** What a device publishes: its identity, one-time keys, and keys for when those are used up. */
export const keyUpload = {
  device_keys: z.optional(deviceKeys),
  one_time_keys: z.optional(limitedRecord(keyId, oneTimeKey, 500)),
  fallback_keys: z.optional(limitedRecord(keyId, oneTimeKey, 20)),
}

/**
 * POST /_matrix/client/v3/keys/upload
 *
 * Publishes keys of the calling device. A one-time key that is there already, or was and has been claimed, may be sent again if it is the same.
 * 400 M_INVALID_PARAM: another key under the same id, keys of another user or device, more one-time keys than are kept.
 * 400 M_INVALID_SIGNATURE: the device keys are not signed by the device.
 * Source: Client-Server API, "End-to-End Encryption".
 */
export const uploadKeys = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/keys/upload',
  auth: 'token',
  limit: 'write',
  body: z.looseObject(keyUpload),
  response: z.looseObject({ one_time_key_counts: counts }),
})

/**
 * POST /_matrix/client/v3/keys/query
 *
 * The devices and the keys of cross-signing of some users; for each user the wanted devices, or all if none is named. `timeout`, in ms, is for
 * other servers: those that did not answer are in `failures`. User-signing keys are shown to their owner only.
 * Source: Client-Server API, "End-to-End Encryption".
 */
export const queryKeys = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/keys/query',
  auth: 'token',
  limit: 'read',
  body: z.looseObject({
    timeout: z.optional(z.int().check(z.gte(0))),
    device_keys: limitedRecord(userId, z.array(z.string()).check(z.maxLength(maxDevices)), maxQueriedUsers),
  }),
  response: z.looseObject({
    failures: z.optional(failures),
    device_keys: z.optional(z.record(userId, z.record(z.string(), deviceKeys))),
    master_keys: z.optional(z.record(userId, crossSigningKey)),
    self_signing_keys: z.optional(z.record(userId, crossSigningKey)),
    user_signing_keys: z.optional(z.record(userId, crossSigningKey)),
  }),
})

/**
 * POST /_matrix/client/v3/keys/claim
 *
 * Takes one key of each device that is named, of the algorithm that is named: the oldest one-time key, which is given to nobody else, or the
 * fallback key when there are no more. `timeout`, in ms, is for other servers: those that did not answer are in `failures`.
 * Source: Client-Server API, "End-to-End Encryption".
 */
export const claimKeys = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/keys/claim',
  auth: 'token',
  limit: 'write',
  body: z.looseObject({
    timeout: z.optional(z.int().check(z.gte(0))),
    one_time_keys: limitedRecord(userId, limitedRecord(z.string(), shortText, maxDevices), maxQueriedUsers),
  }),
  response: z.looseObject({
    failures: z.optional(failures),
    one_time_keys: z.record(userId, z.record(z.string(), z.record(z.string(), oneTimeKey))),
  }),
})

/**
 * GET /_matrix/client/v3/keys/changes
 *
 * Whose devices or keys of cross-signing changed since the token `from`, of those who share a room with the caller, and who shares no room
 * with the caller any more. `to` is the token that the caller has come to; changes after it are told as well.
 * Source: Client-Server API, "End-to-End Encryption".
 */
export const getKeyChanges = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/keys/changes',
  auth: 'token',
  limit: 'read',
  query: z.looseObject({ from: z.string(), to: z.string() }),
  response: z.looseObject({ changed: z.array(userId), left: z.array(userId) }),
})

/**
 * POST /_matrix/client/v3/keys/device_signing/upload
 *
 * Publishes the caller's keys of cross-signing. User-interactive (`m.login.password`) where it would replace a key; the first keys, and the
 * same keys again, need no proof.
 * 400 M_INVALID_SIGNATURE: a key is not signed by the master key. 400 M_MISSING_PARAM: there is no master key. 400 M_INVALID_PARAM: a key is not
 * what it must be. 403: a key is called like a device of the caller. 401: the next step of authentication.
 * Source: Client-Server API, "End-to-End Encryption".
 */
export const uploadSigningKeys = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/keys/device_signing/upload',
  auth: 'token',
  limit: 'write',
  maxBodyBytes: 131_072,
  body: z.looseObject({
    master_key: z.optional(crossSigningKey),
    self_signing_key: z.optional(crossSigningKey),
    user_signing_key: z.optional(crossSigningKey),
    auth: z.optional(authData),
  }),
  response: z.looseObject({}),
})

/** Signed objects by owner, and by device id or public key. */
export type SignedObjects = Readonly<Record<UserId, Readonly<Record<string, JsonObject>>>>

/**
 * POST /_matrix/client/v3/keys/signatures/upload
 *
 * Publishes signatures: of the caller's self-signing key on own devices, of own devices on the own master key, of the caller's user-signing
 * key on other users' master keys. What could not be taken is in `failures`, by user and key, each with an errcode: M_INVALID_SIGNATURE,
 * M_NOT_FOUND, M_INVALID_PARAM.
 * Source: Client-Server API, "End-to-End Encryption".
 */
export const uploadSignatures = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/keys/signatures/upload',
  auth: 'token',
  limit: 'write',
  body: limitedRecord(userId, limitedRecord(shortText, jsonObject, 500), 500),
  response: z.looseObject({ failures: z.optional(z.record(userId, z.record(z.string(), jsonObject))) }),
})
