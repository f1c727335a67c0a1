import { isRoomId, type RoomId } from '#spec/ids.ts'
import { isJsonObject, type JsonObject } from '#spec/json.ts'
import {
  allowsGuests,
  canonicalAliasOf,
  encryptionOf,
  historyVisibilityOf,
  joinRuleOf,
  member,
  plainTopicOf,
  roomAvatarOf,
  roomNameOf,
  roomTypeOf,
} from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { stateKeyOf } from '#spec/room/resolve/state-map.ts'
import { fold } from '#node/accounts/fold.ts'
import type { Deps } from '#node/deps.ts'
import type { SummaryRow } from './facts.ts'
import { readPieces, type Room } from './room.ts'

const types = [
  'm.room.create',
  'm.room.name',
  'm.room.topic',
  'm.room.canonical_alias',
  'm.room.avatar',
  'm.room.join_rules',
  'm.room.history_visibility',
  'm.room.guest_access',
  'm.room.encryption',
] as const
const summarised: ReadonlySet<string> = new Set(types)

/** Whether a change of this state changes what a room tells about itself. */
export const isSummarised = ({ type, state_key }: Pick<RoomEvent, 'type' | 'state_key'>): boolean =>
  state_key === '' && summarised.has(type)

/** More conditions than this are not looked at. */
export const mostConditions = 100
/** What searches read of a topic, in characters. */
const searchedTopic = 2_000

/** What a room tells about itself as it is in memory. */
export async function summarise(deps: Deps, room: Room): Promise<SummaryRow> {
  const pieces = await readPieces(
    deps,
    room,
    types.map((type) => [type, ''] as const),
  )
  const piece = (type: (typeof types)[number]) => pieces.get(stateKeyOf(type, ''))
  const [name, topic] = [roomNameOf(piece('m.room.name')), plainTopicOf(piece('m.room.topic'))]
  const alias = canonicalAliasOf(piece('m.room.canonical_alias'))
  const rules = piece('m.room.join_rules')
  return {
    roomId: room.id,
    name: orNull(name),
    topic: orNull(topic),
    canonicalAlias: orNull(alias),
    avatarUrl: orNull(roomAvatarOf(piece('m.room.avatar'))),
    joinRule: joinRuleOf(rules) ?? null,
    allowedRooms: rules ? allowedRoomsOf(rules.content) : [],
    worldReadable: historyVisibilityOf(piece('m.room.history_visibility')) === 'world_readable',
    guestCanJoin: allowsGuests(piece('m.room.guest_access')),
    roomType: orNull(roomTypeOf(piece('m.room.create'))),
    encryption: orNull(encryptionOf(piece('m.room.encryption'))),
    searchText: [name, topic?.slice(0, searchedTopic), alias].map((text) => fold(text ?? '')).join('\n'),
  }
}

/** An empty name, topic or picture is none. */
const orNull = (text: string | undefined): string | null => text || null

/** The rooms whose members may join. Client-Server API, "Restricted rooms". */
export function allowedRoomsOf(content: JsonObject): RoomId[] {
  const allow = member(content, 'allow')
  if (!Array.isArray(allow)) return []
  return allow
    .slice(0, mostConditions)
    .flatMap((entry) => (isJsonObject(entry) && entry['type'] === 'm.room_membership' ? [entry['room_id']] : []))
    .filter(isRoomId)
}
