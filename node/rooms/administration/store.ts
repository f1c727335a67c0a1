import type { EventId, RoomAlias, RoomId, UserId } from '#spec/ids.ts'
import type { Read, Tx } from '#node/db/transaction.ts'

export async function readBlock(sql: Read, roomId: RoomId): Promise<UserId | undefined> {
  const [row] = await sql<{ by: UserId }[]>`select blocked_by as by from blocked_rooms where room_id = ${roomId}`
  return row?.by
}

export const insertBlock = (tx: Tx, roomId: RoomId, by: UserId, now: number) => tx`
  insert into blocked_rooms (room_id, blocked_by, blocked_at) values (${roomId}, ${by}, ${now}) on conflict do nothing`

export const deleteBlock = (tx: Tx, roomId: RoomId) => tx`delete from blocked_rooms where room_id = ${roomId}`

/** Whoever is in a room, invited to it, or asks to come in. */
export async function readPresent(sql: Read, roomId: RoomId, limit: number): Promise<UserId[]> {
  const rows = await sql<{ userId: UserId }[]>`
    select user_id as "userId" from members where room_id = ${roomId} and membership in ('join', 'invite', 'knock')
    order by user_id limit ${limit}`
  return rows.map((row) => row.userId)
}

export const deleteRoomRow = (tx: Tx, roomId: RoomId) => tx`delete from rooms where room_id = ${roomId}`

/** Tables of this slice that are emptied of a room; events, their changes of state and the members go another way. */
export const roomTables = [
  'state_layers',
  'current_state',
  'relations',
  'threads',
  'room_aliases',
  'room_summaries',
  'server_notice_rooms',
] as const

const isDeparture = (sql: Read) => sql`
  exists (select 1 from members m where m.room_id = e.room_id and m.event_id = e.event_id)`

/** Deletes events of a room, with what is remembered of who sent them; those by which people are out of it stay as long as the members do. */
export async function deleteEvents(tx: Tx, roomId: RoomId, limit: number): Promise<EventId[]> {
  const rows = await tx<{ eventId: EventId }[]>`
    delete from events where event_id in (
      select event_id from events e where e.room_id = ${roomId} and not ${isDeparture(tx)} limit ${limit})
    returning event_id as "eventId"`
  const ids = rows.map((row) => row.eventId)
  await tx`delete from event_transactions where event_id = any(${ids})`
  return ids
}

export const deleteStateChanges = (tx: Tx, roomId: RoomId) => tx`
  delete from state_changes e where e.room_id = ${roomId} and not ${isDeparture(tx)}`

export const deleteMembers = (tx: Tx, roomId: RoomId) => tx`delete from members where room_id = ${roomId}`

// Deletions

export interface DeletionRow {
  readonly deleteId: string
  readonly roomId: RoomId
  readonly blocks: boolean
  readonly purges: boolean
  readonly status: 'scheduled' | 'active' | 'complete'
  readonly kicked: readonly UserId[]
  readonly aliases: readonly RoomAlias[]
}

export const insertDeletion = (
  tx: Tx,
  d: Pick<DeletionRow, 'deleteId' | 'roomId' | 'blocks' | 'purges'> & { by: UserId; now: number },
) => tx`
  insert into room_deletions (delete_id, room_id, asked_by, asked_at, blocks, purges, status, local_aliases)
  select ${d.deleteId}, ${d.roomId}, ${d.by}, ${d.now}, ${d.blocks}, ${d.purges}, 'scheduled',
    array(select alias from room_aliases where room_id = ${d.roomId} order by alias)`

const deletionColumns = (sql: Read) => sql`
  delete_id as "deleteId", room_id as "roomId", blocks, purges, status, kicked, local_aliases as aliases`

export async function readDeletion(sql: Read, deleteId: string): Promise<DeletionRow | undefined> {
  const [row] = await sql<DeletionRow[]>`
    select ${deletionColumns(sql)} from room_deletions where delete_id = ${deleteId}`
  return row
}

export const readDeletions = (sql: Read, roomId: RoomId) => sql<DeletionRow[]>`
  select ${deletionColumns(sql)} from room_deletions where room_id = ${roomId} order by asked_at`

/** Who was taken out is added to who was before. */
export const noteProgress = (tx: Tx, deleteId: string, status: DeletionRow['status'], kicked: readonly UserId[]) => tx`
  update room_deletions set status = ${status}, kicked = kicked || string_to_array(${kicked.join(' ')}, ' ')
  where delete_id = ${deleteId}`
