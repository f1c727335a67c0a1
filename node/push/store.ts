import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Read, Tx, TxSql } from '#node/db/transaction.ts'
import type { Fact } from '#node/stream/commit.ts'
import type { Arrival, Exception, Quiet, RoomNotification } from './facts.ts'

// Writing

/** Counts on from what its thread has come to. */
export const insertNotifications = (tx: TxSql, facts: readonly Fact<RoomNotification>[]) => tx`
  with added as (
    insert into room_notifications (room_id, thread_id, position, notified, highlighted, highlights)
    select n.room_id, n.thread_id, n.position, coalesce(t.notified, 0) + row_number() over w,
      coalesce(t.highlighted, 0) + sum(n.highlights) over w, n.highlights = 1
    from unnest(
      ${facts.map((f) => f.row.roomId)}::text[], ${facts.map((f) => f.row.threadId)}::text[], ${facts.map((f) => f.position)}::bigint[],
      ${facts.map((f) => Number(f.row.highlights))}::int[]
    ) as n (room_id, thread_id, position, highlights)
    left join notification_threads t on t.room_id = n.room_id and t.thread_id = n.thread_id
    window w as (partition by n.room_id, n.thread_id order by n.position)
    returning *
  )
  insert into notification_threads (room_id, thread_id, position, notified, highlighted)
  select distinct on (room_id, thread_id) room_id, thread_id, position, notified, highlighted
  from added order by room_id, thread_id, position desc
  on conflict (room_id, thread_id) do update set
    position = excluded.position, notified = excluded.notified, highlighted = excluded.highlighted`

export const insertExceptions = (tx: TxSql, facts: readonly Fact<Exception>[]) => tx`
  with added as (
    insert into notification_exceptions (user_id, room_id, position, thread_id, notified, highlighted, notifies, highlights)
    select user_id, room_id, position, thread_id, notified, highlighted, notifies = 1, highlights = 1 from unnest(
      ${facts.map((f) => f.row.userId)}::text[], ${facts.map((f) => f.row.roomId)}::text[], ${facts.map((f) => f.position)}::bigint[],
      ${facts.map((f) => f.row.threadId)}::text[], ${facts.map((f) => f.row.notified)}::int[],
      ${facts.map((f) => f.row.highlighted)}::int[], ${facts.map((f) => Number(f.row.notifies))}::int[],
      ${facts.map((f) => Number(f.row.highlights))}::int[]
    ) as n (user_id, room_id, position, thread_id, notified, highlighted, notifies, highlights)
    returning room_id, thread_id, position
  )
  insert into notification_threads as t (room_id, thread_id, position, notified, highlighted)
  select room_id, thread_id, max(position), 0, 0 from added group by room_id, thread_id
  on conflict (room_id, thread_id) do update set position = greatest(t.position, excluded.position)`

/** Of one person and room the last fact counts: begins a span, or ends the one that lasts. */
export const setQuiet = (tx: TxSql, facts: readonly Fact<Quiet>[]) => {
  const last = [...new Map(facts.map((fact) => [`${fact.row.userId} ${fact.row.roomId}`, fact])).values()]
  const [begun, ended] = [last.filter(({ row }) => row.isQuiet), last.filter(({ row }) => !row.isQuiet)]
  const begin = () => tx`
    insert into quiet_spans (user_id, room_id, from_position)
    select * from unnest(
      ${begun.map((f) => f.row.userId)}::text[], ${begun.map((f) => f.row.roomId)}::text[], ${begun.map((f) => f.position - 1)}::bigint[])
    on conflict do nothing`
  const end = () => tx`
    update quiet_spans q set to_position = n.position from unnest(
      ${ended.map((f) => f.row.userId)}::text[], ${ended.map((f) => f.row.roomId)}::text[], ${ended.map((f) => f.position - 1)}::bigint[]
    ) as n (user_id, room_id, position)
    where q.user_id = n.user_id and q.room_id = n.room_id and q.to_position is null`
  return [...(begun.length > 0 ? [begin()] : []), ...(ended.length > 0 ? [end()] : [])]
}

/** Nothing of an earlier time in the room counts for whoever comes. */
export const forgetExceptions = (tx: TxSql, facts: readonly Fact<Arrival>[]) => tx`
  delete from notification_exceptions x using unnest(
    ${facts.map((f) => f.row.userId)}::text[], ${facts.map((f) => f.row.roomId)}::text[], ${facts.map((f) => f.position)}::bigint[]
  ) as n (user_id, room_id, position)
  where x.user_id = n.user_id and x.room_id = n.room_id and x.position < n.position`

export const forgetQuiet = (tx: TxSql, facts: readonly Fact<Arrival>[]) => tx`
  delete from quiet_spans q using unnest(
    ${facts.map((f) => f.row.userId)}::text[], ${facts.map((f) => f.row.roomId)}::text[], ${facts.map((f) => f.position)}::bigint[]
  ) as n (user_id, room_id, position)
  where q.user_id = n.user_id and q.room_id = n.room_id and q.from_position < n.position - 1`

/** Of events that have been redacted: they count for nobody any more. */
export const withdraw = (tx: TxSql, eventIds: readonly string[]) => [
  tx`
    update room_notifications n set withdrawn = true from events e
    where e.event_id = any(${eventIds as string[]}) and e.redacted_by is not null and n.room_id = e.room_id and n.position = e.position`,
  tx`
    delete from notification_exceptions x using events e
    where e.event_id = any(${eventIds as string[]}) and e.redacted_by is not null and x.room_id = e.room_id and x.position = e.position`,
]

/** Exceptions that have been read, of events from before a time. What is unread stays, however old it is. */
export const deleteReadExceptions = (tx: TxSql, before: number) => tx`
  delete from notification_exceptions x using events e, read_marks m
  where e.position = x.position and e.origin_server_ts < ${before}
    and m.user_id = x.user_id and m.room_id = x.room_id and m.thread_id in ('', x.thread_id) and m.position >= x.position`

// Reading who is concerned

export interface LocalMember {
  readonly userId: UserId
  readonly displayname: string | null
}

export const readJoined = (sql: Read, roomId: RoomId) =>
  sql<
    LocalMember[]
  >`select user_id as "userId", displayname from members where room_id = ${roomId} and membership = 'join'`

/** What some users keep of the settings that decide about notifications. */
export const readSettings = (sql: Read, userIds: readonly UserId[], types: readonly string[]) =>
  sql<{ userId: UserId; type: string; content: string }[]>`
    select user_id as "userId", type, content from account_data
    where user_id = any(${userIds as UserId[]}) and room_id = '' and type = any(${types as string[]})`

export const readQuiet = (sql: Read, roomId: RoomId) =>
  sql<
    { userId: UserId }[]
  >`select user_id as "userId" from quiet_spans where room_id = ${roomId} and to_position is null`

// Reading what is unread

export interface Place {
  readonly userId: UserId
  readonly roomId: RoomId
}

export interface UnreadRow extends Place {
  /** Plain messages do not notify the user here. */
  readonly isQuiet: boolean
  /** Nothing, with zeros beside it, where nothing is unread. */
  readonly threadId: string | null
  readonly notified: number
  readonly highlighted: number
}

/** What notified everybody in a thread after one position and up to another. */
const between = (
  sql: Read,
  { room, thread, after, upTo }: Record<'room' | 'thread' | 'after' | 'upTo', Fragment>,
) => sql`(
  select coalesce(last.notified, 0) - coalesce(first.notified, 0) - gone.notified as notified,
    coalesce(last.highlighted, 0) - coalesce(first.highlighted, 0) - gone.highlighted as highlighted
  from (select count(*)::int as notified, count(*) filter (where n.highlights)::int as highlighted from room_notifications n
    where n.room_id = ${room} and n.thread_id = ${thread} and n.position > ${after} and n.position <= ${upTo} and n.withdrawn) gone
  left join lateral (select n.notified, n.highlighted from room_notifications n
    where n.room_id = ${room} and n.thread_id = ${thread} and n.position <= ${after} order by n.position desc limit 1) first on true
  left join lateral (select n.notified, n.highlighted from room_notifications n
    where n.room_id = ${room} and n.thread_id = ${thread} and n.position <= ${upTo} order by n.position desc limit 1) last on true)`

type Fragment = ReturnType<Read>

/** How people stand in rooms at a position: a row for each thread in which something is unread, at least one for each place. */
export const readUnread = (sql: Read, places: readonly Place[], upTo: number) => sql<UnreadRow[]>`
  with place as materialized (
    select p.user_id, p.room_id, coalesce(m.position, 0) as read, exists (
        select 1 from quiet_spans q where q.user_id = p.user_id and q.room_id = p.room_id
          and q.from_position <= ${upTo} and (q.to_position is null or q.to_position > ${upTo})) as is_quiet
    from unnest(${places.map((p) => p.userId)}::text[], ${places.map((p) => p.roomId)}::text[]) as p (user_id, room_id)
    left join read_marks m on m.user_id = p.user_id and m.room_id = p.room_id and m.thread_id = ''
  ), thread as (
    select p.user_id, p.room_id, t.thread_id, greatest(p.read, coalesce(m.position, 0)) as read from place p
    join notification_threads t on t.room_id = p.room_id and t.position > p.read
    left join read_marks m on m.user_id = p.user_id and m.room_id = p.room_id and m.thread_id = t.thread_id
    where t.position > coalesce(m.position, 0)
  ), unread as (
    select t.user_id, t.room_id, t.thread_id, plain.notified - quiet.notified + own.notified as notified,
      plain.highlighted - quiet.highlighted + own.highlighted as highlighted
    from thread t
    cross join lateral ${between(sql, { room: sql`t.room_id`, thread: sql`t.thread_id`, after: sql`t.read`, upTo: sql`${upTo}` })} plain
    cross join lateral (
      select coalesce(sum(b.notified), 0)::int as notified, coalesce(sum(b.highlighted), 0)::int as highlighted
      from (
        select greatest(q.from_position, t.read) as after, least(q.to_position, ${upTo}) as up_to from quiet_spans q
        where q.user_id = t.user_id and q.room_id = t.room_id and (q.to_position is null or q.to_position > t.read)
          and q.from_position < ${upTo}) span
      cross join lateral ${between(sql, { room: sql`t.room_id`, thread: sql`t.thread_id`, after: sql`span.after`, upTo: sql`span.up_to` })} b
    ) quiet
    cross join lateral (
      select coalesce(sum(x.notified), 0)::int as notified, coalesce(sum(x.highlighted), 0)::int as highlighted
      from notification_exceptions x
      where x.user_id = t.user_id and x.room_id = t.room_id and x.thread_id = t.thread_id and x.position > t.read and x.position <= ${upTo}
    ) own
    where t.read < ${upTo}
  )
  select p.user_id as "userId", p.room_id as "roomId", p.is_quiet as "isQuiet", u.thread_id as "threadId",
    coalesce(u.notified, 0) as notified, coalesce(u.highlighted, 0) as highlighted
  from place p left join unread u on u.user_id = p.user_id and u.room_id = p.room_id and (u.notified <> 0 or u.highlighted <> 0)`

// Reading what somebody has been notified of

export interface NotifiedRow {
  readonly roomId: RoomId
  readonly eventId: EventId
  readonly position: number
  readonly highlights: boolean
  readonly isRead: boolean
}

export interface NotifiedRange {
  /** Positions above this one, and below `before`. */
  readonly after: number
  readonly before: number
  readonly limit: number
  readonly newestFirst: boolean
  readonly onlyHighlights?: boolean
}

/** What a user has been notified of in the rooms that they are in, and their invitations. */
export const readNotified = (
  sql: Read,
  userId: UserId,
  { after, before, limit, newestFirst, onlyHighlights = false }: NotifiedRange,
) => {
  const inOrder = newestFirst ? sql`desc` : sql`asc`
  return sql<NotifiedRow[]>`
    with place as materialized (
      select m.room_id, m.membership, m.membership_position as since, coalesce(r.position, 0) as read from members m
      left join read_marks r on r.user_id = m.user_id and r.room_id = m.room_id and r.thread_id = ''
      where m.user_id = ${userId} and m.membership in ('join', 'invite')
    ), plain as (
      select n.* from place p
      cross join lateral (
        select n.room_id, n.thread_id, n.position, n.highlights from room_notifications n join events e on e.position = n.position
        where n.room_id = p.room_id and n.position > greatest(p.since, ${after}) and n.position < ${before} and not n.withdrawn
          and e.sender <> ${userId} ${onlyHighlights ? sql`and n.highlights` : sql``}
          and not exists (select 1 from notification_exceptions x
            where x.user_id = ${userId} and x.room_id = n.room_id and x.position = n.position)
          and not exists (select 1 from quiet_spans q where q.user_id = ${userId} and q.room_id = n.room_id
            and q.from_position < n.position and (q.to_position is null or q.to_position >= n.position))
        order by n.position ${inOrder} limit ${limit}) n
      where p.membership = 'join'
    ), own as (
      select x.room_id, x.thread_id, x.position, x.highlights from notification_exceptions x join place p on p.room_id = x.room_id
      where x.user_id = ${userId} and x.notifies and x.position >= p.since and x.position > ${after} and x.position < ${before}
        ${onlyHighlights ? sql`and x.highlights` : sql``}
      order by x.position ${inOrder} limit ${limit}
    )
    select n.room_id as "roomId", e.event_id as "eventId", n.position, n.highlights,
      n.position <= greatest(p.read, coalesce(t.position, 0)) as "isRead"
    from (select * from plain union all select * from own) n
    join place p on p.room_id = n.room_id
    join events e on e.position = n.position
    left join read_marks t on t.user_id = ${userId} and t.room_id = n.room_id and t.thread_id = n.thread_id
    order by n.position ${inOrder} limit ${limit}`
}

export interface RoomOfOne {
  readonly roomId: RoomId
  readonly name: string | null
  readonly alias: string | null
  readonly memberCount: number
  /** How the user is called there, and how the sender is. */
  readonly ownName: string | null
  readonly senderName: string | null
}

/** A room as rules and pushes of one user speak of it. */
export async function readRoomOfOne(
  sql: Read,
  roomId: RoomId,
  userId: UserId,
  sender: UserId,
): Promise<RoomOfOne | undefined> {
  const nameOf = (who: UserId) => sql`(select displayname from members where room_id = ${roomId} and user_id = ${who})`
  const [room] = await sql<RoomOfOne[]>`
    select r.room_id as "roomId", s.name, s.canonical_alias as alias,
      (select count(*)::int from members m where m.room_id = r.room_id and m.membership = 'join') as "memberCount",
      ${nameOf(userId)} as "ownName", ${nameOf(sender)} as "senderName"
    from rooms r left join room_summaries s on s.room_id = r.room_id where r.room_id = ${roomId}`
  return room
}

export const readJoinedRooms = (sql: Read, userId: UserId) =>
  sql<{ roomId: RoomId }[]>`select room_id as "roomId" from members where user_id = ${userId} and membership = 'join'`

/** What is emptied of a room that is deleted. */
export const roomTables = [
  'notification_exceptions',
  'notification_threads',
  'quiet_spans',
  'room_notifications',
] as const

/** What waits for the attention of somebody whose account ends. */
export async function deleteAttention(tx: Tx, userId: UserId): Promise<void> {
  await tx`delete from notification_exceptions where user_id = ${userId}`
  await tx`delete from quiet_spans where user_id = ${userId}`
}
