import type { RoomId, UserId } from '#spec/ids.ts'
import type { Read, TxSql } from '#node/db/transaction.ts'
import type { Fact } from '#node/stream/commit.ts'
import type { Presence, PresenceRow } from './facts.ts'

/**
 * Presence is told in rooms of so many people at most: those of a larger room hear of each other where they also share a smaller one, such as
 * a direct chat. Otherwise every coming and going in a room of n people would be told n times.
 */
export const largestRoom = 200

export const upsertPresence = (tx: TxSql, facts: readonly Fact<PresenceRow>[]) => tx`
  insert into presence (user_id, state, status_msg, last_active_at, position)
  select * from unnest(
    ${facts.map((f) => f.row.userId)}::text[], ${facts.map((f) => f.row.state)}::text[], ${facts.map((f) => f.row.statusMsg)}::text[],
    ${facts.map((f) => f.row.lastActiveAt)}::bigint[], ${facts.map((f) => f.position)}::bigint[])
  on conflict (user_id) do update set state = excluded.state, status_msg = excluded.status_msg, last_active_at = excluded.last_active_at,
    position = excluded.position`

export const readAllPresence = (sql: Read) => sql<(Presence & { position: number })[]>`
  select user_id as "userId", state, status_msg as "statusMsg", last_active_at as "lastActiveAt", position from presence order by position`

const isSmall = (sql: Read, roomId: ReturnType<Read>) => sql`
  not exists (select 1 from members l where l.room_id = ${roomId} and l.membership = 'join' offset ${largestRoom})`

/** The rooms in which somebody's presence is told. */
export const readRoomsToTell = (sql: Read, userIds: readonly UserId[]) => sql<{ userId: UserId; roomId: RoomId }[]>`
  select m.user_id as "userId", m.room_id as "roomId" from members m
  where m.user_id = any(${userIds as UserId[]}) and m.membership = 'join' and ${isSmall(sql, sql`m.room_id`)}`

/** Of some rooms those in which presence is told. */
export async function readSmallRooms(sql: Read, roomIds: readonly RoomId[]): Promise<Set<RoomId>> {
  const rows = await sql<{ roomId: RoomId }[]>`
    select r.room_id as "roomId" from unnest(${roomIds as RoomId[]}::text[]) as r (room_id) where ${isSmall(sql, sql`r.room_id`)}`
  return new Set(rows.map((row) => row.roomId))
}

/** Of some people those whose presence a reader is told. */
export async function readConcerned(sql: Read, reader: UserId, userIds: readonly UserId[]): Promise<UserId[]> {
  const rows = await sql<{ userId: UserId }[]>`
    select distinct o.user_id as "userId" from members o
    join members me on me.room_id = o.room_id and me.user_id = ${reader} and me.membership = 'join'
    where o.user_id = any(${userIds as UserId[]}) and o.membership = 'join' and o.user_id <> ${reader} and ${isSmall(sql, sql`o.room_id`)}`
  return rows.map((row) => row.userId)
}

/** Those whom a reader has met since a position, in some rooms: they came, or the reader did. */
export async function readNewcomers(
  sql: Read,
  reader: UserId,
  roomIds: readonly RoomId[],
  since: number,
): Promise<UserId[]> {
  const rows = await sql<{ userId: UserId }[]>`
    select distinct o.user_id as "userId" from members me join members o using (room_id)
    where me.user_id = ${reader} and me.room_id = any(${roomIds as RoomId[]}) and me.membership = 'join' and ${isSmall(sql, sql`me.room_id`)}
      and o.membership = 'join' and o.user_id <> ${reader} and greatest(me.membership_position, o.membership_position) > ${since}`
  return rows.map((row) => row.userId)
}

export async function sharesRoom(sql: Read, reader: UserId, userId: UserId): Promise<boolean> {
  const rows = await sql`
    select 1 from members o join members me on me.room_id = o.room_id and me.user_id = ${reader} and me.membership = 'join'
    where o.user_id = ${userId} and o.membership = 'join' limit 1`
  return rows.length > 0
}
