import type { RoomEventFilter } from '#spec/api/client/filter-definition.ts'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Membership } from '#spec/room/content.ts'
import type { Read } from '#node/db/transaction.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'

const storedEvent = (sql: Read) => sql`
  e.event_id as "eventId", e.room_id as "roomId", e.position, e.type, e.state_key as "stateKey", e.sender, e.origin_server_ts as "originServerTs",
  e.depth, e.state_before as "stateBefore", e.content, e.redacted_by as "redactedBy"`

export interface MembershipRow {
  readonly roomId: RoomId
  readonly membership: Membership
  readonly eventId: EventId
  readonly position: number
  readonly membershipPosition: number
  readonly forgotten: boolean
}

/** A room that the user has been in since before a position. */
export interface SettledRow {
  readonly roomId: RoomId
  readonly membershipPosition: number
}

export interface Memberships {
  readonly head: number
  readonly settled: readonly SettledRow[]
  readonly others: readonly MembershipRow[]
}

/**
 * The newest position and, as of that very position, where the user stands in every room: those they are in, are invited to or have asked to
 * join, and those they left after `leftAfter`, with or without those that they have forgotten since. One statement sees one state of the
 * database. Rooms in which nothing of it changed after `since` are many, and mostly nothing is new in them: they come as one text.
 */
export async function readMemberships(
  sql: Read,
  userId: UserId,
  { since, leftAfter, withForgotten }: { since: number; leftAfter: number; withForgotten: boolean },
): Promise<Memberships> {
  const rows = await sql<(MembershipRow & { head: number; settled: string | null; roomId: RoomId | null })[]>`
    select h.position as head, s.settled, m.room_id as "roomId", m.membership, m.event_id as "eventId", m.position,
      m.membership_position as "membershipPosition", m.forgotten
    from stream_head h
    cross join (
      select json_agg(json_build_array(room_id, membership_position) order by membership_position)::text as settled from members
      where user_id = ${userId} and membership = 'join' and position <= ${since}) s
    left join members m on m.user_id = ${userId} and (
      (m.membership = 'join' and m.position > ${since}) or m.membership in ('invite', 'knock')
      or (m.membership in ('leave', 'ban') and m.position > ${leftAfter} and (not m.forgotten or ${withForgotten})))
    order by m.membership_position`
  const settled = JSON.parse(rows[0]!.settled ?? '[]') as [RoomId, number][]
  return {
    head: rows[0]!.head,
    settled: settled.map(([roomId, membershipPosition]) => ({ roomId, membershipPosition })),
    others: rows.filter((row) => row.roomId !== null),
  }
}

export interface OwnMembership {
  readonly roomId: RoomId
  readonly position: number
  readonly membership: string
}

/** What the user's membership of some rooms has been, oldest first. */
export const readOwnHistory = (sql: Read, userId: UserId, roomIds: readonly RoomId[], upTo: number) => sql<
  OwnMembership[]
>`
  select c.room_id as "roomId", c.position, coalesce(e.content::json ->> 'membership', 'leave') as membership
  from state_changes c join events e using (event_id)
  where c.room_id = any(${roomIds as RoomId[]}) and c.type = 'm.room.member' and c.state_key = ${userId} and c.position <= ${upTo}
  order by c.position`

/** Of a room: positions above `after` and up to `upTo`. */
export interface Range {
  readonly roomId: RoomId
  readonly after: number
  readonly upTo: number
}

const rangeTable = (sql: Read, ranges: readonly Range[]) => sql`
  unnest(${ranges.map((r) => r.roomId)}::text[], ${ranges.map((r) => r.after)}::bigint[], ${ranges.map((r) => r.upTo)}::bigint[])
    as r (room_id, after, up_to)`

/** The newest events of each range, newest first; messages of ignored people are left out. */
export const readTimelines = (
  sql: Read,
  ranges: readonly Range[],
  limit: number,
  filter: RoomEventFilter,
  ignored: readonly string[],
) => sql<StoredEvent[]>`
  select ${storedEvent(sql)} from ${rangeTable(sql, ranges)}
  cross join lateral (
    select * from events e where e.room_id = r.room_id and e.position > r.after and e.position <= r.up_to
      ${ignored.length === 0 ? sql`` : sql`and (e.state_key is not null or e.sender <> all(${ignored as string[]}))`} ${passing(sql, filter)}
    order by e.position desc limit ${limit}) e
  order by e.position desc`

/** What node/rooms/event-filter.ts says of one event, as a condition. */
function passing(
  sql: Read,
  { types, not_types, senders, not_senders, contains_url, rooms, not_rooms }: RoomEventFilter,
) {
  return sql`
    ${types ? sql`and e.type like any(${types.map(likePattern)})` : sql``}
    ${not_types ? sql`and e.type not like all(${not_types.map(likePattern)})` : sql``}
    ${senders ? sql`and e.sender = any(${senders})` : sql``} ${not_senders ? sql`and e.sender <> all(${not_senders})` : sql``}
    ${rooms ? sql`and e.room_id = any(${rooms})` : sql``} ${not_rooms ? sql`and e.room_id <> all(${not_rooms})` : sql``}
    ${contains_url === undefined ? sql`` : sql`and (json_typeof(e.content::json -> 'url') is not distinct from 'string') = ${contains_url}`}`
}

const likePattern = (pattern: string): string => pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')

/** The state of each room as it was at the end of its range; without members if they are loaded lazily. */
export const readWholeStates = (sql: Read, ranges: readonly Range[], withMembers: boolean) => sql<StoredEvent[]>`
  select ${storedEvent(sql)} from ${rangeTable(sql, ranges)}
  cross join lateral (
    select c.type, c.state_key, c.event_id, c.position from current_state c
    where c.room_id = r.room_id ${withMembers ? sql`` : sql`and (c.type < 'm.room.member' or c.type > 'm.room.member')`}
  ) c
  cross join lateral (
    select c.event_id where c.position <= r.up_to
    union all
    (select s.event_id from state_changes s
    where c.position > r.up_to and s.room_id = r.room_id and s.type = c.type and s.state_key = c.state_key and s.position <= r.up_to
    order by s.position desc limit 1)
  ) at
  join events e on e.event_id = at.event_id
  order by e.position`

/** What last changed each piece of state that changed in a range. */
export const readStateChanges = (sql: Read, ranges: readonly Range[]) => sql<StoredEvent[]>`
  select ${storedEvent(sql)} from (
    select distinct on (s.room_id, s.type, s.state_key) s.event_id
    from ${rangeTable(sql, ranges)} join state_changes s on s.room_id = r.room_id and s.position > r.after and s.position <= r.up_to
    order by s.room_id, s.type, s.state_key, s.position desc) c
  join events e using (event_id)
  order by e.position`

/** The member events of some people, as they were at a position. */
export const readMembersAt = (
  sql: Read,
  asked: readonly { readonly roomId: RoomId; readonly userId: UserId; readonly upTo: number }[],
) => sql<StoredEvent[]>`
  select ${storedEvent(sql)} from unnest(
    ${asked.map((a) => a.roomId)}::text[], ${asked.map((a) => a.userId)}::text[], ${asked.map((a) => a.upTo)}::bigint[]
  ) as a (room_id, user_id, up_to)
  cross join lateral (
    select s.event_id from state_changes s
    where s.room_id = a.room_id and s.type = 'm.room.member' and s.state_key = a.user_id and s.position <= a.up_to
    order by s.position desc limit 1) at
  join events e on e.event_id = at.event_id
  order by e.position`

export interface RoomSize {
  readonly roomId: RoomId
  readonly joined: number
  readonly invited: number
  /** Content of m.room.name and m.room.canonical_alias, where there is such state. */
  readonly name: string | null
  readonly alias: string | null
}

export const readRoomSizes = (sql: Read, roomIds: readonly RoomId[]) => sql<RoomSize[]>`
  select r.room_id as "roomId", m.joined, m.invited,
    (select e.content from current_state c join events e using (event_id)
      where c.room_id = r.room_id and c.type = 'm.room.name' and c.state_key = '') as name,
    (select e.content from current_state c join events e using (event_id)
      where c.room_id = r.room_id and c.type = 'm.room.canonical_alias' and c.state_key = '') as alias
  from unnest(${roomIds as RoomId[]}::text[]) as r (room_id)
  cross join lateral (
    select count(*) filter (where m.membership = 'join')::int as joined, count(*) filter (where m.membership = 'invite')::int as invited
    from members m where m.room_id = r.room_id) m`

/** The first people of each room: those who are there or invited before those who have gone. */
export const readPeople = (sql: Read, roomIds: readonly RoomId[], limit: number) =>
  sql<{ roomId: RoomId; userId: UserId; membership: Membership }[]>`
    select m.room_id as "roomId", m.user_id as "userId", m.membership from unnest(${roomIds as RoomId[]}::text[]) as r (room_id)
    cross join lateral (
      select * from members m where m.room_id = r.room_id and m.membership <> 'knock'
      order by m.membership not in ('join', 'invite'), m.membership_position limit ${limit}) m
    order by m.membership not in ('join', 'invite'), m.membership_position`

/**
 * State that somebody outside gets to see, with the user's own member event and that of whoever set it, as it was at a position: when they
 * were invited.
 */
export const readStrippedState = (
  sql: Read,
  userId: UserId,
  asked: readonly { readonly roomId: RoomId; readonly upTo: number }[],
  types: readonly string[],
) => sql<StoredEvent[]>`
  select ${storedEvent(sql)} from unnest(${asked.map((a) => a.roomId)}::text[], ${asked.map((a) => a.upTo)}::bigint[]) as a (room_id, up_to)
  cross join lateral (
    select unnest(${types as string[]}::text[]), '' union all select 'm.room.member', ${userId}
    union select 'm.room.member', e.sender from state_changes s join events e using (event_id)
      where s.room_id = a.room_id and s.position = a.up_to and s.type = 'm.room.member' and s.state_key = ${userId}
  ) as t (type, key)
  cross join lateral (
    select s.event_id from state_changes s
    where s.room_id = a.room_id and s.type = t.type and s.state_key = t.key and s.position <= a.up_to
    order by s.position desc limit 1) at
  join events e on e.event_id = at.event_id
  order by e.position`

export const readRoomAccountData = (sql: Read, userId: UserId, roomIds: readonly RoomId[], upTo: number) =>
  sql<{ roomId: RoomId; type: string; content: string }[]>`
    select room_id as "roomId", type, content from account_data
    where user_id = ${userId} and room_id = any(${roomIds as RoomId[]}) and position <= ${upTo} order by position`

/** Of some rooms those that did not always show their past to whoever comes later. */
export async function readClosedRooms(sql: Read, roomIds: readonly RoomId[]): Promise<Set<RoomId>> {
  const rows = await sql<{ roomId: RoomId }[]>`
    select distinct c.room_id as "roomId" from state_changes c join events e using (event_id)
    where c.room_id = any(${roomIds as RoomId[]}) and c.type = 'm.room.history_visibility' and c.state_key = ''
      and e.content::json ->> 'history_visibility' in ('invited', 'joined')`
  return new Set(rows.map((row) => row.roomId))
}

/** Everything of some events but their content, as it goes to other servers. */
export const readEnvelopes = (sql: Read, eventIds: readonly EventId[]) =>
  sql<{ eventId: EventId; envelope: string }[]>`
    select event_id as "eventId", envelope from events where event_id = any(${eventIds as EventId[]})`

/** What each of some state events replaced. */
export const readReplaced = (sql: Read, eventIds: readonly EventId[]) =>
  sql<{ by: EventId; sender: UserId; replacesState: EventId; previousContent: string }[]>`
    select n.event_id as by, e.sender, e.event_id as "replacesState", e.content as "previousContent" from events n
    cross join lateral (
      select s.event_id from state_changes s
      where s.room_id = n.room_id and s.type = n.type and s.state_key = n.state_key and s.position < n.position
      order by s.position desc limit 1) before
    join events e on e.event_id = before.event_id
    where n.event_id = any(${eventIds as EventId[]})`
