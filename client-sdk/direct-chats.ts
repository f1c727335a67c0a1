import { getAccountData, setAccountData } from '#spec/api/client/account-data.ts'
import { isRoomId, isUserId, type RoomId, type UserId } from '#spec/ids.ts'
import type { Json, JsonObject } from '#spec/json.ts'
import { CallError } from './call.ts'
import type { Replica } from './replica.ts'
import type { SessionKeeper } from './session.ts'

const type = 'm.direct'

/** Which rooms are chats between two, and with whom. Client-Server API, "Direct messaging". */
export function directChats(content: JsonObject | undefined): ReadonlyMap<RoomId, UserId> {
  const chats = new Map<RoomId, UserId>()
  for (const [userId, roomIds] of Object.entries(content ?? {})) {
    if (!isUserId(userId)) continue
    for (const roomId of roomList(roomIds)) chats.set(roomId, userId)
  }
  return chats
}

/** The chat with this person that is still one: the user is in it, and the other is named in `m.direct`. The most recently used, of several. */
export function findDirectChat(replica: Replica, userId: UserId): RoomId | undefined {
  const roomIds = roomList(replica.accountData.get(type)?.content[userId])
  const rows = roomIds.flatMap((roomId) => replica.rooms.get(roomId) ?? [])
  const joined = rows.filter((row) => row.membership === 'join' && row.joinedCount + row.invitedCount > 1)
  return joined.sort((a, b) => b.lastActivityTs - a.lastActivityTs)[0]?.roomId
}

/** An invite of this person to a chat between two that waits for an answer. */
export const findDirectInvite = (replica: Replica, userId: UserId): RoomId | undefined =>
  [...replica.rooms.values()].find(
    (row) => row.membership === 'invite' && row.invitedDirectly && row.inviter === userId,
  )?.roomId

/** Adds a room to the list. It is one value for all devices, so the node's present one is read first. */
export async function addDirectChat(
  replica: Replica,
  session: SessionKeeper,
  roomId: RoomId,
  other: UserId,
): Promise<void> {
  const userId = replica.userId
  if (userId === undefined) return
  const params = { userId, type }
  const present = await session.call(getAccountData, { params }).catch(nothingIfNotFound)
  const rooms = roomList(present[other])
  if (rooms.includes(roomId)) return
  const content = { ...present, [other]: [...rooms, roomId] }
  await session.call(setAccountData, { params, body: content })
  await replica.change({ accountData: [{ roomId: '', type, content }] })
}

const roomList = (value: Json | undefined): readonly RoomId[] => (Array.isArray(value) ? value.filter(isRoomId) : [])

function nothingIfNotFound(error: unknown): JsonObject {
  if (error instanceof CallError && error.status === 404) return {}
  throw error
}
