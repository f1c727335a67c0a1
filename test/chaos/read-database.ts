import type { EventId, RoomId } from '#spec/ids.ts'
import { decodeEvent } from '#spec/room/build.ts'
import type { Sql } from '#node/db/connect.ts'
import type { FoundMessage } from './check-messages.ts'
import type { KeptRoom } from './check-room.ts'

export async function readRoomIds(sql: Sql): Promise<RoomId[]> {
  const rows = await sql<{ roomId: RoomId }[]>`select room_id as "roomId" from rooms order by room_id`
  return rows.map((row) => row.roomId)
}

export async function readRoom(sql: Sql, roomId: RoomId): Promise<KeptRoom> {
  const [[row], events, currentState, stateChanges, layers, members] = await Promise.all([
    sql<Pick<KeptRoom, 'version' | 'heads' | 'stateLayer'>[]>`
      select version, heads, state_layer as "stateLayer" from rooms where room_id = ${roomId}`,
    readEvents(sql, roomId),
    sql<KeptRoom['currentState'][number][]>`
      select type, state_key as key, event_id as "eventId", position from current_state where room_id = ${roomId}`,
    sql<KeptRoom['stateChanges'][number][]>`
      select type, state_key as key, event_id as "eventId", position from state_changes where room_id = ${roomId}`,
    sql<KeptRoom['layers'][number][]>`
      select layer, ordinal, chain, delta from state_layers where room_id = ${roomId}`,
    sql<KeptRoom['members'][number][]>`
      select user_id as "userId", membership, event_id as "eventId" from members where room_id = ${roomId}`,
  ])
  return { roomId, ...row!, events, currentState, stateChanges, layers, members }
}

interface EventRow {
  readonly id: EventId
  readonly position: number
  readonly stateBefore: number
  readonly content: string
  readonly envelope: string
}

async function readEvents(sql: Sql, roomId: RoomId): Promise<KeptRoom['events']> {
  const rows = await sql<EventRow[]>`
    select event_id as id, position, state_before as "stateBefore", content, envelope
    from events where room_id = ${roomId} order by position`
  return rows.map(({ id, content, envelope, ...rest }) => ({
    event: decodeEvent(id, roomId, content, envelope),
    ...rest,
  }))
}

/** Which event each request made, by the table that answers repeated requests. */
export async function readTransactions(sql: Sql): Promise<FoundMessage[]> {
  const rows = await sql<{ sender: string; scope: string; txnId: string; eventId: string }[]>`
    select user_id as sender, scope, txn_id as "txnId", event_id as "eventId" from event_transactions`
  return rows.map(({ scope, ...rest }) => ({ ...rest, roomId: scope.split('/')[0]! }))
}

/** What concerns no single room. */
export async function checkLog(sql: Sql): Promise<string[]> {
  const [facts] = await sql<{ twice: number; beyond: number; homeless: number; unplaced: number }[]>`
    select (select count(*) from (select from events where position is not null group by position having count(*) > 1) p) as twice,
           (select count(*) from events where position > (select position from stream_head)) as beyond,
           (select count(*) from events e where not exists (select from rooms r where r.room_id = e.room_id)) as homeless,
           (select count(*) from events where position is null) as unplaced`
  const { twice, beyond, homeless, unplaced } = facts!
  return [
    ...(twice > 0 ? [`${twice} positions were given twice`] : []),
    ...(beyond > 0 ? [`${beyond} events stand beyond the head of the log`] : []),
    ...(homeless > 0 ? [`${homeless} events belong to no room`] : []),
    ...(unplaced > 0 ? [`${unplaced} events have no position`] : []),
  ]
}
