import * as z from 'zod/mini'
import { limitedRecord } from '#spec/api/limited-record.ts'
import { pathText } from '#spec/api/path-text.ts'
import { jsonObject } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { roomId } from '#spec/ids.ts'

/** The most keys that one request stores. */
export const maxBackupKeys = 2_000

const text = z.string().check(z.minLength(1), z.maxLength(255))
/** Names a backup. Opaque to clients. */
const version = z.string().check(z.regex(/^[^]{1,64}$/))
const versionQuery = z.looseObject({ version })

/** One session's key, encrypted by the client. Client-Server API, `KeyBackupData`. */
export const keyBackupData = z.looseObject({
  first_message_index: z.int().check(z.gte(0)),
  forwarded_count: z.int().check(z.gte(0)),
  is_verified: z.boolean(),
  session_data: jsonObject,
})
/** The keys of a room, by session. */
export const roomKeyBackup = z.looseObject({ sessions: limitedRecord(text, keyBackupData, maxBackupKeys) })
const keyBackup = z.looseObject({ rooms: limitedRecord(roomId, roomKeyBackup, maxBackupKeys) })

/** How a backup is encrypted. */
const backupFields = {
  algorithm: text,
  auth_data: jsonObject,
}

/** What changes with every change of the keys, and how many there are. */
const standing = z.looseObject({ etag: z.string(), count: z.int() })
const backup = z.looseObject({ ...backupFields, etag: z.string(), count: z.int(), version: z.string() })

const inVersion = z.object({ version: pathText })
const inRoom = z.object({ roomId })
const ofSession = z.object({ roomId, sessionId: pathText })

/**
 * POST /_matrix/client/v3/room_keys/version
 *
 * Begins a new backup, which takes the place of the one before: keys are stored in the newest only.
 * Source: Client-Server API, "Server-side key backups".
 */
export const createBackup = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/room_keys/version',
  auth: 'token',
  limit: 'write',
  json: 'any',
  maxBodyBytes: 65_536,
  body: z.looseObject(backupFields),
  response: z.looseObject({ version: z.string() }),
})

/**
 * GET /_matrix/client/v3/room_keys/version
 *
 * The newest backup. 404: there is none.
 * Source: Client-Server API, "Server-side key backups".
 */
export const getCurrentBackup = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/room_keys/version',
  auth: 'token',
  limit: 'read',
  response: backup,
})

/**
 * GET /_matrix/client/v3/room_keys/version/{version}
 *
 * One backup of the caller. 404: there is no such backup.
 * Source: Client-Server API, "Server-side key backups".
 */
export const getBackup = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/room_keys/version/{version}',
  auth: 'token',
  limit: 'read',
  params: inVersion,
  response: backup,
})

/**
 * PUT /_matrix/client/v3/room_keys/version/{version}
 *
 * Sets `auth_data` of a backup. 400 M_INVALID_PARAM: `algorithm` or `version` are not those of the backup. 404: there is no such backup.
 * Source: Client-Server API, "Server-side key backups".
 */
export const updateBackup = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/room_keys/version/{version}',
  auth: 'token',
  limit: 'write',
  json: 'any',
  maxBodyBytes: 65_536,
  params: inVersion,
  body: z.looseObject({ ...backupFields, version: z.optional(z.string()) }),
  response: z.looseObject({}),
})

/**
 * DELETE /_matrix/client/v3/room_keys/version/{version}
 *
 * Deletes a backup with all of its keys, for ever; answers the same when it is gone already. 404: there was no such backup.
 * Source: Client-Server API, "Server-side key backups".
 */
export const deleteBackup = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/room_keys/version/{version}',
  auth: 'token',
  limit: 'write',
  params: inVersion,
  response: z.looseObject({}),
})

/**
 * PUT /_matrix/client/v3/room_keys/keys
 *
 * Stores keys of any rooms in the newest backup. Of two keys of a session the better one stays: the verified one, or that which begins earlier,
 * or that which was forwarded less often. 403 M_WRONG_ROOM_KEYS_VERSION with `current_version`: this is not the newest backup. 404: there is no backup.
 * Source: Client-Server API, "Server-side key backups".
 */
export const putRoomKeys = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/room_keys/keys',
  auth: 'token',
  limit: 'write',
  json: 'any',
  query: versionQuery,
  body: keyBackup,
  response: standing,
})

/**
 * PUT /_matrix/client/v3/room_keys/keys/{roomId}
 *
 * Stores keys of one room, as `putRoomKeys` does.
 * Source: Client-Server API, "Server-side key backups".
 */
export const putRoomKeysByRoom = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/room_keys/keys/{roomId}',
  auth: 'token',
  limit: 'write',
  json: 'any',
  params: inRoom,
  query: versionQuery,
  body: roomKeyBackup,
  response: standing,
})

/**
 * PUT /_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}
 *
 * Stores one key, as `putRoomKeys` does.
 * Source: Client-Server API, "Server-side key backups".
 */
export const putRoomKeyBySession = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
  auth: 'token',
  limit: 'write',
  json: 'any',
  maxBodyBytes: 65_536,
  params: ofSession,
  query: versionQuery,
  body: keyBackupData,
  response: standing,
})

/**
 * GET /_matrix/client/v3/room_keys/keys
 *
 * All keys of a backup, by room and session. 404: there is no such backup.
 * Source: Client-Server API, "Server-side key backups".
 */
export const getRoomKeys = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/room_keys/keys',
  auth: 'token',
  limit: 'read',
  query: versionQuery,
  response: z.looseObject({
    rooms: z.record(roomId, z.looseObject({ sessions: z.record(z.string(), keyBackupData) })),
  }),
})

/**
 * GET /_matrix/client/v3/room_keys/keys/{roomId}
 *
 * The keys of one room in a backup, by session. 404: there is no such backup.
 * Source: Client-Server API, "Server-side key backups".
 */
export const getRoomKeysByRoom = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/room_keys/keys/{roomId}',
  auth: 'token',
  limit: 'read',
  params: inRoom,
  query: versionQuery,
  response: z.looseObject({ sessions: z.record(z.string(), keyBackupData) }),
})

/**
 * GET /_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}
 *
 * One key of a backup. 404: there is no such key, or no such backup.
 * Source: Client-Server API, "Server-side key backups".
 */
export const getRoomKeyBySession = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
  auth: 'token',
  limit: 'read',
  params: ofSession,
  query: versionQuery,
  response: keyBackupData,
})

/**
 * DELETE /_matrix/client/v3/room_keys/keys
 *
 * Deletes all keys of a backup. 404: there is no such backup.
 * Source: Client-Server API, "Server-side key backups".
 */
export const deleteRoomKeys = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/room_keys/keys',
  auth: 'token',
  limit: 'write',
  query: versionQuery,
  response: standing,
})

/**
 * DELETE /_matrix/client/v3/room_keys/keys/{roomId}
 *
 * Deletes the keys of one room from a backup. 404: there is no such backup.
 * Source: Client-Server API, "Server-side key backups".
 */
export const deleteRoomKeysByRoom = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/room_keys/keys/{roomId}',
  auth: 'token',
  limit: 'write',
  params: inRoom,
  query: versionQuery,
  response: standing,
})

/**
 * DELETE /_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}
 *
 * Deletes one key from a backup. 404: there is no such backup.
 * Source: Client-Server API, "Server-side key backups".
 */
export const deleteRoomKeyBySession = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
  auth: 'token',
  limit: 'write',
  params: ofSession,
  query: versionQuery,
  response: standing,
})
