import type { UserId } from '#spec/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { creatorsOf } from '#spec/room/auth.ts'
import { asLevel, levelIn, member } from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import type { RoomVersion } from '#spec/room/versions.ts'

/** Client-Server API, "Room Upgrades": what is recommended, in the order in which it is set. Power levels come by themselves. */
export const copiedTypes = [
  'm.room.join_rules',
  'm.room.history_visibility',
  'm.room.guest_access',
  'm.room.server_acl',
  'm.room.encryption',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
] as const

interface Translation {
  readonly from: RoomVersion
  readonly to: RoomVersion
  /** Of the old room. */
  readonly create: RoomEvent
  /** Of the new room, where its version has such. */
  readonly creators: readonly UserId[]
}

const adminLevel = 100
/** What createRoom gives where creators stand above all levels. */
const tombstoneLevel = 150

/** The power levels of the old room in the terms of the version of the new one. */
export function translateLevels(content: JsonObject, { from, to, create, creators }: Translation): JsonObject {
  const levels = to.integerPowerLevels ? asIntegers(from, content) : content
  const users = objectIn(levels, 'users')
  const former = from.privilegedCreators ? creatorsOf(from, create) : []
  if (!to.privilegedCreators) {
    // Those who stood above all levels are listed again.
    const listed = former.map((user) => [user, Math.max(adminLevel, levelIn(to, users, user) ?? 0)] as const)
    return { ...levels, users: { ...users, ...Object.fromEntries(listed) } }
  }
  const others = Object.entries(users).filter(([user]) => !creators.includes(user as UserId))
  const events = objectIn(levels, 'events')
  const stateDefault = levelIn(to, levels, 'state_default') ?? 50
  const isAbove = (levelIn(to, events, 'm.room.tombstone') ?? stateDefault) > stateDefault
  return {
    ...levels,
    users: Object.fromEntries(others),
    ...(!isAbove && { events: { ...events, 'm.room.tombstone': Math.max(tombstoneLevel, stateDefault + 1) } }),
  }
}

const objectIn = (content: JsonObject, key: string): JsonObject => {
  const value = member(content, key)
  return value !== undefined && isJsonObject(value) ? value : {}
}

/** Levels that are written as strings, which old versions let be. */
function asIntegers(from: RoomVersion, content: JsonObject): JsonObject {
  const translate = (value: Json): Json | undefined => {
    if (isJsonObject(value)) return asIntegers(from, value)
    return typeof value === 'string' ? asLevel(from, value) : value
  }
  const entries = Object.entries(content).map(([key, value]) => [key, translate(value)] as const)
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined))
}

/** The highest level that anything takes. */
export function highestLevel(version: RoomVersion, content: JsonObject): number {
  const parts = [content, objectIn(content, 'events')]
  const levels = parts.flatMap((part) => Object.keys(part).map((key) => levelIn(version, part, key) ?? 0))
  return Math.max(adminLevel, ...levels)
}
