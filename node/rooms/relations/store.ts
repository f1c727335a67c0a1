import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Statement } from '#node/db/pipeline.ts'
import type { Read, TxSql } from '#node/db/transaction.ts'

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
