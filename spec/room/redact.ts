import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import type { RoomVersion } from './versions.ts'

/*
 * The redaction algorithm: what of an event survives. Room versions 6 to 12, "Redactions".
 * The same cut is signed and hashed, so a redacted copy proves as much as the whole event.
 */

const keptKeys: ReadonlySet<string> = new Set([
  'event_id',
  'type',
  'room_id',
  'sender',
  'state_key',
  'content',
  'hashes',
  'signatures',
  'depth',
  'prev_events',
  'auth_events',
  'origin_server_ts',
])
const keptUntilVersion10: ReadonlySet<string> = new Set(['prev_state', 'origin', 'membership'])

/** True if redaction keeps this top-level key. */
export const keepsKey = (version: RoomVersion, key: string): boolean =>
  keptKeys.has(key) || (!version.updatedRedaction && keptUntilVersion10.has(key))

/** The wire form of an event as redaction leaves it. What is kept is not copied. */
export function redact(version: RoomVersion, wire: JsonObject): JsonObject {
  const kept = Object.entries(wire).filter(([key]) => keepsKey(version, key))
  const content = wire['content']
  const redacted = redactContent(version, wire['type'], isJsonObject(content) ? content : {})
  return Object.fromEntries(kept.map(([key, value]) => [key, key === 'content' ? redacted : value]))
}

/** The content of an event of this type as redaction leaves it. */
export function redactContent(version: RoomVersion, type: Json | undefined, content: JsonObject): JsonObject {
  if (type === 'm.room.create' && version.updatedRedaction) return content
  const keys = typeof type === 'string' ? keptContentKeys(version, type) : undefined
  if (keys === undefined) return nothing
  const kept: Record<string, Json> = {}
  for (const key of keys) if (Object.hasOwn(content, key)) kept[key] = content[key]!
  if (type === 'm.room.member' && version.updatedRedaction) keepSignedInvite(content, kept)
  return kept
}

const nothing: JsonObject = {}

function keptContentKeys(version: RoomVersion, type: string): readonly string[] | undefined {
  switch (type) {
    case 'm.room.member':
      return version.redactionKeepsAuthorisingUser ? ['membership', 'join_authorised_via_users_server'] : ['membership']
    case 'm.room.create':
      return ['creator']
    case 'm.room.join_rules':
      return version.redactionKeepsAllow ? ['join_rule', 'allow'] : ['join_rule']
    case 'm.room.power_levels':
      return version.updatedRedaction ? [...keptLevels, 'invite'] : keptLevels
    case 'm.room.history_visibility':
      return ['history_visibility']
    case 'm.room.redaction':
      return version.redactsInContent ? ['redacts'] : undefined
    default:
      return undefined
  }
}

const keptLevels = ['ban', 'events', 'events_default', 'kick', 'redact', 'state_default', 'users', 'users_default']

/** Of a third-party invite only `signed` stays. Where it has none, an empty object stays, as the servers in use leave it. */
function keepSignedInvite(content: JsonObject, kept: Record<string, Json>): void {
  const invite = Object.hasOwn(content, 'third_party_invite') ? content['third_party_invite'] : undefined
  if (!isJsonObject(invite)) return
  kept['third_party_invite'] = Object.hasOwn(invite, 'signed') ? { signed: invite['signed']! } : {}
}
