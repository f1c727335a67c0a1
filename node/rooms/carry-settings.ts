import { isRoomId, type RoomId, type UserId } from '#spec/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { member, replacementRoomOf } from '#spec/room/content.ts'
import { accountDataKind } from '#node/accounts/account-data.ts'
import { readAccountData } from '#node/accounts/store.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { write, type Write } from '#node/stream/commit.ts'
import { readPiece, type Room } from './room.ts'
import * as store from './store.ts'

/*
 * What people have set for a room goes along when they join the one that stands in for it. Client-Server API, "Room Upgrades".
 */

/** A room that was replaced, and by which. */
export interface Replacement {
  readonly from: RoomId
  readonly to: RoomId
}

type Listener = (userId: UserId, replacement: Replacement) => Promise<void>

const listenersOf = perNode(() => new Set<Listener>())

/** Calls `listener` after somebody has come from a room into the one that stands in for it. The answer ends it. */
export function onReplacementJoined(deps: Deps, listener: Listener): () => void {
  const listeners = listenersOf(deps)
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export async function tellOfReplacement(deps: Deps, userId: UserId, replacement: Replacement): Promise<void> {
  for (const listener of [...listenersOf(deps)]) await listener(userId, replacement)
}

/** The room that somebody comes from when they join this one: both rooms say so, and they were in it. */
export async function replacementFor(deps: Deps, room: Room, userId: UserId): Promise<Replacement | undefined> {
  const from = predecessorIn(await readPiece(deps, room, 'm.room.create', ''))
  if (from === undefined || from === room.id) return undefined
  const [own, tombstone] = await Promise.all([
    store.readMember(deps.sql, from, userId),
    store.readStateEventAt(deps.sql, from, 'm.room.tombstone', '', deps.stream.head),
  ])
  if (own === undefined || own.forgotten || tombstone === undefined) return undefined
  const content = JSON.parse(tombstone.content) as JsonObject
  return replacementRoomOf({ content }) === room.id ? { from, to: room.id } : undefined
}

function predecessorIn(create: { content: JsonObject } | undefined): RoomId | undefined {
  const named = create && member(create.content, 'predecessor')
  const roomId = named !== undefined && isJsonObject(named) ? member(named, 'room_id') : undefined
  return isRoomId(roomId) ? roomId : undefined
}

/** Tags, and being a direct chat. What is set for the new room already stays. */
export async function settingsToCarry(deps: Deps, userId: UserId, { from, to }: Replacement): Promise<Write[]> {
  const read = (type: string, roomId: RoomId | '') => readAccountData(deps.sql, { userId, roomId, type })
  const [tags, present, direct] = await Promise.all([read('m.tag', from), read('m.tag', to), read('m.direct', '')])
  const chats = direct === undefined ? undefined : withChat(JSON.parse(direct) as JsonObject, from, to)
  return [
    ...(tags !== undefined && present === undefined
      ? [write(accountDataKind, { userId, roomId: to, type: 'm.tag', content: tags })]
      : []),
    ...(chats
      ? [write(accountDataKind, { userId, roomId: '', type: 'm.direct', content: JSON.stringify(chats) })]
      : []),
  ]
}

/** Direct chats with the new room wherever the old one stands; nothing if nothing changes. */
function withChat(direct: JsonObject, from: RoomId, to: RoomId): JsonObject | undefined {
  let isChanged = false
  const rooms = (list: Json): Json => {
    if (!Array.isArray(list) || !list.includes(from) || list.includes(to)) return list
    isChanged = true
    return [...list, to]
  }
  const chats = Object.fromEntries(Object.entries(direct).map(([user, list]) => [user, rooms(list)]))
  return isChanged ? chats : undefined
}
