import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'
import { eventId, roomId } from '#spec/ids.ts'

/**
 * POST /_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}
 *
 * Says how far the caller has read. `m.read` is seen by the room, `m.read.private` by the caller's devices alone; `m.fully_read` moves the read marker.
 * `thread_id` is a thread's root event or `main`; absent, the receipt counts for all threads; 400 M_INVALID_PARAM when empty, or with `m.fully_read`.
 * Source: Client-Server API, "Receipts".
 */
export const sendReceipt = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}',
  auth: 'token',
  limit: 'write',
  params: z.object({ roomId, receiptType: z.enum(['m.read', 'm.read.private', 'm.fully_read']), eventId }),
  body: z.looseObject({ thread_id: z.optional(z.string()) }),
  response: z.looseObject({}),
})

/**
 * POST /_matrix/client/v3/rooms/{roomId}/read_markers
 *
 * Sets the read marker and, in the same call, receipts.
 * Source: Client-Server API, "Fully read markers".
 */
export const setReadMarkers = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/read_markers',
  auth: 'token',
  limit: 'write',
  params: z.object({ roomId }),
  body: z.looseObject({
    'm.fully_read': z.optional(eventId),
    'm.read': z.optional(eventId),
    'm.read.private': z.optional(eventId),
  }),
  response: z.looseObject({}),
})
