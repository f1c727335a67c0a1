import { badJson } from '#spec/errors.ts'
import { isUserId, serverOf, type RoomId, type ServerName, type UserId } from '#spec/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { maxAuthEvents, maxPrevEvents } from '#spec/limits.ts'
import type { EventDraft, EventPlace } from './build.ts'
import { member } from './content.ts'
import { requireEventIds, requireInteger, isRoomIdIn } from './format.ts'
import { requireRoomVersion, type RoomVersion } from './versions.ts'

/*
 * The answers to make_join, make_leave and make_knock: an event of our user, drawn up by a server of the room. Server-Server API,
 * "Joining Rooms", "Leaving Rooms", "Knocking upon a room".
 *
 * Nothing that another server wrote is signed as it came. Where the event stands in the room (`prev_events`, `auth_events`, `depth`) and
 * who of that server authorises a restricted join is taken over, each after a check; the rest is made here anew.
 */

/** What a user of ours asked another server for. */
export interface TemplateRequest {
  readonly roomId: RoomId
  readonly userId: UserId
  readonly membership: 'join' | 'leave' | 'knock'
  /** What the user says beside the membership: `displayname`, `avatar_url`, `reason`. */
  readonly content: JsonObject
  /** The server that was asked. */
  readonly resident: ServerName
  /** The version that an invite named; then an answer that names another is refused. */
  readonly version?: RoomVersion | undefined
}

/** What `buildEvent` makes the event of. */
export interface MemberTemplate {
  readonly version: RoomVersion
  readonly draft: EventDraft
  readonly place: EventPlace
}

/**
 * Reads the answer of another server; `originServerTs` is our own time.
 * Throws M_BAD_JSON if it is not the template that was asked for, M_UNSUPPORTED_ROOM_VERSION if the room has a version that we do not know.
 */
export function readTemplate(answer: Json, asked: TemplateRequest, originServerTs: number): MemberTemplate {
  const template = isJsonObject(answer) ? member(answer, 'event') : undefined
  if (!isJsonObject(answer) || !isJsonObject(template)) throw badJson('The answer has no template of an event')
  const version = versionOf(answer, asked)
  const { roomId, userId, membership } = asked
  // 1. It is what we asked for, or nothing.
  const content = template['content']
  checkEqual(template, { room_id: roomId, sender: userId, state_key: userId, type: 'm.room.member' })
  if (!isJsonObject(content)) throw badJson('The template has no content')
  checkEqual(content, { membership })
  // 2. Its place in the room.
  const depth = requireInteger(template, 'depth', 1)
  const authEvents = requireEventIds(template, 'auth_events', maxAuthEvents)
  const prevEvents = requireEventIds(template, 'prev_events', maxPrevEvents)
  if (prevEvents.length === 0) throw badJson('The template follows no event')
  const heads = prevEvents.map((event_id) => ({ event_id, depth: depth - 1 }))
  // 3. The words are our user's; who authorises the join is not theirs to say.
  const { join_authorised_via_users_server: _authorising, ...said } = asked.content
  const words = { ...said, membership, ...authorisationIn(version, content, asked) }
  return {
    version,
    draft: { type: 'm.room.member', sender: userId, state_key: userId, content: words },
    place: { roomId, heads, authEvents, originServerTs },
  }
}

function versionOf(answer: JsonObject, { roomId, membership, version: expected }: TemplateRequest): RoomVersion {
  // Without a version it is one of the first two, says the specification.
  const id = member(answer, 'room_version') ?? '1'
  if (typeof id !== 'string') throw badJson('room_version is not a string')
  const version = requireRoomVersion(id)
  if (expected !== undefined && version !== expected) throw badJson('The template is of another room version')
  if (!isRoomIdIn(version, roomId)) throw badJson('The room id is not one of this room version')
  if (membership === 'knock' && !version.knocking) throw badJson('Nobody can knock in this room version')
  return version
}

function checkEqual(object: JsonObject, expected: { readonly [key: string]: string }): void {
  for (const [key, value] of Object.entries(expected))
    if (member(object, key) !== value) throw badJson(`The template has another ${key}`)
}

/** Who authorises a restricted join: a user of the server that was asked, which has to sign the event too. */
function authorisationIn(version: RoomVersion, content: JsonObject, asked: TemplateRequest): JsonObject | undefined {
  const user = member(content, 'join_authorised_via_users_server')
  if (user === undefined || asked.membership !== 'join' || !version.restrictedJoins) return undefined
  if (!isUserId(user) || serverOf(user) !== asked.resident)
    throw badJson('The join is authorised by nobody of the server that was asked')
  return { join_authorised_via_users_server: user }
}
