import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Read, Tx } from '#node/db/transaction.ts'
import { storedEvent } from '#node/rooms/store.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'
import type { SearchKey } from './searchable-text.ts'

// Writing down what can be found

export async function readProgress(sql: Read): Promise<number> {
  const [row] = await sql<{ position: number }[]>`select position from search_progress`
  return row!.position
}

/** Fails to move where somebody else has moved it. */
export async function moveProgress(tx: Tx, from: number, to: number): Promise<boolean> {
  return (await tx`update search_progress set position = ${to} where position = ${from}`).count > 0
}

/** What happened in rooms after a position and up to another, as far as it is of these types; oldest first. */
export const readNews = (sql: Read, after: number, upTo: number, types: readonly string[], limit: number) => sql<
  StoredEvent[]
>`
  select ${storedEvent(sql)} from events e
  where e.position > ${after} and e.position <= ${upTo} and e.type = any(${types as string[]})
  order by e.position limit ${limit}`

export interface TextRow {
  readonly sourceId: EventId
  /** The message that this is a new text of. */
  readonly edits: EventId | undefined
  readonly sender: UserId
  readonly roomId: RoomId
  readonly key: SearchKey
  readonly position: number
  readonly words: readonly string[]
}

/** An edit counts if it is of a message of the same sender in the same room that is no edit itself. */
export const insertTexts = (tx: Tx, rows: readonly TextRow[]) => tx`
  insert into search_texts (source_id, event_id, room_id, key, position, is_current, words)
  select n.source_id, coalesce(n.edits, n.source_id), n.room_id, n.key, n.position, true, array_to_tsvector(string_to_array(n.words, ' '))
  from unnest(
    ${rows.map((r) => r.sourceId)}::text[], ${rows.map((r) => r.edits ?? null)}::text[], ${rows.map((r) => r.sender)}::text[],
    ${rows.map((r) => r.roomId)}::text[], ${rows.map((r) => r.key)}::text[], ${rows.map((r) => r.position)}::bigint[],
    ${rows.map((r) => r.words.join(' '))}::text[]) as n (source_id, edits, sender, room_id, key, position, words)
  where n.edits is null or exists (
    select 1 from events o where o.event_id = n.edits and o.room_id = n.room_id and o.sender = n.sender and o.type = 'm.room.message'
      and o.state_key is null and o.redacted_by is null
      and not exists (select 1 from relations r where r.child_id = o.event_id and r.rel_type = 'm.replace'))
  on conflict (source_id) do nothing`

/** A message goes with its edits, an edit alone. Answers with the messages that lost a text. */
export async function deleteTexts(tx: Tx, targets: readonly EventId[]): Promise<EventId[]> {
  const rows = await tx<{ eventId: EventId }[]>`
    delete from search_texts where source_id = any(${targets as EventId[]}) or event_id = any(${targets as EventId[]})
    returning event_id as "eventId"`
  return rows.map((row) => row.eventId)
}

/** Of a message's texts the newest is the one that is found. */
export const settleCurrent = (tx: Tx, eventIds: readonly EventId[]) => tx`
  update search_texts t set is_current = t.position = n.newest
  from (
    select event_id, max(position) as newest from search_texts where event_id = any(${eventIds as EventId[]}) group by event_id
  ) n
  where t.event_id = n.event_id and t.is_current <> (t.position = n.newest)`

// Finding

export interface Wanted {
  /** Each finds all words that it begins; letters and digits only. */
  readonly words: readonly string[]
  readonly keys: readonly SearchKey[]
  readonly rooms: readonly RoomId[]
  readonly ignored: readonly UserId[]
  readonly order: 'recent' | 'rank'
}

/** Where to go on: after the event at a position, or after so many of the best. */
export interface Cursor {
  readonly before: number
  readonly skip: number
}

export type FoundEvent = StoredEvent & {
  readonly rank: number
  /** The text that was found, which may be an edit's. */
  readonly sourceContent: string
}

/** Words are quoted, and hold nothing that a quoted word would have to escape. */
const queryOf = (words: readonly string[]) => words.map((word) => `'${word}':*`).join(' & ')

export const findEvents = (sql: Read, { words, keys, rooms, ignored, order }: Wanted, at: Cursor, limit: number) => {
  const query = queryOf(words)
  return sql<FoundEvent[]>`
    select ${storedEvent(sql)}, ts_rank(t.words, ${query}::tsquery, 1) as rank, source.content as "sourceContent"
    from search_texts t
    join events e on e.event_id = t.event_id
    join events source on source.event_id = t.source_id
    where t.is_current and t.words @@ ${query}::tsquery and t.room_id = any(${rooms as RoomId[]}) and t.key = any(${keys as SearchKey[]})
      and e.redacted_by is null and source.redacted_by is null and e.position < ${at.before} and e.sender <> all(${ignored as UserId[]})
    order by ${order === 'recent' ? sql`e.position desc` : sql`rank desc, e.position desc`}
    limit ${limit} offset ${at.skip}`
}

/** Rooms that somebody is in, or was and has not forgotten. */
export async function readRoomsEverIn(sql: Read, userId: UserId): Promise<RoomId[]> {
  const rows = await sql<{ roomId: RoomId }[]>`
    select room_id as "roomId" from members where user_id = ${userId} and membership in ('join', 'leave', 'ban') and not forgotten`
  return rows.map((row) => row.roomId)
}

/** No search holds a connection for long: the rest of the transaction gives up after this time. */
export const limitTime = (tx: Tx, ms: number) => tx`select set_config('statement_timeout', ${String(ms)}, true)`

/** What is emptied of a room that is deleted. */
export const roomTables = ['search_texts'] as const
