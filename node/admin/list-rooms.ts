import type * as api from '#spec/api/admin/rooms.ts'
import type { QueryOf, ResponseOf } from '#spec/endpoint.ts'
import { notFound } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { deleteBlock, insertBlock, readBlock } from '#node/rooms/administration/store.ts'
import { readJoinedMembers, readRoom } from '#node/rooms/store.ts'
import { nextOf } from './paging.ts'
import * as store from './rooms/store.ts'

const shown = (row: store.RoomRow) => ({
  room_id: row.roomId,
  name: row.name,
  canonical_alias: row.canonicalAlias,
  joined_members: row.joined,
  joined_local_members: row.joined,
  version: row.version,
  creator: row.creator,
  encryption: row.encryption,
  federatable: row.federatable,
  public: row.published,
  join_rules: row.joinRule,
  guest_access: row.guestAccess,
  history_visibility: row.historyVisibility,
  state_events: row.stateEvents,
  room_type: row.roomType,
})

/** A page of the rooms of this server. */
export async function listRooms(
  deps: Deps,
  query: QueryOf<typeof api.listRooms>,
): Promise<ResponseOf<typeof api.listRooms>> {
  const [rows, total] = await Promise.all([store.readRooms(deps.sql, query), store.countRooms(deps.sql, query)])
  const { next_token: next } = nextOf(query, rows, total)
  return {
    rooms: rows.map(shown),
    offset: query.from,
    total_rooms: total,
    ...(next !== undefined && { next_batch: next }),
    ...(query.from > 0 && { prev_batch: Math.max(0, query.from - query.limit) }),
  }
}

const noSuchRoom = () => notFound('There is no such room.')

/** Throws M_NOT_FOUND. */
export async function findRoom(deps: Deps, roomId: RoomId): Promise<ResponseOf<typeof api.getRoom>> {
  const row = await store.readOneRoom(deps.sql, roomId)
  if (row === undefined) throw noSuchRoom()
  return { ...shown(row), topic: row.topic, avatar: row.avatarUrl }
}

/** Throws M_NOT_FOUND. */
export async function membersOf(deps: Deps, roomId: RoomId): Promise<{ members: UserId[]; total: number }> {
  if ((await readRoom(deps.sql, roomId)) === undefined) throw noSuchRoom()
  const members = (await readJoinedMembers(deps.sql, roomId)).map(({ userId }) => userId)
  return { members, total: members.length }
}

export async function blockOf(deps: Deps, roomId: RoomId): Promise<{ block: boolean; user_id?: UserId }> {
  const by = await readBlock(deps.sql, roomId)
  return by === undefined ? { block: false } : { block: true, user_id: by }
}

export async function blockRoom(deps: Deps, by: UserId, roomId: RoomId, block: boolean): Promise<{ block: boolean }> {
  await transaction(deps.sql, async (tx) => {
    if (block) await insertBlock(tx, roomId, by, deps.clock.now())
    else await deleteBlock(tx, roomId)
  })
  return { block }
}
