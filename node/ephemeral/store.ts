import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Read, TxSql } from '#node/db/transaction.ts'
import type { Fact } from '#node/stream/commit.ts'
import type { PlacedMark, Receipt, ReceiptType } from './facts.ts'

/** A receipt that would move backwards is not stored. */
export const upsertReceipts = (tx: TxSql, facts: readonly Fact<Receipt>[]) => tx`
  insert into receipts as r (room_id, user_id, receipt_type, thread_id, event_id, event_position, received_at, position)
  select * from unnest(
    ${facts.map((f) => f.row.roomId)}::text[], ${facts.map((f) => f.row.userId)}::text[], ${facts.map((f) => f.row.type)}::text[],
    ${facts.map((f) => f.row.threadId)}::text[], ${facts.map((f) => f.row.eventId)}::text[],
    ${facts.map((f) => f.row.eventPosition)}::bigint[], ${facts.map((f) => f.row.receivedAt)}::bigint[],
    ${facts.map((f) => f.position)}::bigint[])
  on conflict (room_id, user_id, receipt_type, thread_id) do update set
    event_id = excluded.event_id, event_position = excluded.event_position, received_at = excluded.received_at, position = excluded.position
  where r.event_position < excluded.event_position`

export const raiseMarks = (tx: TxSql, marks: readonly PlacedMark[]) => tx`
  insert into read_marks as m (user_id, room_id, thread_id, position)
  select * from unnest(
    ${marks.map((m) => m.userId)}::text[], ${marks.map((m) => m.roomId)}::text[], ${marks.map((m) => m.threadId)}::text[],
    ${marks.map((m) => m.position)}::bigint[])
  on conflict (user_id, room_id, thread_id) do update set position = excluded.position where m.position < excluded.position`

/** Marks of threads say nothing where all threads have been read beyond them. */
export const dropThreadMarks = (tx: TxSql, marks: readonly PlacedMark[]) => tx`
  delete from read_marks m using unnest(
    ${marks.map((m) => m.userId)}::text[], ${marks.map((m) => m.roomId)}::text[], ${marks.map((m) => m.position)}::bigint[]
  ) as n (user_id, room_id, position)
  where m.user_id = n.user_id and m.room_id = n.room_id and m.thread_id <> '' and m.position <= n.position`

/** The position of the event that a receipt stands at; 0 where there is none. */
export async function readReceiptPosition(
  sql: Read,
  at: { roomId: RoomId; userId: UserId; type: ReceiptType; threadId: string },
): Promise<number> {
  const [row] = await sql<{ position: number }[]>`
    select event_position as position from receipts
    where room_id = ${at.roomId} and user_id = ${at.userId} and receipt_type = ${at.type} and thread_id = ${at.threadId}`
  return row?.position ?? 0
}

/** The position of the event that the user's read marker stands at; 0 where there is none. */
export async function readMarkerPosition(sql: Read, userId: UserId, roomId: RoomId): Promise<number> {
  const [row] = await sql<{ position: number }[]>`
    select e.position from account_data a join events e on e.event_id = a.content::json ->> 'event_id'
    where a.user_id = ${userId} and a.room_id = ${roomId} and a.type = 'm.fully_read'`
  return row?.position ?? 0
}

export interface ReceiptInRoom {
  readonly roomId: RoomId
  readonly userId: UserId
  readonly type: ReceiptType
  readonly threadId: string
  readonly eventId: EventId
  readonly receivedAt: number
}

/** Whose receipts of a room to read: those that moved after `after` and up to `upTo`, at events from `from` on or the reader's own. */
export interface ReceiptRange {
  readonly roomId: RoomId
  readonly after: number
  readonly upTo: number
  readonly from: number
}

/** Receipts that one reader may see, oldest first. */
export const readReceipts = (sql: Read, reader: UserId, ranges: readonly ReceiptRange[]) => sql<ReceiptInRoom[]>`
  select r.room_id as "roomId", r.user_id as "userId", r.receipt_type as type, r.thread_id as "threadId", r.event_id as "eventId",
    r.received_at as "receivedAt"
  from unnest(
    ${ranges.map((r) => r.roomId)}::text[], ${ranges.map((r) => r.after)}::bigint[], ${ranges.map((r) => r.upTo)}::bigint[],
    ${ranges.map((r) => r.from)}::bigint[]
  ) as a (room_id, after, up_to, from_position)
  join receipts r on r.room_id = a.room_id and r.position > a.after and r.position <= a.up_to
  where (r.event_position >= a.from_position or r.user_id = ${reader}) and (r.receipt_type = 'm.read' or r.user_id = ${reader})
  order by r.position`

/** What is emptied of a room that is deleted. */
export const roomTables = ['receipts', 'read_marks'] as const
