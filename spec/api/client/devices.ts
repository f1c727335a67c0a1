import * as z from 'zod/mini'
import { authData } from '#spec/api/client/interactive-auth.ts'
import { deviceName } from '#spec/api/client/session-tokens.ts'
import { pathText } from '#spec/api/path-text.ts'
import { endpoint } from '#spec/endpoint.ts'
import { deviceId, userId } from '#spec/ids.ts'

const deviceParams = z.object({ deviceId: pathText })

/** One login of a user. Client-Server API, "Device Management". */
export const clientDevice = z.looseObject({
  device_id: deviceId,
  user_id: z.optional(userId),
  display_name: z.optional(z.string()),
  /** The address that the device was last seen at. */
  last_seen_ip: z.optional(z.string()),
  /** When that was, in ms since the Unix epoch; up to a minute late. */
  last_seen_ts: z.optional(z.int()),
})

/**
 * GET /_matrix/client/v3/devices
 *
 * The caller's devices.
 * Source: Client-Server API, "Device Management".
 */
export const getDevices = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/devices',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({ devices: z.array(clientDevice) }),
})

/**
 * GET /_matrix/client/v3/devices/{deviceId}
 *
 * One of the caller's devices. 404: the caller has no such device.
 * Source: Client-Server API, "Device Management".
 */
export const getDevice = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/devices/{deviceId}',
  auth: 'token',
  limit: 'read',
  params: deviceParams,
  response: clientDevice,
})

/**
 * PUT /_matrix/client/v3/devices/{deviceId}
 *
 * Names one of the caller's devices. 404: the caller has no such device. An application service makes one that its user does not have yet, which
 * is answered with 201.
 * Source: Client-Server API, "Device Management".
 */
export const updateDevice = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/devices/{deviceId}',
  auth: 'token',
  limit: 'write',
  params: deviceParams,
  body: z.looseObject({ display_name: z.optional(deviceName) }),
  response: z.looseObject({}),
})

/**
 * DELETE /_matrix/client/v3/devices/{deviceId}
 *
 * Logs out one of the caller's devices and deletes it; answers the same when it is gone already. User-interactive: `m.login.password`.
 * 401: the next step of authentication.
 * Source: Client-Server API, "Device Management".
 */
export const deleteDevice = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/devices/{deviceId}',
  auth: 'token',
  limit: 'write',
  maxBodyBytes: 65_536,
  params: deviceParams,
  body: z.looseObject({ auth: z.optional(authData) }),
  response: z.looseObject({}),
})

/**
 * POST /_matrix/client/v3/delete_devices
 *
 * Logs out several of the caller's devices and deletes them; those that are gone already are passed over. User-interactive: `m.login.password`.
 * 401: the next step of authentication.
 * Source: Client-Server API, "Device Management".
 */
export const deleteDevices = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/delete_devices',
  auth: 'token',
  limit: 'write',
  maxBodyBytes: 65_536,
  body: z.looseObject({ devices: z.array(z.string()).check(z.maxLength(1000)), auth: z.optional(authData) }),
  response: z.looseObject({}),
})
