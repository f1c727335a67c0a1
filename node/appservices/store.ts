import type { DeviceId, RoomAlias, RoomId, UserId } from '#spec/ids.ts'
import type { Statement } from '#node/db/pipeline.ts'
import type { Read, Tx, TxSql } from '#node/db/transaction.ts'
import type { ReceiptInRoom } from '#node/ephemeral/store.ts'
import { storedEvent } from '#node/rooms/store.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'
import type { MemberSpan } from './facts.ts'

// How far a service has been told

/** What a service is being told: the same at every attempt. */
export interface Pending {
  readonly txnId: string
  /** JSON. */
  readonly body: string
  /** Where the service stands when it has taken it. */
  readonly upTo: number
}

export const beginProgress = (tx: Tx, ids: readonly string[], head: number) => tx`
  insert into appservice_progress (appservice_id, position) select id, ${head}::bigint from unnest(${ids as string[]}::text[]) as i (id)
  on conflict do nothing`

export async function readProgress(sql: Read, id: string): Promise<{ position: number; pending: Pending | undefined }> {
  const [row] = await sql<{ position: number; txnId: string | null; body: string; upTo: number }[]>`
    select position, txn_id as "txnId", body, up_to as "upTo" from appservice_progress where appservice_id = ${id}`
  const { position, txnId, body, upTo } = row!
  return { position, pending: txnId === null ? undefined : { txnId, body, upTo } }
}

export const setPending = (tx: Tx, id: string, { txnId, body, upTo }: Pending) => tx`
  update appservice_progress set txn_id = ${txnId}, body = ${body}, up_to = ${upTo} where appservice_id = ${id}`

/** What lies before the position is of no interest any more. */
export async function setPosition(tx: Tx, id: string, position: number): Promise<void> {
  await tx`
    update appservice_progress set position = ${position}, txn_id = null, body = null, up_to = null where appservice_id = ${id}`
  await tx`delete from appservice_members where appservice_id = ${id} and until_position <= ${position}`
}

// Whose users are where

/** Spans begin, or are whole; those that were open end with the first leaving. */
export function insertSpans(tx: TxSql, spans: readonly MemberSpan[]): Statement[] {
  const ended = [
    ...Map.groupBy(
      spans.filter((s) => !s.isIn),
      keyOf,
    ).values(),
  ].map(([first]) => first!)
  return [
    ...(ended.length === 0 ? [] : [endOpen(tx, ended)]),
    tx`
      insert into appservice_members (appservice_id, room_id, user_id, from_position, until_position)
      select * from unnest(
        ${spans.map((s) => s.appserviceId)}::text[], ${spans.map((s) => s.roomId)}::text[], ${spans.map((s) => s.userId)}::text[],
        ${spans.map((s) => s.from)}::bigint[], ${spans.map((s) => s.until)}::bigint[])
      on conflict do nothing`,
  ]
}

const keyOf = ({ appserviceId, roomId, userId }: MemberSpan) => JSON.stringify([appserviceId, roomId, userId])

const endOpen = (tx: TxSql, ended: readonly MemberSpan[]) => tx`
  update appservice_members m set until_position = n.position
  from unnest(
    ${ended.map((s) => s.appserviceId)}::text[], ${ended.map((s) => s.roomId)}::text[], ${ended.map((s) => s.userId)}::text[],
    ${ended.map((s) => s.from)}::bigint[]) as n (appservice_id, room_id, user_id, position)
  where m.appservice_id = n.appservice_id and m.room_id = n.room_id and m.user_id = n.user_id and m.until_position is null
    and m.from_position <= n.position`

export const readJoinedUsers = (sql: Read) =>
  sql<{ userId: UserId }[]>`select distinct user_id as "userId" from members where membership = 'join'`

/** Makes the open spans of a service those of the users given: its registration may have changed while the node was away. */
export async function settleSpans(tx: Tx, id: string, users: readonly UserId[], head: number): Promise<void> {
  const joined = () => tx`
    select room_id, user_id from members where user_id = any(${users as UserId[]}::text[]) and membership = 'join'`
  await tx`
    update appservice_members m set until_position = ${head}
    where m.appservice_id = ${id} and m.until_position is null and (m.room_id, m.user_id) not in (${joined()})`
  await tx`
    insert into appservice_members (appservice_id, room_id, user_id, from_position)
    select ${id}, j.room_id, j.user_id, ${head}::bigint from (${joined()}) j
    where not exists (select 1 from appservice_members m
      where m.appservice_id = ${id} and m.room_id = j.room_id and m.user_id = j.user_id and m.until_position is null)
    on conflict do nothing`
}

export const readOpenRooms = (sql: Read) => sql<{ appserviceId: string; roomId: RoomId }[]>`
  select distinct appservice_id as "appserviceId", room_id as "roomId" from appservice_members where until_position is null`

/** The rooms in which a service has users; every room, for one that cares about others too. */
export async function readRoomIds(sql: Read, id: string, all: boolean): Promise<RoomId[]> {
  const rows = await (all
    ? sql<{ roomId: RoomId }[]>`select room_id as "roomId" from rooms`
    : sql<{ roomId: RoomId }[]>`
        select distinct room_id as "roomId" from appservice_members where appservice_id = ${id} and until_position is null`)
  return rows.map((row) => row.roomId)
}

/** Of some rooms those in which a service has users. */
export async function readOpenAmong(sql: Read, id: string, rooms: readonly RoomId[]): Promise<RoomId[]> {
  const rows = await sql<{ roomId: RoomId }[]>`
    select distinct room_id as "roomId" from appservice_members
    where appservice_id = ${id} and room_id = any(${rooms as RoomId[]}::text[]) and until_position is null`
  return rows.map((row) => row.roomId)
}

/** Users of a service that are in some rooms. */
export const readOwnMembers = (sql: Read, id: string, rooms: readonly RoomId[]) => sql<{ userId: UserId }[]>`
  select distinct user_id as "userId" from appservice_members
  where appservice_id = ${id} and room_id = any(${rooms as RoomId[]}::text[]) and until_position is null`

/** Of some people those who are in a room with a user of the service. */
export async function readAcquainted(sql: Read, id: string, users: readonly UserId[]): Promise<Set<UserId>> {
  if (users.length === 0) return new Set()
  const rows = await sql<{ userId: UserId }[]>`
    select distinct m.user_id as "userId" from members m
    join appservice_members a on a.appservice_id = ${id} and a.room_id = m.room_id and a.until_position is null
    where m.user_id = any(${users as UserId[]}::text[]) and m.membership = 'join'`
  return new Set(rows.map((row) => row.userId))
}

// What there is to tell

/** A piece of the log, and how much of it is wanted. */
export interface Piece {
  readonly after: number
  readonly upTo: number
  readonly limit: number
}

export const readRoomsIn = (sql: Read, { after, upTo }: Piece) => sql<{ roomId: RoomId }[]>`
  select distinct room_id as "roomId" from events where position > ${after} and position <= ${upTo}`

export const readAliases = (sql: Read, rooms: readonly RoomId[]) => sql<{ roomId: RoomId; alias: RoomAlias }[]>`
  select room_id as "roomId", alias from room_aliases where room_id = any(${rooms as RoomId[]}::text[])`

/** Events of rooms in which a user of the service was at the time, or that concern one of them; and of the rooms given. */
export const readEvents = (sql: Read, id: string, rooms: readonly RoomId[], { after, upTo, limit }: Piece) => sql<
  StoredEvent[]
>`
  select ${storedEvent(sql)} from events e
  where e.position > ${after} and e.position <= ${upTo}
    and (e.room_id = any(${rooms as RoomId[]}::text[]) or exists (
      select 1 from appservice_members m where m.appservice_id = ${id} and m.room_id = e.room_id
        and m.from_position <= e.position and (m.until_position is null or m.until_position >= e.position)))
  order by e.position limit ${limit}`

export type ReceiptAt = ReceiptInRoom & { readonly position: number }

export const readReceipts = (sql: Read, rooms: readonly RoomId[], { after, upTo, limit }: Piece) => sql<ReceiptAt[]>`
  select room_id as "roomId", user_id as "userId", receipt_type as type, thread_id as "threadId", event_id as "eventId",
    received_at as "receivedAt", position
  from receipts where room_id = any(${rooms as RoomId[]}::text[]) and position > ${after} and position <= ${upTo}
  order by position fetch first ${limit} rows with ties`

export interface Letter {
  readonly position: number
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly sender: UserId
  readonly type: string
  readonly content: string
}

/** Messages for devices of the users that the service has registered; of one request all or none. */
export const readLetters = (sql: Read, id: string, { after, upTo, limit }: Piece) => sql<Letter[]>`
  select m.position, m.user_id as "userId", m.device_id as "deviceId", m.sender, m.type, m.content
  from to_device_messages m join accounts a using (user_id)
  where a.appservice_id = ${id} and m.position > ${after} and m.position <= ${upTo}
  order by m.position fetch first ${limit} rows with ties`

/** Who changed their devices or keys. */
export const readListChanges = (sql: Read, { after, upTo }: Piece) => sql<{ userId: UserId }[]>`
  select user_id as "userId" from device_list_changes where position > ${after} and position <= ${upTo} and seen_by = ''`

export interface Supply {
  readonly userId: UserId
  readonly deviceId: DeviceId
  /** JSON. */
  readonly counts: string
  /** JSON. */
  readonly unused: string
}

/** How many one-time keys are left to the devices of some users of the service, and which fallback keys nobody has used. */
export const readSupplies = (sql: Read, id: string, users: readonly UserId[], limit: number) => sql<Supply[]>`
  select d.user_id as "userId", d.device_id as "deviceId",
    (select coalesce(json_object_agg(c.algorithm, c.count)::text, '{}') from (
      select algorithm, count(*)::int as count from one_time_keys k
      where k.user_id = d.user_id and k.device_id = d.device_id and not k.claimed group by algorithm) c) as counts,
    (select coalesce(json_agg(f.algorithm order by f.algorithm)::text, '[]') from fallback_keys f
      where f.user_id = d.user_id and f.device_id = d.device_id and not f.used) as unused
  from device_keys d join accounts a using (user_id)
  where a.appservice_id = ${id} and d.user_id = any(${users as UserId[]}::text[])
  order by d.user_id, d.device_id limit ${limit}`

// Directories of networks

/** True if a user that the service has registered is in the room. */
export async function hasMember(sql: Read, id: string, roomId: RoomId): Promise<boolean> {
  const rows = await sql`
    select 1 from members m join accounts a using (user_id)
    where m.room_id = ${roomId} and m.membership = 'join' and a.appservice_id = ${id} limit 1`
  return rows.length > 0
}

export const insertRoom = (tx: Tx, id: string, networkId: string, roomId: RoomId) => tx`
  insert into appservice_rooms (appservice_id, network_id, room_id) values (${id}, ${networkId}, ${roomId}) on conflict do nothing`

export const deleteRoom = (tx: Tx, id: string, networkId: string, roomId: RoomId) => tx`
  delete from appservice_rooms where appservice_id = ${id} and network_id = ${networkId} and room_id = ${roomId}`

export async function countRooms(tx: Tx, id: string): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from appservice_rooms where appservice_id = ${id}`
  return row!.count
}
