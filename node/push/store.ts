import type { RoomId, UserId } from '#spec/ids.ts'
import type { Read, TxSql } from '#node/db/transaction.ts'

export interface HighlightRow {
  readonly roomId: RoomId
  readonly userId: UserId
  readonly attentionCount: number
}

/** Of people of this node who are in the room; what they have read meanwhile goes. */
export const insertHighlights = (tx: TxSql, rows: readonly HighlightRow[]) => tx`
  with named as (
    select distinct n.user_id, n.room_id, n.attention_count from unnest(
      ${rows.map((r) => r.userId)}::text[], ${rows.map((r) => r.roomId)}::text[], ${rows.map((r) => r.attentionCount)}::int[]
    ) as n (user_id, room_id, attention_count)
    join members m on m.room_id = n.room_id and m.user_id = n.user_id and m.membership = 'join'
    join accounts a on a.user_id = n.user_id
  ), read as (
    delete from highlights h using read_marks m
    where (h.user_id, h.room_id) in (select user_id, room_id from named)
      and m.user_id = h.user_id and m.room_id = h.room_id and h.attention_count <= m.attention_count
  )
  insert into highlights (user_id, room_id, attention_count) select * from named on conflict do nothing`

export interface UnreadRow {
  readonly roomId: RoomId
  /** Events that ask for attention, in all the room's time. */
  readonly attentionCount: number
  readonly mark: number
  /** The unread messages that mention the user, by the attention_count that they brought the room to. */
  readonly highlights: readonly number[]
}

/** How a user stands in some rooms. */
export const readUnread = (sql: Read, userId: UserId, roomIds: readonly RoomId[]) => sql<UnreadRow[]>`
  select r.room_id as "roomId", r.attention_count as "attentionCount", coalesce(m.attention_count, 0) as mark,
    array(
      select h.attention_count from highlights h
      where h.user_id = ${userId} and h.room_id = r.room_id and h.attention_count > coalesce(m.attention_count, 0)
      order by h.attention_count) as highlights
  from rooms r left join read_marks m on m.room_id = r.room_id and m.user_id = ${userId}
  where r.room_id = any(${roomIds as RoomId[]})`
