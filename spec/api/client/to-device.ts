import * as z from 'zod/mini'
import { limitedRecord } from '#spec/api/limited-record.ts'
import { pathText } from '#spec/api/path-text.ts'
import { jsonObject } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { userId } from '#spec/ids.ts'

/** The largest content of one message, in bytes of JSON. Ours: as large as an event may be. */
export const maxToDeviceBytes = 65_536
/** The most devices that one request reaches. */
export const maxRecipients = 5_000

/**
 * PUT /_matrix/client/v3/sendToDevice/{eventType}/{txnId}
 *
 * Sends messages to devices: by user and device id, or `*` for all devices of a user. Devices that do not exist are passed over. The same
 * transaction id from the same device sends nothing a second time.
 * 413 M_TOO_LARGE: a content of more than 64 KiB, or more than 5,000 devices.
 * Source: Client-Server API, "Send-to-Device messaging".
 */
export const sendToDevice = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/sendToDevice/{eventType}/{txnId}',
  auth: 'token',
  limit: 'send',
  json: 'any',
  params: z.object({ eventType: pathText, txnId: pathText }),
  body: z.looseObject({
    messages: limitedRecord(userId, limitedRecord(z.string(), jsonObject, maxRecipients), maxRecipients),
  }),
  response: z.looseObject({}),
})
