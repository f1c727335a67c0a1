import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Membership } from '#spec/room/content.ts'
import type { Statement } from '#node/db/pipeline.ts'
import type { Read, TxSql } from '#node/db/transaction.ts'
import { storedEvent, type TimelinePage } from '../store.ts'
import type { StoredEvent } from '../stored-event.ts'

/** How far a relation is followed: the event's own, its parent's, and the one of that parent. Client-Server API, "Threaded read receipts". */
export const mostSteps = 3

/** A relation as it is kept, with what is asked of its child. */
export interface RelationRow {
  readonly childId: EventId
  readonly roomId: RoomId
  readonly parentId: EventId
  readonly relType: string
  readonly key: string | null
  readonly type: string
  readonly sender: UserId
  readonly originServerTs: number
  readonly position: number
}

/** Where an event stands in a thread. */
export interface InThread {
  readonly root: EventId
  /** How many relations lead to the root: 1 for an event that names it. */
  readonly steps: number
}

/** Relations of events that are stored by the same transaction, and before. */
export function insertRelations(tx: TxSql, rows: readonly RelationRow[]): Statement[] {
  if (rows.length === 0) return []
  const relations = tx`
    insert into relations (child_id, room_id, parent_id, rel_type, key, type, sender, origin_server_ts, position)
    select * from unnest(
      ${rows.map((r) => r.childId)}::text[], ${rows.map((r) => r.roomId)}::text[], ${rows.map((r) => r.parentId)}::text[],
      ${rows.map((r) => r.relType)}::text[], ${rows.map((r) => r.key)}::text[], ${rows.map((r) => r.type)}::text[],
      ${rows.map((r) => r.sender)}::text[], ${rows.map((r) => r.originServerTs)}::bigint[], ${rows.map((r) => r.position)}::bigint[])`
  const inThreads = rows.filter((row) => row.relType === 'm.thread')
  return inThreads.length === 0 ? [relations] : [relations, addToThreads(tx, inThreads)]
}

const addToThreads = (tx: TxSql, rows: readonly RelationRow[]) => tx`
  insert into threads as t (room_id, root_id, root_sender, count, latest_position)
  select n.room_id, n.root_id, e.sender, n.count, n.latest_position
  from (
    select room_id, root_id, count(*) as count, max(position) as latest_position
    from unnest(${rows.map((r) => r.roomId)}::text[], ${rows.map((r) => r.parentId)}::text[], ${rows.map((r) => r.position)}::bigint[])
      as n (room_id, root_id, position)
    group by room_id, root_id
  ) n left join events e on e.event_id = n.root_id and e.room_id = n.room_id
  on conflict (room_id, root_id) do update set
    count = t.count + excluded.count, latest_position = greatest(t.latest_position, excluded.latest_position),
    root_sender = coalesce(t.root_sender, excluded.root_sender)`

/** An event that was redacted relates to nothing any more. */
export const removeRelations = (tx: TxSql, childIds: readonly EventId[]): Statement[] => [
  tx`
    update threads t set count = t.count - gone.count, latest_position = coalesce((
      select max(r.position) from relations r
      where r.room_id = t.room_id and r.parent_id = t.root_id and r.rel_type = 'm.thread' and r.child_id <> all(${childIds as EventId[]})
    ), 0)
    from (
      select room_id, parent_id, count(*) as count from relations
      where child_id = any(${childIds as EventId[]}) and rel_type = 'm.thread' group by room_id, parent_id
    ) gone
    where t.room_id = gone.room_id and t.root_id = gone.parent_id`,
  tx`delete from relations where child_id = any(${childIds as EventId[]})`,
]

/** Whether anybody has ever begun a thread in the room. */
export async function hasThreads(sql: Read, roomId: RoomId): Promise<boolean> {
  const rows = await sql`select 1 from threads where room_id = ${roomId} limit 1`
  return rows.length > 0
}

/** Whether somebody has said this of an event already. */
export async function isAnnotated(
  sql: Read,
  roomId: RoomId,
  { parent, key, type, sender }: { parent: EventId; key: string; type: string; sender: UserId },
): Promise<boolean> {
  const rows = await sql`
    select 1 from relations
    where room_id = ${roomId} and parent_id = ${parent} and rel_type = 'm.annotation' and sender = ${sender} and type = ${type} and key = ${key}
    limit 1`
  return rows.length > 0
}

/** Whether an event relates to another one. */
export async function isRelated(sql: Read, roomId: RoomId, eventId: EventId): Promise<boolean> {
  const rows = await sql`select 1 from relations where child_id = ${eventId} and room_id = ${roomId}`
  return rows.length > 0
}

/**
 * The threads that some events of a room belong to; those that stand in the main timeline are left out. The answer is one query, however
 * many events.
 */
export async function readThreadsOf(
  sql: Read,
  roomId: RoomId,
  eventIds: readonly EventId[],
): Promise<ReadonlyMap<EventId, InThread>> {
  const rows = await sql<(InThread & { eventId: EventId })[]>`
    with recursive step as (
      select child_id as event_id, parent_id, rel_type, 1 as steps from relations
      where child_id = any(${eventIds as EventId[]}) and room_id = ${roomId}
      union all
      select s.event_id, r.parent_id, r.rel_type, s.steps + 1
      from step s join relations r on r.child_id = s.parent_id and r.room_id = ${roomId}
      where s.rel_type <> 'm.thread' and s.steps < ${mostSteps}
    )
    select event_id as "eventId", parent_id as root, steps from step where rel_type = 'm.thread'`
  return new Map(rows.map(({ eventId, ...inThread }) => [eventId, inThread]))
}

/** An event of a room. */
export interface Place {
  readonly roomId: RoomId
  readonly eventId: EventId
}

const placeTable = (sql: Read, places: readonly Place[]) => sql`
  unnest(${places.map((p) => p.roomId)}::text[], ${places.map((p) => p.eventId)}::text[]) as p (room_id, event_id)`

/** Of some events those that others relate to in a way that is summed up for clients, with that way. Most have no relation at all, and cost one look. */
export const readAggregated = (sql: Read, places: readonly Place[]) => sql<{ eventId: EventId; relType: string }[]>`
  with related as materialized (
    select p.room_id, p.event_id from ${placeTable(sql, places)}
    cross join lateral (select 1 from relations r where r.room_id = p.room_id and r.parent_id = p.event_id limit 1) any_of
  )
  select p.event_id as "eventId", w.rel_type as "relType"
  from related p cross join (values ('m.replace'), ('m.thread'), ('m.reference')) as w (rel_type)
  cross join lateral (
    select 1 from relations r where r.room_id = p.room_id and r.parent_id = p.event_id and r.rel_type = w.rel_type limit 1) one_of`

/** How a reader stands in a room. */
export interface Standing {
  readonly roomId: RoomId
  readonly membership: Membership | null
  readonly membershipPosition: number | null
  /** The room did not always show its past to whoever comes later. */
  readonly isClosed: boolean
}

export const readStandings = (sql: Read, userId: UserId, roomIds: readonly RoomId[]) => sql<Standing[]>`
  select n.room_id as "roomId", m.membership, m.membership_position as "membershipPosition", exists (
    select 1 from state_changes c join events e using (event_id)
    where c.room_id = n.room_id and c.type = 'm.room.history_visibility' and c.state_key = ''
      and e.content::json ->> 'history_visibility' in ('invited', 'joined')) as "isClosed"
  from unnest(${roomIds as RoomId[]}::text[]) as n (room_id) left join members m on m.room_id = n.room_id and m.user_id = ${userId}`

/** Whose children are asked for, up to which position, and how many of them. */
export interface Asked extends Place {
  readonly type: string
  readonly sender: UserId
  readonly upTo: number
  readonly most: number
}

const askedTable = (sql: Read, asked: readonly Asked[]) => sql`
  unnest(
    ${asked.map((a) => a.roomId)}::text[], ${asked.map((a) => a.eventId)}::text[], ${asked.map((a) => a.type)}::text[],
    ${asked.map((a) => a.sender)}::text[], ${asked.map((a) => a.upTo)}::bigint[], ${asked.map((a) => a.most)}::int[]
  ) as a (room_id, event_id, type, sender, up_to, most)`

interface Child {
  readonly parentId: EventId
  readonly childId: EventId
}

/** The most recent replacements of each event by its own sender, the latest first. Client-Server API, "Validity of replacement events". */
export const readReplacements = (sql: Read, asked: readonly Asked[]) => sql<Child[]>`
  select a.event_id as "parentId", c.child_id as "childId" from ${askedTable(sql, asked)}
  cross join lateral (
    select r.child_id, r.origin_server_ts from relations r
    where r.room_id = a.room_id and r.parent_id = a.event_id and r.rel_type = 'm.replace' and r.sender = a.sender and r.type = a.type
      and r.position <= a.up_to
    order by r.origin_server_ts desc, r.child_id collate "C" desc limit a.most) c
  order by c.origin_server_ts desc, c.child_id collate "C" desc`

/** Events that refer to each event, the oldest first. */
export const readReferences = (sql: Read, asked: readonly Asked[], ignored: readonly string[]) => sql<Child[]>`
  select a.event_id as "parentId", c.child_id as "childId" from ${askedTable(sql, asked)}
  cross join lateral (
    select r.child_id, r.position from relations r
    where r.room_id = a.room_id and r.parent_id = a.event_id and r.rel_type = 'm.reference' and r.sender <> all(${ignored as string[]})
      and r.position <= a.up_to
    order by r.position limit a.most) c
  order by c.position`

export interface ThreadRow extends Child {
  /** Of all events in the thread that are not ignored. */
  readonly count: number
  readonly hasWritten: boolean
}

/** The newest events in the thread of each event, newest first, and what is said of the thread as a whole. */
export const readThreads = (sql: Read, userId: UserId, asked: readonly Asked[], ignored: readonly string[]) => sql<
  ThreadRow[]
>`
  select a.event_id as "parentId", c.child_id as "childId",
    (case when t.latest_position <= a.up_to then t.count else (
      select count(*) from relations r
      where r.room_id = a.room_id and r.parent_id = a.event_id and r.rel_type = 'm.thread' and r.position <= a.up_to) end)
    - (select count(*) from relations r
      where r.room_id = a.room_id and r.parent_id = a.event_id and r.rel_type = 'm.thread' and r.sender = any(${ignored as string[]})
        and r.position <= a.up_to) as count,
    exists (
      select 1 from relations r
      where r.room_id = a.room_id and r.parent_id = a.event_id and r.rel_type = 'm.thread' and r.sender = ${userId}) as "hasWritten"
  from ${askedTable(sql, asked)} join threads t on t.room_id = a.room_id and t.root_id = a.event_id
  cross join lateral (
    select r.child_id, r.position from relations r
    where r.room_id = a.room_id and r.parent_id = a.event_id and r.rel_type = 'm.thread' and r.sender <> all(${ignored as string[]})
      and r.position <= least(a.up_to, t.latest_position)
    order by r.position desc limit a.most) c
  order by c.position desc`

interface ChildrenRequest extends TimelinePage, Place {
  readonly relType?: string | undefined
  readonly eventType?: string | undefined
  /** 1: only what relates to the event itself. */
  readonly depth: number
}

/**
 * Events that relate to an event of a room, and to those in turn, down to a depth, by position: the newest first for `b`. What is asked of
 * their types is asked of each on the way.
 */
export function readChildren(sql: Read, { roomId, eventId, relType, eventType, depth, ...page }: ChildrenRequest) {
  const chosen = sql`
    r.room_id = ${roomId} ${relType === undefined ? sql`` : sql`and r.rel_type = ${relType}`}
    ${eventType === undefined ? sql`` : sql`and r.type = ${eventType}`}`
  const children =
    depth === 1
      ? sql`select r.child_id, r.position from relations r where r.parent_id = ${eventId} and ${chosen}`
      : sql`
        with recursive descendant as (
          select r.child_id, r.position, 1 as depth from relations r where r.parent_id = ${eventId} and ${chosen}
          union all
          select r.child_id, r.position, d.depth + 1 from descendant d join relations r on r.parent_id = d.child_id and ${chosen}
          where d.depth < ${depth}
        )
        select child_id, position from descendant`
  return sql<StoredEvent[]>`
    select ${storedEvent(sql)} from (
      select child_id from (${children}) c where position > ${page.after} and position <= ${page.upTo}
      order by position ${page.direction === 'b' ? sql`desc` : sql`asc`} limit ${page.limit}) c
    join events e on e.event_id = c.child_id order by e.position ${page.direction === 'b' ? sql`desc` : sql`asc`}`
}

interface ThreadsPage {
  readonly upTo: number
  readonly limit: number
  /** Given: only threads that this user wrote in or began. */
  readonly participant: UserId | undefined
}

/** The threads of a room, the one with the newest event first. */
export const readThreadRoots = (sql: Read, roomId: RoomId, { upTo, limit, participant }: ThreadsPage) => sql<
  { rootId: EventId; latestPosition: number }[]
>`
  select t.root_id as "rootId", t.latest_position as "latestPosition" from threads t
  where t.room_id = ${roomId} and t.count > 0 and t.latest_position <= ${upTo}
    ${
      participant === undefined
        ? sql``
        : sql`
          and t.root_id in (
            select r.parent_id from relations r where r.room_id = ${roomId} and r.sender = ${participant} and r.rel_type = 'm.thread'
            union select o.root_id from threads o where o.room_id = ${roomId} and o.root_sender = ${participant}
            union select o.root_id from threads o join events e on e.event_id = o.root_id and e.room_id = o.room_id
              where o.room_id = ${roomId} and o.root_sender is null and e.sender = ${participant})`
    }
  order by t.latest_position desc limit ${limit}`
