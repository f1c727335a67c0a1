import { isEventId, isUserId, type EventId, type UserId } from '#spec/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import type { RoomEvent } from './event.ts'
import type { RoomVersion } from './versions.ts'

/*
 * Getters for the content of events that anybody may have sent: a value of the right type, or nothing. They never throw.
 */

type WithContent = Pick<RoomEvent, 'content'>

/** `membership` of m.room.member. */
export type Membership = 'join' | 'invite' | 'leave' | 'ban' | 'knock'
/** `join_rule` of m.room.join_rules. */
export type JoinRule = 'public' | 'invite' | 'knock' | 'restricted' | 'knock_restricted' | 'private'
/** `history_visibility` of m.room.history_visibility. */
export type HistoryVisibility = 'world_readable' | 'shared' | 'invited' | 'joined'

const memberships: ReadonlySet<unknown> = new Set(['join', 'invite', 'leave', 'ban', 'knock'])
const joinRules: ReadonlySet<unknown> = new Set([
  'public',
  'invite',
  'knock',
  'restricted',
  'knock_restricted',
  'private',
])
const visibilities: ReadonlySet<unknown> = new Set(['world_readable', 'shared', 'invited', 'joined'])

/** A member of an object that is its own, whatever it is. */
export const member = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** A member of the content that is a string. */
export function stringIn(event: WithContent | undefined, key: string): string | undefined {
  const value = event && member(event.content, key)
  return typeof value === 'string' ? value : undefined
}

/** The membership that a member event sets; nothing for no event or an unknown value. */
export function membershipOf(event: WithContent | undefined): Membership | undefined {
  const value = event?.content['membership']
  return memberships.has(value) ? (value as Membership) : undefined
}

/** The join rule; nothing for an unknown one. */
export function joinRuleOf(event: WithContent | undefined): JoinRule | undefined {
  const value = event?.content['join_rule']
  return joinRules.has(value) ? (value as JoinRule) : undefined
}

/** The history visibility; `shared` where none is set or the value is not understood. Client-Server API, "Room history visibility". */
export function historyVisibilityOf(event: WithContent | undefined): HistoryVisibility {
  const value = event?.content['history_visibility']
  return visibilities.has(value) ? (value as HistoryVisibility) : 'shared'
}

/** True if guests may join. */
export const allowsGuests = (event: WithContent | undefined): boolean => stringIn(event, 'guest_access') === 'can_join'
/** The user whose server vouches for a restricted join. */
export const authorisingUserOf = (event: WithContent): UserId | undefined =>
  userIdIn(event, 'join_authorised_via_users_server')
/** `displayname` of a member event. */
export const displayNameOf = (event: WithContent | undefined): string | undefined => stringIn(event, 'displayname')
/** `avatar_url` of a member event. */
export const avatarUrlOf = (event: WithContent | undefined): string | undefined => stringIn(event, 'avatar_url')
/** `name` of m.room.name. */
export const roomNameOf = (event: WithContent | undefined): string | undefined => stringIn(event, 'name')
/** `topic` of m.room.topic. */
export const topicOf = (event: WithContent | undefined): string | undefined => stringIn(event, 'topic')
/** The plain text of m.room.topic: the first of that kind in `m.topic`, or `topic`. Client-Server API, "m.room.topic". */
export function plainTopicOf(event: WithContent | undefined): string | undefined {
  const rich = event && member(event.content, 'm.topic')
  const texts = rich !== undefined && isJsonObject(rich) ? member(rich, 'm.text') : undefined
  const forms = Array.isArray(texts) ? texts.filter(isJsonObject) : []
  const plain = forms.find((form) => (member(form, 'mimetype') ?? 'text/plain') === 'text/plain')?.['body']
  return typeof plain === 'string' ? plain : topicOf(event)
}
/** `url` of m.room.avatar. */
export const roomAvatarOf = (event: WithContent | undefined): string | undefined => stringIn(event, 'url')
/** `alias` of m.room.canonical_alias. */
export const canonicalAliasOf = (event: WithContent | undefined): string | undefined => stringIn(event, 'alias')
/** `algorithm` of m.room.encryption: the room is encrypted if there is one. */
export const encryptionOf = (event: WithContent | undefined): string | undefined => stringIn(event, 'algorithm')
/** `type` of m.room.create: `m.space`, or nothing for an ordinary room. */
export const roomTypeOf = (event: WithContent | undefined): string | undefined => stringIn(event, 'type')
/** `replacement_room` of m.room.tombstone. */
export const replacementRoomOf = (event: WithContent | undefined): string | undefined =>
  stringIn(event, 'replacement_room')
/** The version that a create event opens its room in; absent means `1`. */
export const roomVersionIdOf = (create: WithContent): string => stringIn(create, 'room_version') ?? '1'

function userIdIn(event: WithContent, key: string): UserId | undefined {
  const value = member(event.content, key)
  return isUserId(value) ? value : undefined
}

/** The event that a redaction is about: in the content from version 11 on, on top before. */
export function redactionTargetOf(version: RoomVersion, event: RoomEvent): EventId | undefined {
  if (event.type !== 'm.room.redaction') return undefined
  const value = version.redactsInContent ? member(event.content, 'redacts') : event.redacts
  return isEventId(value) ? value : undefined
}

/** `users`, `events` or `notifications` of power levels: key, level. */
export type Levels = ReadonlyMap<string, number>

/** What m.room.power_levels sets; a field that is absent, or is no level in this room version, is `undefined`. */
export interface PowerLevels {
  readonly ban: number | undefined
  readonly events_default: number | undefined
  readonly invite: number | undefined
  readonly kick: number | undefined
  readonly redact: number | undefined
  readonly state_default: number | undefined
  readonly users_default: number | undefined
  readonly events: Levels
  readonly users: Levels
  readonly notifications: Levels
}

/** The power levels that an event sets; nothing for no event. For one level, `levelIn` is quicker. */
export function powerLevelsOf(version: RoomVersion, event: WithContent | undefined): PowerLevels | undefined {
  if (event === undefined) return undefined
  const level = (key: string): number | undefined => levelIn(version, event.content, key)
  return {
    ban: level('ban'),
    events_default: level('events_default'),
    invite: level('invite'),
    kick: level('kick'),
    redact: level('redact'),
    state_default: level('state_default'),
    users_default: level('users_default'),
    events: levelsIn(version, event.content, 'events'),
    users: levelsIn(version, event.content, 'users'),
    notifications: levelsIn(version, event.content, 'notifications'),
  }
}

function levelsIn(version: RoomVersion, content: JsonObject, key: string): Levels {
  const levels = new Map<string, number>()
  const object = member(content, key)
  if (!isJsonObject(object)) return levels
  for (const [name, value] of Object.entries(object)) {
    const level = asLevel(version, value)
    if (level !== undefined) levels.set(name, level)
  }
  return levels
}

/** One level of an object; nothing if it is absent or none. */
export const levelIn = (version: RoomVersion, object: Json | undefined, key: string): number | undefined =>
  isJsonObject(object) ? asLevel(version, member(object, key)) : undefined

/**
 * A power level: an integer, and until version 9 also a string that holds one. Room version 1, "m.room.power_levels events accept
 * values as strings".
 */
export function asLevel(version: RoomVersion, value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  if (version.integerPowerLevels || typeof value !== 'string' || !/^\s*[+-]?[0-9]+\s*$/.test(value)) return undefined
  const level = Number(value)
  return Number.isSafeInteger(level) ? level : undefined
}
