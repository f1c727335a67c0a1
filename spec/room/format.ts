import { badJson, MatrixError } from '#spec/errors.ts'
import { isHashEventId, isHashRoomId, isRoomId, isUserId, type EventId } from '#spec/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import {
  isLongerThan,
  maxAuthEvents,
  maxDepth,
  maxEventBytes,
  maxIdBytes,
  maxKeyBytes,
  maxPrevEvents,
} from '#spec/limits.ts'
import type { RoomVersion } from './versions.ts'

/*
 * The event format of room versions 6 to 12, and the sizes of events. What breaks it is dropped, not rejected:
 * it is not an event of the room. Content is not looked at: only the auth rules judge it.
 */

/**
 * Throws M_BAD_JSON if a wire form breaks the event format of the room version, M_TOO_LARGE if a key is too long.
 * That the whole is canonical, and not larger than 65,536 bytes, is seen by who encodes it.
 */
export function checkFormat(version: RoomVersion, json: JsonObject): void {
  checkString(json, 'type', maxKeyBytes)
  checkString(json, 'sender', maxIdBytes)
  if (!isUserId(json['sender'])) throw badJson('sender is not a user id')
  if (json['state_key'] !== undefined) checkString(json, 'state_key', maxKeyBytes)
  if (!isJsonObject(json['content'])) throw badJson('content is not an object')
  requireInteger(json, 'depth', 0)
  requireInteger(json, 'origin_server_ts', -maxDepth)
  requireEventIds(json, 'prev_events', maxPrevEvents)
  requireEventIds(json, 'auth_events', maxAuthEvents)
  checkHashes(json['hashes'])
  checkSignatures(json['signatures'])
  checkRoomId(version, json)
  // Its id is its hash. One that it brings along could only pass for another event.
  if (json['event_id'] !== undefined) throw badJson('An event does not state its own id')
  if (!version.redactsInContent && json['redacts'] !== undefined) checkString(json, 'redacts', maxIdBytes)
}

/** Throws M_TOO_LARGE if a type or state key is longer than 255 bytes. */
export function checkKeySizes(type: string, stateKey: string | undefined): void {
  if (isLongerThan(type, maxKeyBytes)) throw tooLarge('type', maxKeyBytes)
  if (stateKey !== undefined && isLongerThan(stateKey, maxKeyBytes)) throw tooLarge('state_key', maxKeyBytes)
}

/** Throws M_TOO_LARGE if an event of so many bytes is too large. */
export function checkEventSize(bytes: number): void {
  if (bytes > maxEventBytes) throw tooLarge('Event', maxEventBytes)
}

/** True for the id that a room of this version can have: until version 11 it names a server, from 12 on it is a hash. */
export const isRoomIdIn = (version: RoomVersion, roomId: Json | undefined): boolean =>
  version.roomIdIsCreateHash ? isHashRoomId(roomId) : isRoomId(roomId) && !isHashRoomId(roomId)

/** A list of at most so many event ids. Throws M_BAD_JSON if the key holds something else. */
export function requireEventIds(json: JsonObject, key: string, most: number): readonly EventId[] {
  const value: Json | undefined = json[key]
  if (!Array.isArray(value) || value.length > most) throw badJson(`${key} is not a list of at most ${most} events`)
  const ids: readonly Json[] = value
  if (!ids.every(isHashEventId)) throw badJson(`${key} has something that is not an event id`)
  return ids
}

/** An integer that is not smaller than `least`, nor larger than 2^53 - 1. Throws M_BAD_JSON if the key holds something else. */
export function requireInteger(json: JsonObject, key: string, least: number): number {
  const value = json[key]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least)
    throw badJson(`${key} is not an integer from ${least} to ${maxDepth}`)
  return value
}

const tooLarge = (what: string, limit: number): MatrixError =>
  new MatrixError('M_TOO_LARGE', `${what} is larger than ${limit} bytes`)

function checkString(json: JsonObject, key: string, maxBytes: number): void {
  const value = json[key]
  if (typeof value !== 'string') throw badJson(`${key} is not a string`)
  if (isLongerThan(value, maxBytes)) throw tooLarge(key, maxBytes)
}

function checkHashes(hashes: Json | undefined): void {
  if (!isJsonObject(hashes) || typeof hashes['sha256'] !== 'string') throw badJson('hashes has no sha256')
}

function checkSignatures(signatures: Json | undefined): void {
  if (!isJsonObject(signatures)) throw badJson('signatures is not an object')
  for (const keys of Object.values(signatures)) {
    const texts = isJsonObject(keys) && Object.values(keys).every((signature) => typeof signature === 'string')
    if (!texts) throw badJson('signatures has something that is not a signature')
  }
}

function checkRoomId(version: RoomVersion, json: JsonObject): void {
  const roomId = json['room_id']
  if (version.roomIdIsCreateHash && json['type'] === 'm.room.create') {
    // Rule 1.2 of version 12 says the same; here the event is not even stored.
    if (roomId !== undefined) throw badJson('A create event has no room_id')
  } else if (!isRoomIdIn(version, roomId)) throw badJson('room_id is not a room id of this room version')
}
