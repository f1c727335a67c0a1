import * as z from 'zod/mini'
import { keyUpload } from '#spec/api/client/keys.ts'
import { deviceName } from '#spec/api/client/session-tokens.ts'
import { pathText } from '#spec/api/path-text.ts'
import { jsonObject } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { deviceId, userId } from '#spec/ids.ts'

/*
 * A device that nobody is logged in with: it receives messages while its owner has no other device, and the owner's next device opens it.
 * Proposal MSC3814, at its unstable paths.
 */

const ownParams = z.object({ deviceId: pathText })
const messages = z.array(z.looseObject({ type: z.string(), sender: userId, content: jsonObject }))

/**
 * PUT /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device
 *
 * Stores the caller's dehydrated device with its keys; `device_data` is its secret part, encrypted. It takes the place of the one before, and
 * what was sent to that one goes. 400 M_INVALID_PARAM: the id is that of a device with a session; further errors as with `uploadKeys`.
 * Source: MSC3814.
 */
export const putDehydratedDevice = endpoint({
  method: 'PUT',
  path: '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device',
  auth: 'token',
  limit: 'write',
  body: z.looseObject({
    device_id: deviceId,
    device_data: jsonObject,
    initial_device_display_name: z.optional(deviceName),
    ...keyUpload,
    device_keys: z.nonoptional(keyUpload.device_keys),
  }),
  response: z.looseObject({ device_id: deviceId }),
})

/**
 * GET /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device
 *
 * The caller's dehydrated device. 404: there is none.
 * Source: MSC3814.
 */
export const getDehydratedDevice = endpoint({
  method: 'GET',
  path: '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device',
  auth: 'token',
  limit: 'read',
  response: z.looseObject({ device_id: deviceId, device_data: jsonObject }),
})

/**
 * DELETE /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device
 *
 * Deletes the caller's dehydrated device, with its keys and all that was sent to it. 404: there is none.
 * Source: MSC3814.
 */
export const deleteDehydratedDevice = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device',
  auth: 'token',
  limit: 'write',
  response: z.looseObject({ device_id: deviceId }),
})

/**
 * POST /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events
 *
 * What was sent to the caller's dehydrated device, a page at a time: `next_batch` of a page asks for the next one, until one is empty. Reading
 * takes nothing away. 404: there is no such device. 403: the device has a session.
 * Source: MSC3814.
 */
export const postDehydratedEvents = endpoint({
  method: 'POST',
  path: '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events',
  auth: 'token',
  limit: 'read',
  params: ownParams,
  body: z.looseObject({ next_batch: z.optional(z.string()) }),
  response: z.looseObject({ events: messages, next_batch: z.string() }),
})

/**
 * GET /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events
 *
 * The same as `postDehydratedEvents`, as the proposal has it now: `from` is the `next_batch` of the page before, and the last page has none.
 * Source: MSC3814.
 */
export const getDehydratedEvents = endpoint({
  method: 'GET',
  path: '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events',
  auth: 'token',
  limit: 'read',
  params: ownParams,
  query: z.looseObject({ from: z.optional(z.string()) }),
  response: z.looseObject({ events: messages, next_batch: z.optional(z.string()) }),
})
