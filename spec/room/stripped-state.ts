import { MatrixError } from '#spec/errors.ts'
import { isUserId, type RoomId, type UserId } from '#spec/ids.ts'
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { utf8Length } from '#spec/limits.ts'
import type { Crypto } from '#spec/sign.ts'
import type { StateLookup } from './auth.ts'
import { roomVersionIdOf } from './content.ts'
import { fromWire, wireForm, type RoomEvent } from './event.ts'
import { checkEventSize } from './format.ts'
import type { StateNeed } from './needs.ts'
import type { RoomVersion } from './versions.ts'

/*
 * What somebody outside gets to know of a room: who is invited to it, or knocks. Client-Server API, "Stripped state"; Server-Server API,
 * "Inviting to a room", "Knocking upon a room".
 *
 * Clients see it stripped. Between servers it is whole events, so that they can be checked.
 */

/** A state event without what proves it. Client-Server API, "Stripped state". */
export interface StrippedState {
  readonly type: string
  readonly sender: UserId
  readonly state_key: string
  readonly content: JsonObject
}

/** The types that describe a room, all under the empty state key. */
const describingTypes = [
  'm.room.create',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
  'm.room.join_rules',
  'm.room.canonical_alias',
  'm.room.encryption',
]

/** The state that somebody outside is shown: what describes the room, and who it is that invites them. */
export const strippedStateNeeds = (inviter?: UserId): readonly StateNeed[] => [
  ...describingTypes.map((type) => [type, ''] as const),
  ...(inviter === undefined ? [] : [['m.room.member', inviter] as const]),
]

/** A state event as clients outside the room see it. */
export const stripEvent = (event: RoomEvent): StrippedState => ({
  type: event.type,
  sender: event.sender,
  state_key: event.state_key ?? '',
  content: event.content,
})

/** `invite_room_state` and `knock_room_state` for another server: the wire forms of what `state` has of it. */
export const buildRoomState = (version: RoomVersion, state: StateLookup, inviter?: UserId): readonly JsonObject[] =>
  strippedStateNeeds(inviter)
    .map(([type, stateKey]) => state(type, stateKey))
    .filter((event) => event !== undefined)
    .map((event) => wireForm(version, event))

/** One entry of `invite_room_state` or `knock_room_state`, as another server sent it. */
export interface ReceivedState {
  /** What clients may be shown. */
  readonly stripped: StrippedState
  /**
   * The whole event, with its wire form: it must yet be found out whether the servers of `signersOf` signed it, and the entry be left out if not.
   * Absent where only stripped state was sent, which nothing proves.
   */
  readonly whole?: { readonly event: RoomEvent; readonly wire: JsonObject }
}

/**
 * Reads `invite_room_state` or `knock_room_state`, and leaves out what is not to be shown: other types, events in a bad format or of another
 * room, and all but the first entry for each type and state key. At most eight are left, whatever was sent.
 *
 * Stripped state is taken as well, as servers sent it before v1.16; but the create event of version 12 must be whole, since it is what
 * proves the room id. From version 12 on, an invite whose create event is not among what is left is to be refused.
 */
export function readRoomState(
  version: RoomVersion,
  roomId: RoomId,
  entries: Json | undefined,
  crypto: Pick<Crypto, 'sha256'>,
  inviter?: UserId,
): readonly ReceivedState[] {
  if (!Array.isArray(entries)) return []
  const wanted = new Map(strippedStateNeeds(inviter))
  const received: ReceivedState[] = []
  const sent: readonly Json[] = entries
  for (const entry of sent) {
    if (!isJsonObject(entry) || typeof entry['type'] !== 'string') continue
    const stateKey = wanted.get(entry['type'])
    if (stateKey === undefined || entry['state_key'] !== stateKey) continue
    // One try for each, so that a long list of forgeries costs no more than a short one.
    wanted.delete(entry['type'])
    const one = unlessBad(() => readEntry(version, roomId, entry, crypto))
    if (one !== undefined && isOfVersion(version, one.stripped)) received.push(one)
  }
  return received
}

/** A bad entry costs only itself. */
function unlessBad<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof MatrixError) return undefined
    throw error
  }
}

function readEntry(
  version: RoomVersion,
  roomId: RoomId,
  entry: JsonObject,
  crypto: Pick<Crypto, 'sha256'>,
): ReceivedState | undefined {
  if (!Object.hasOwn(entry, 'signatures')) {
    const stripped = version.roomIdIsCreateHash && entry['type'] === 'm.room.create' ? undefined : readStripped(entry)
    return stripped && { stripped }
  }
  const event = fromWire(version, entry, crypto)
  return event.room_id === roomId ? { stripped: stripEvent(event), whole: { event, wire: entry } } : undefined
}

/** Throws M_BAD_JSON or M_TOO_LARGE for content that no event could have. */
function readStripped({ type, sender, state_key: stateKey, content }: JsonObject): StrippedState | undefined {
  if (typeof type !== 'string' || typeof stateKey !== 'string' || !isUserId(sender) || !isJsonObject(content))
    return undefined
  checkEventSize(utf8Length(canonicalJson(content)))
  return { type, sender, state_key: stateKey, content }
}

/** True but for a create event that opens a room of another version. */
const isOfVersion = (version: RoomVersion, state: StrippedState): boolean =>
  state.type !== 'm.room.create' || roomVersionIdOf(state) === version.id
