import type { RoomId, UserId } from '#spec/ids.ts'
import type { Read, TxSql } from '#node/db/transaction.ts'

export interface NoticesRoomRow {
  readonly userId: UserId
  readonly roomId: RoomId
}

export const setNoticesRooms = (tx: TxSql, rows: readonly NoticesRoomRow[]) => tx`
  insert into server_notice_rooms (user_id, room_id)
  select * from unnest(${rows.map((r) => r.userId)}::text[], ${rows.map((r) => r.roomId)}::text[])
  on conflict (user_id) do update set room_id = excluded.room_id`

/** The room in which the server speaks to a user, if the server's own account is still in it. */
export async function readNoticesRoom(sql: Read, userId: UserId, speaker: UserId): Promise<RoomId | undefined> {
  const [row] = await sql<{ roomId: RoomId }[]>`
    select n.room_id as "roomId" from server_notice_rooms n join members m on m.room_id = n.room_id
    where n.user_id = ${userId} and m.user_id = ${speaker} and m.membership = 'join'`
  return row?.roomId
}
