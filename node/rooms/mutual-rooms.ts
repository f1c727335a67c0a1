import { maxMutualRooms, type getMutualRooms } from '#spec/api/client/mutual-rooms.ts'
import type { ResponseOf } from '#spec/endpoint.ts'
import { invalidParam } from '#spec/errors.ts'
import { isRoomId, type RoomId, type UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'

/** The rooms that two users are in, in the order of their ids: a token is the last one that was told, so none expires. */
export async function readMutualRooms(
  deps: Deps,
  userId: UserId,
  { user_id: other, from }: { user_id: UserId; from?: string | undefined },
): Promise<ResponseOf<typeof getMutualRooms>> {
  if (other === userId) throw invalidParam('Please name somebody else: all of your rooms are mutual to you.')
  const after = from === undefined ? '' : parseToken(from)
  const [rooms, count] = await Promise.all([
    store.readMutualRooms(deps.sql, [userId, other], { after, limit: maxMutualRooms + 1 }),
    store.countMutualRooms(deps.sql, [userId, other]),
  ])
  const joined = rooms.slice(0, maxMutualRooms).map((row) => row.roomId)
  return { joined, count, ...(rooms.length > maxMutualRooms && { next_batch: tokenOf(joined.at(-1)!) }) }
}

const tokenOf = (roomId: RoomId): string => Buffer.from(roomId).toString('base64url')

function parseToken(token: string): RoomId {
  const roomId = Buffer.from(token, 'base64url').toString()
  if (!isRoomId(roomId) || tokenOf(roomId) !== token) throw invalidParam('This is not a token that this server gave.')
  return roomId
}
