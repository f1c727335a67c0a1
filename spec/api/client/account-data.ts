import * as z from 'zod/mini'
import { pathText } from '#spec/api/path-text.ts'
import { jsonObject } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { roomId, userId } from '#spec/ids.ts'

/** The largest content of one type, in bytes. Ours: the specification names none. */
export const maxAccountDataBytes = 262_144

const params = z.object({ userId, type: pathText })
const roomParams = z.object({ userId, roomId, type: pathText })

/**
 * GET /_matrix/client/v3/user/{userId}/account_data/{type}
 *
 * What the caller has stored under this type. 404: nothing. 403: another user's id.
 * Source: Client-Server API, "Client Config".
 */
export const getAccountData = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/user/{userId}/account_data/{type}',
  auth: 'token',
  limit: 'read',
  params,
  response: jsonObject,
})

/**
 * PUT /_matrix/client/v3/user/{userId}/account_data/{type}
 *
 * Stores an object under this type; the caller's devices receive it with `/sync`. 403: another user's id.
 * 405 M_BAD_JSON: `m.fully_read` and `m.push_rules` have endpoints of their own. 413 M_TOO_LARGE: more than 256 KiB.
 * Source: Client-Server API, "Client Config".
 */
export const setAccountData = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/user/{userId}/account_data/{type}',
  auth: 'token',
  limit: 'write',
  json: 'any',
  maxBodyBytes: maxAccountDataBytes,
  params,
  body: jsonObject,
  response: z.looseObject({}),
})

/**
 * GET /_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}
 *
 * What the caller has stored under this type for the room. 404: nothing. 403: another user's id.
 * Source: Client-Server API, "Client Config".
 */
export const getRoomAccountData = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}',
  auth: 'token',
  limit: 'read',
  params: roomParams,
  response: jsonObject,
})

/**
 * PUT /_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}
 *
 * Stores an object under this type for the room; the caller's devices receive it with `/sync`. Errors as with `setAccountData`.
 * Source: Client-Server API, "Client Config".
 */
export const setRoomAccountData = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}',
  auth: 'token',
  limit: 'write',
  json: 'any',
  maxBodyBytes: maxAccountDataBytes,
  params: roomParams,
  body: jsonObject,
  response: z.looseObject({}),
})
