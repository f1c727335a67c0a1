import * as z from 'zod/mini'
import { deleteDevices, getDevice, updateDevice } from '#spec/api/client/devices.ts'
import { endpoint } from '#spec/endpoint.ts'
import { deviceId, userId } from '#spec/ids.ts'

const ofUser = z.object({ userId })
const ofDevice = z.object({ userId, deviceId })
const nothing = z.looseObject({})

/** A device of somebody. */
export const deviceOfUser = z.looseObject({ ...getDevice.response.shape, user_id: userId })

/**
 * GET /_synapse/admin/v2/users/{userId}/devices
 *
 * The devices of a user. 404: there is no such account.
 * Source: Synapse admin API, "List all devices".
 */
export const getDevicesOfUser = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v2/users/{userId}/devices',
  auth: 'admin',
  limit: 'read',
  params: ofUser,
  response: z.looseObject({ devices: z.array(deviceOfUser), total: z.int() }),
})

/**
 * GET /_synapse/admin/v2/users/{userId}/devices/{deviceId}
 *
 * One device of a user. 404: there is no such device.
 * Source: Synapse admin API, "Show a device".
 */
export const getDeviceOfUser = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v2/users/{userId}/devices/{deviceId}',
  auth: 'admin',
  limit: 'read',
  params: ofDevice,
  response: deviceOfUser,
})

/**
 * PUT /_synapse/admin/v2/users/{userId}/devices/{deviceId}
 *
 * Gives a device of a user a name. 404: there is no such device.
 * Source: Synapse admin API, "Update a device".
 */
export const updateDeviceOfUser = endpoint({
  method: 'PUT',
  path: '/_synapse/admin/v2/users/{userId}/devices/{deviceId}',
  auth: 'admin',
  limit: 'write',
  params: ofDevice,
  body: z.looseObject({ display_name: updateDevice.body!.shape.display_name }),
  response: nothing,
})

/**
 * DELETE /_synapse/admin/v2/users/{userId}/devices/{deviceId}
 *
 * Logs a device of a user out, and deletes it; nothing happens where there is none.
 * Source: Synapse admin API, "Delete a device".
 */
export const deleteDeviceOfUser = endpoint({
  method: 'DELETE',
  path: '/_synapse/admin/v2/users/{userId}/devices/{deviceId}',
  auth: 'admin',
  limit: 'write',
  params: ofDevice,
  response: nothing,
})

/**
 * POST /_synapse/admin/v2/users/{userId}/delete_devices
 *
 * Logs devices of a user out, and deletes them; those that are not there are passed over.
 * Source: Synapse admin API, "Delete multiple devices".
 */
export const deleteDevicesOfUser = endpoint({
  method: 'POST',
  path: '/_synapse/admin/v2/users/{userId}/delete_devices',
  auth: 'admin',
  limit: 'write',
  params: ofUser,
  body: z.looseObject({ devices: deleteDevices.body!.shape.devices }),
  response: nothing,
})
