import type { EventId, RoomAlias, RoomId, UserId } from '#spec/ids.ts'
import { displayNameOf, avatarUrlOf, membershipOf, type Membership } from '#spec/room/content.ts'
import { decodeEvent } from '#spec/room/build.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import type { Statement } from '#node/db/pipeline.ts'
import type { Read, Tx, TxSql } from '#node/db/transaction.ts'
import type { Fact } from '#node/stream/commit.ts'
import type {
  AliasRow,
  EventRow,
  LayerRow,
  PublishedRow,
  RedactionRow,
  ReplacedRow,
  RoomRow,
  SummaryRow,
  Transaction,
  TransactionRow,
} from './facts.ts'
import type { StoredLayer } from './state-layers.ts'
import type { StoredEvent } from './stored-event.ts'

// Writing: many rows in one statement

export const insertEvents = (tx: TxSql, facts: readonly Fact<EventRow>[]) => tx`
  insert into events (event_id, room_id, position, type, state_key, sender, origin_server_ts, depth, state_before, content, envelope)
  select * from unnest(
    ${facts.map((f) => f.row.event.event_id)}::text[], ${facts.map((f) => f.row.event.room_id)}::text[],
    ${facts.map((f) => f.position)}::bigint[], ${facts.map((f) => f.row.event.type)}::text[],
    ${facts.map((f) => f.row.event.state_key ?? null)}::text[], ${facts.map((f) => f.row.event.sender)}::text[],
    ${facts.map((f) => f.row.event.origin_server_ts)}::bigint[], ${facts.map((f) => f.row.event.depth)}::bigint[],
    ${facts.map((f) => f.row.stateBefore)}::bigint[],
    ${facts.map((f) => f.row.content)}::text[], ${facts.map((f) => f.row.envelope)}::text[])`

/** Current state and its changes. */
export function setState(tx: TxSql, facts: readonly Fact<EventRow>[]): Statement[] {
  const changes = facts.filter((fact) => fact.row.event.state_key !== undefined)
  if (changes.length === 0) return []
  const last = lastOf(changes, ({ event }) => `${event.room_id} ${event.type} ${event.state_key}`)
  return [
    tx`
      insert into state_changes (room_id, position, type, state_key, event_id)
      select * from unnest(${rooms(changes)}::text[], ${positions(changes)}::bigint[], ${types(changes)}::text[], ${keys(changes)}::text[], ${ids(changes)}::text[])`,
    tx`
      insert into current_state (room_id, type, state_key, event_id, position)
      select * from unnest(${rooms(last)}::text[], ${types(last)}::text[], ${keys(last)}::text[], ${ids(last)}::text[], ${positions(last)}::bigint[])
      on conflict (room_id, type, state_key) do update set event_id = excluded.event_id, position = excluded.position`,
  ]
}

const rooms = (facts: readonly Fact<EventRow>[]) => facts.map((f) => f.row.event.room_id)
const types = (facts: readonly Fact<EventRow>[]) => facts.map((f) => f.row.event.type)
const keys = (facts: readonly Fact<EventRow>[]) => facts.map((f) => f.row.event.state_key!)
const ids = (facts: readonly Fact<EventRow>[]) => facts.map((f) => f.row.event.event_id)
const memberships = (facts: readonly Fact<EventRow>[]) => facts.map((f) => membershipOf(f.row.event) ?? 'leave')
const positions = (facts: readonly Fact<EventRow>[]) => facts.map((f) => f.position)

/** One statement cannot touch a row twice: of several facts with one key the last counts. */
const lastOf = (facts: readonly Fact<EventRow>[], key: (row: EventRow) => string): Fact<EventRow>[] => [
  ...new Map(facts.map((fact) => [key(fact.row), fact])).values(),
]

export function setMembers(tx: TxSql, facts: readonly Fact<EventRow>[]): Statement[] {
  const changes = facts.filter(({ row }) => row.event.type === 'm.room.member' && row.event.state_key !== undefined)
  if (changes.length === 0) return []
  const memberKey = ({ event }: EventRow) => `${event.room_id} ${event.state_key}`
  const last = lastOf(changes, memberKey)
  // The latest change of membership in the batch, which a change of name may follow.
  const changedAt = new Map(changes.filter((f) => f.row.membershipChanged).map((f) => [memberKey(f.row), f.position]))
  const count = tx`
    insert into room_summaries as s (room_id, joined_members)
    select n.room_id, sum((n.membership = 'join')::int - (m.membership is not distinct from 'join')::int)
    from unnest(${rooms(last)}::text[], ${keys(last)}::text[], ${memberships(last)}::text[]) as n (room_id, user_id, membership)
    left join members m using (room_id, user_id)
    group by n.room_id
    on conflict (room_id) do update set joined_members = s.joined_members + excluded.joined_members`
  const statement = tx`
    insert into members as m (room_id, user_id, membership, event_id, displayname, avatar_url, position, membership_position)
    select room_id, user_id, membership, event_id, displayname, avatar_url, position, coalesce(changed_at, position)
    from unnest(
      ${rooms(last)}::text[], ${keys(last)}::text[], ${memberships(last)}::text[], ${ids(last)}::text[],
      ${last.map((f) => displayNameOf(f.row.event) ?? null)}::text[], ${last.map((f) => avatarUrlOf(f.row.event) ?? null)}::text[],
      ${positions(last)}::bigint[], ${last.map((f) => changedAt.get(memberKey(f.row)) ?? null)}::bigint[]
    ) as n (room_id, user_id, membership, event_id, displayname, avatar_url, position, changed_at)
    on conflict (room_id, user_id) do update set
      membership = excluded.membership, event_id = excluded.event_id, displayname = excluded.displayname, avatar_url = excluded.avatar_url,
      position = excluded.position,
      membership_position = case when excluded.membership_position = any(${[...changedAt.values()]}::bigint[])
        then excluded.membership_position else m.membership_position end,
      forgotten = false`
  // Counted before the rows change: the difference is between the two.
  return changedAt.size > 0 ? [count, statement] : [statement]
}

export const insertLayers = (tx: TxSql, layers: readonly LayerRow[]) => tx`
  insert into state_layers (layer, room_id, ordinal, chain, delta)
  select layer, room_id, ordinal, string_to_array(chain, ',')::bigint[], delta from unnest(
    ${layers.map((l) => l.layer)}::bigint[], ${layers.map((l) => l.roomId)}::text[], ${layers.map((l) => l.ordinal)}::int[],
    ${layers.map((l) => l.chain.join(','))}::text[], ${layers.map((l) => l.delta)}::text[]) as n (layer, room_id, ordinal, chain, delta)`

export const upsertRooms = (tx: TxSql, rows: readonly RoomRow[]) => tx`
  insert into rooms (room_id, version, heads, state_layer)
  select * from unnest(
    ${rows.map((r) => r.roomId)}::text[], ${rows.map((r) => r.version)}::text[], ${rows.map((r) => r.heads)}::text[],
    ${rows.map((r) => r.stateLayer)}::bigint[])
  on conflict (room_id) do update set heads = excluded.heads, state_layer = excluded.state_layer`

export const insertTransactions = (tx: TxSql, rows: readonly TransactionRow[]) => tx`
  insert into event_transactions (user_id, device_id, scope, txn_id, event_id, created_at)
  select * from unnest(
    ${rows.map((r) => r.userId)}::text[], ${rows.map((r) => r.deviceId)}::text[], ${rows.map((r) => r.scope)}::text[],
    ${rows.map((r) => r.txnId)}::text[], ${rows.map((r) => r.eventId)}::text[], ${rows.map((r) => r.createdAt)}::bigint[])`

export const applyRedactions = (tx: TxSql, rows: readonly RedactionRow[]) => tx`
  update events set content = n.content, envelope = n.envelope, redacted_by = n.redacted_by
  from unnest(
    ${rows.map((r) => r.target)}::text[], ${rows.map((r) => r.redactedBy)}::text[], ${rows.map((r) => r.content)}::text[],
    ${rows.map((r) => r.envelope)}::text[]) as n (event_id, redacted_by, content, envelope)
  where events.event_id = n.event_id and events.redacted_by is null`

export const insertAliases = (tx: TxSql, rows: readonly AliasRow[]) => tx`
  insert into room_aliases (alias, room_id, created_by) select * from unnest(
    ${rows.map((r) => r.alias)}::text[], ${rows.map((r) => r.roomId)}::text[], ${rows.map((r) => r.createdBy)}::text[])`

export const deleteAliases = (tx: TxSql, aliases: readonly RoomAlias[]) =>
  tx`delete from room_aliases where alias = any(${aliases as RoomAlias[]}::text[])`

export const moveAliases = (tx: TxSql, { from, to }: ReplacedRow) =>
  tx`update room_aliases set room_id = ${to} where room_id = ${from}`

export const movePublished = (tx: TxSql, { from, to }: ReplacedRow): Statement[] => [
  tx`
    insert into room_summaries (room_id, published) select ${to}, published from room_summaries where room_id = ${from}
    on conflict (room_id) do update set published = excluded.published`,
  tx`update room_summaries set published = false where room_id = ${from} and published`,
]

export const setPublished = (tx: TxSql, rows: readonly PublishedRow[]) => tx`
  insert into room_summaries (room_id, published)
  select room_id, published from unnest(${rows.map((r) => r.roomId)}::text[], ${rows.map((r) => Number(r.published))}::int[]::boolean[]) as n (room_id, published)
  on conflict (room_id) do update set published = excluded.published`

export const upsertSummaries = (tx: TxSql, rows: readonly SummaryRow[]) => tx`
  insert into room_summaries (
    room_id, name, topic, canonical_alias, avatar_url, join_rule, allowed_rooms, world_readable, guest_can_join, room_type, encryption, search_text
  )
  select
    room_id, name, topic, canonical_alias, avatar_url, join_rule, string_to_array(allowed_rooms, ' '), world_readable, guest_can_join, room_type,
    encryption, search_text
  from unnest(
    ${rows.map((r) => r.roomId)}::text[], ${rows.map((r) => r.name)}::text[], ${rows.map((r) => r.topic)}::text[],
    ${rows.map((r) => r.canonicalAlias)}::text[], ${rows.map((r) => r.avatarUrl)}::text[], ${rows.map((r) => r.joinRule)}::text[],
    ${rows.map((r) => r.allowedRooms.join(' '))}::text[], ${rows.map((r) => Number(r.worldReadable))}::int[]::boolean[],
    ${rows.map((r) => Number(r.guestCanJoin))}::int[]::boolean[], ${rows.map((r) => r.roomType)}::text[], ${rows.map((r) => r.encryption)}::text[],
    ${rows.map((r) => r.searchText)}::text[]
  ) as n (
    room_id, name, topic, canonical_alias, avatar_url, join_rule, allowed_rooms, world_readable, guest_can_join, room_type, encryption, search_text
  )
  on conflict (room_id) do update set
    name = excluded.name, topic = excluded.topic, canonical_alias = excluded.canonical_alias, avatar_url = excluded.avatar_url,
    join_rule = excluded.join_rule, allowed_rooms = excluded.allowed_rooms, world_readable = excluded.world_readable,
    guest_can_join = excluded.guest_can_join, room_type = excluded.room_type, encryption = excluded.encryption, search_text = excluded.search_text`

export const setForgotten = (tx: Tx, roomId: RoomId, userId: UserId) =>
  tx`update members set forgotten = true where room_id = ${roomId} and user_id = ${userId} and membership in ('leave', 'ban')`

export const deleteTransactionsBefore = (tx: Tx, createdAt: number) =>
  tx`delete from event_transactions where created_at < ${createdAt}`

// Reading a room into memory

/** Waits until no writer is about to commit: one that this process lost sight of may still be under way. */
export const awaitWriters = (sql: Read) => sql`select 1 from stream_head for share`

export async function readRoom(sql: Read, roomId: RoomId): Promise<RoomRow | undefined> {
  const [row] = await sql<RoomRow[]>`
    select room_id as "roomId", version, heads, state_layer as "stateLayer"
    from rooms where room_id = ${roomId}`
  return row
}

export const readCurrentState = (sql: Read, roomId: RoomId) =>
  sql<{ type: string; key: string; eventId: EventId }[]>`
    select type, state_key as key, event_id as "eventId" from current_state where room_id = ${roomId}`

/** The layers that make up the state of a layer, in order. */
export const readChain = (sql: Read, layer: number) => sql<StoredLayer[]>`
  select l.layer, l.ordinal, l.delta from state_layers top join state_layers l on l.layer = any(top.chain)
  where top.layer = ${layer} order by l.ordinal`

export async function readRoomEvents(sql: Read, eventIds: readonly EventId[]): Promise<RoomEvent[]> {
  const rows = await sql<{ id: EventId; room: RoomId; content: string; envelope: string }[]>`
    select event_id as id, room_id as room, content, envelope from events where event_id = any(${eventIds as EventId[]})`
  return rows.map((row) => decodeEvent(row.id, row.room, row.content, row.envelope))
}

export async function readTransaction(sql: Read, t: Transaction): Promise<EventId | undefined> {
  const [row] = await sql<{ eventId: EventId }[]>`
    select event_id as "eventId" from event_transactions
    where user_id = ${t.userId} and device_id = ${t.deviceId} and scope = ${t.scope} and txn_id = ${t.txnId}`
  return row?.eventId
}

// Reading for answers

export const storedEvent = (sql: Read) => sql`
  e.event_id as "eventId", e.room_id as "roomId", e.position, e.type, e.state_key as "stateKey", e.sender, e.origin_server_ts as "originServerTs",
  e.depth, e.state_before as "stateBefore", e.content, e.redacted_by as "redactedBy"`

export const readEvents = (sql: Read, eventIds: readonly EventId[]) =>
  sql<StoredEvent[]>`select ${storedEvent(sql)} from events e where e.event_id = any(${eventIds as EventId[]})`

export interface TimelinePage {
  /** Positions above this one, and up to `upTo`. */
  readonly after: number
  readonly upTo: number
  readonly direction: 'b' | 'f'
  readonly limit: number
}

/** Events of a room by position: the newest first for `b`, the oldest first for `f`. */
export const readTimeline = (sql: Read, roomId: RoomId, { after, upTo, direction, limit }: TimelinePage) => sql<
  StoredEvent[]
>`
  select ${storedEvent(sql)} from events e where e.room_id = ${roomId} and e.position > ${after} and e.position <= ${upTo}
  order by e.position ${direction === 'b' ? sql`desc` : sql`asc`} limit ${limit}`

/** Events of a room by the time that their servers gave, from a moment on in one direction. */
export const readByTime = (
  sql: Read,
  roomId: RoomId,
  dir: 'f' | 'b',
  edge: { ts: number; position: number },
  limit: number,
) => sql<StoredEvent[]>`
  select ${storedEvent(sql)} from events e
  where e.room_id = ${roomId} and e.position is not null
    and ${dir === 'f' ? sql`e.origin_server_ts >= ${edge.ts}` : sql`e.origin_server_ts <= ${edge.ts}`}
    and (e.origin_server_ts <> ${edge.ts} or ${dir === 'f' ? sql`e.position > ${edge.position}` : sql`e.position < ${edge.position}`})
  order by ${dir === 'f' ? sql`e.origin_server_ts, e.position` : sql`e.origin_server_ts desc, e.position desc`}
  limit ${limit}`

export const readState = (sql: Read, roomId: RoomId) => sql<StoredEvent[]>`
  select ${storedEvent(sql)} from current_state c join events e using (event_id) where c.room_id = ${roomId}`

export interface MemberRow {
  readonly userId: UserId
  readonly membership: Membership
  readonly eventId: EventId
  readonly displayname: string | null
  readonly avatarUrl: string | null
  readonly position: number
  readonly membershipPosition: number
  readonly forgotten: boolean
}

const memberColumns = (sql: Read) => sql`
  user_id as "userId", membership, event_id as "eventId", displayname, avatar_url as "avatarUrl", position,
  membership_position as "membershipPosition", forgotten`

export async function readMember(sql: Read, roomId: RoomId, userId: UserId): Promise<MemberRow | undefined> {
  const [row] = await sql<MemberRow[]>`
    select ${memberColumns(sql)} from members where room_id = ${roomId} and user_id = ${userId}`
  return row
}

export const readJoinedMembers = (sql: Read, roomId: RoomId) =>
  sql<MemberRow[]>`select ${memberColumns(sql)} from members where room_id = ${roomId} and membership = 'join'`

/** A member of this server, the one who has been in the room longest; nobody if there is none. */
export async function readSomeMember(sql: Read, roomId: RoomId, serverName: string): Promise<UserId[]> {
  const rows = await sql<{ userId: UserId }[]>`
    select user_id as "userId" from members
    where room_id = ${roomId} and membership = 'join' and substring(user_id from position(':' in user_id) + 1) = ${serverName}
    order by membership_position limit 1`
  return rows.map((row) => row.userId)
}

export async function isJoinedToAny(sql: Read, userId: UserId, roomIds: readonly RoomId[]): Promise<boolean> {
  const rows = await sql`
    select 1 from members where user_id = ${userId} and membership = 'join' and room_id = any(${roomIds as RoomId[]}) limit 1`
  return rows.length > 0
}

export const readRoomsOf = (sql: Read, userId: UserId, membership: Membership) =>
  sql<{ roomId: RoomId }[]>`
    select room_id as "roomId" from members where user_id = ${userId} and membership = ${membership} order by membership_position`

export const readMutualRooms = (
  sql: Read,
  [one, other]: readonly [UserId, UserId],
  { after, limit }: { after: string; limit: number },
) =>
  sql<{ roomId: RoomId }[]>`
    select a.room_id as "roomId" from members a join members b using (room_id)
    where a.user_id = ${one} and a.membership = 'join' and b.user_id = ${other} and b.membership = 'join'
      and a.room_id collate "C" > ${after}
    order by a.room_id collate "C" limit ${limit}`

export async function countMutualRooms(sql: Read, [one, other]: readonly [UserId, UserId]): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from members a join members b using (room_id)
    where a.user_id = ${one} and a.membership = 'join' and b.user_id = ${other} and b.membership = 'join'`
  return row!.count
}

export async function readAlias(sql: Read, alias: RoomAlias): Promise<RoomId | undefined> {
  const [row] = await sql<{ roomId: RoomId }[]>`select room_id as "roomId" from room_aliases where alias = ${alias}`
  return row?.roomId
}

export interface AliasOwner {
  readonly roomId: RoomId
  readonly createdBy: UserId
}

export async function readAliasOwner(sql: Read, alias: RoomAlias): Promise<AliasOwner | undefined> {
  const [row] = await sql<AliasOwner[]>`
    select room_id as "roomId", created_by as "createdBy" from room_aliases where alias = ${alias}`
  return row
}

export const readAliasesOf = (sql: Read, roomId: RoomId) =>
  sql<{ alias: RoomAlias }[]>`select alias from room_aliases where room_id = ${roomId} order by alias`

/** Whether the public directory lists a room; nothing if there is no such room. */
export async function readPublished(sql: Read, roomId: RoomId): Promise<boolean | undefined> {
  const [row] = await sql<{ published: boolean }[]>`
    select published from room_summaries join rooms using (room_id) where room_id = ${roomId}`
  return row?.published
}

/** The latest position at which the user joined the room, 0 if never. */
export async function readLastJoin(sql: Read, roomId: RoomId, userId: UserId): Promise<number> {
  const [row] = await sql<{ position: number | null }[]>`
    select max(c.position) as position from state_changes c join events e using (event_id)
    where c.room_id = ${roomId} and c.type = 'm.room.member' and c.state_key = ${userId} and e.content::json ->> 'membership' = 'join'`
  return row?.position ?? 0
}

/** The newest join of a user in a room up to each of some positions, if there was one. */
export const readLastJoins = (sql: Read, roomId: RoomId, userId: UserId, before: readonly number[]) => sql<
  { before: number; position: number }[]
>`
  select b.position as before, max(c.position) as position from unnest(${before as number[]}::bigint[]) as b (position)
  join state_changes c on c.room_id = ${roomId} and c.type = 'm.room.member' and c.state_key = ${userId} and c.position <= b.position
  join events e using (event_id)
  where e.content::json ->> 'membership' = 'join'
  group by b.position`

/** How a user stands to one of several rooms. */
export type MemberIn = Pick<MemberRow, 'membership' | 'membershipPosition' | 'forgotten'> & { readonly roomId: RoomId }

export const readMemberIn = (sql: Read, userId: UserId, roomIds: readonly RoomId[]) => sql<MemberIn[]>`
  select room_id as "roomId", membership, membership_position as "membershipPosition", forgotten
  from members where user_id = ${userId} and room_id = any(${roomIds as RoomId[]})`

/** The position at which the user, who is not in the room now, went out of it for the last time; nothing if they never were in it. */
export async function readLastLeave(sql: Read, roomId: RoomId, userId: UserId): Promise<number | undefined> {
  const joinedAt = await readLastJoin(sql, roomId, userId)
  if (joinedAt === 0) return undefined
  const [row] = await sql<{ position: number | null }[]>`
    select min(position) as position from state_changes
    where room_id = ${roomId} and type = 'm.room.member' and state_key = ${userId} and position > ${joinedAt}`
  return row?.position ?? undefined
}

/** The transactions by which one device knows events; those of the shared scope are known to all devices of the user. */
export const readTransactionIds = (
  sql: Read,
  { userId, deviceId, sharedScope }: { userId: UserId; deviceId: string; sharedScope: string },
  eventIds: readonly EventId[],
) =>
  sql<{ eventId: EventId; txnId: string; scope: string }[]>`
    select event_id as "eventId", txn_id as "txnId", scope from event_transactions
    where event_id = any(${eventIds as EventId[]}) and user_id = ${userId} and (device_id = ${deviceId} or scope = ${sharedScope})`

/** What one type and state key held in a room at each of several positions: the newest change before it, if there was one. */
export const readStateBefore = (
  sql: Read,
  roomId: RoomId,
  asked: readonly { type: string; key: string; before: number }[],
) =>
  sql<{ type: string; key: string; before: number; eventId: EventId; content: string }[]>`
    select a.type, a.key, a.before, e.event_id as "eventId", e.content
    from unnest(${asked.map((a) => a.type)}::text[], ${asked.map((a) => a.key)}::text[], ${asked.map((a) => a.before)}::bigint[]) as a (type, key, before)
    cross join lateral (
      select event_id from state_changes c where c.room_id = ${roomId} and c.type = a.type and c.state_key = a.key and c.position < a.before
      order by c.position desc limit 1) c
    join events e using (event_id)`

/** An event that another one replaced. */
export interface ReplacedEvent extends StoredEvent {
  readonly by: EventId
  /** The reader is in the room, and was when it was sent. */
  readonly sinceJoin: boolean
}

/** What each of some state events replaced. */
export const readReplaced = (sql: Read, reader: UserId, eventIds: readonly EventId[]) => sql<ReplacedEvent[]>`
  select n.event_id as by, ${storedEvent(sql)}, coalesce(m.membership = 'join' and m.membership_position <= e.position, false) as "sinceJoin"
  from events n
  cross join lateral (
    select event_id from state_changes c where c.room_id = n.room_id and c.type = n.type and c.state_key = n.state_key and c.position < n.position
    order by c.position desc limit 1) before
  join events e on e.event_id = before.event_id
  left join members m on m.room_id = n.room_id and m.user_id = ${reader}
  where n.event_id = any(${eventIds as EventId[]}) and n.state_key is not null`

/** What redactions are about, from where rooms up to version 10 have it. */
export const readTargets = (sql: Read, eventIds: readonly EventId[]) =>
  sql<{ eventId: EventId; target: EventId }[]>`
    select event_id as "eventId", envelope::json ->> 'redacts' as target from events
    where event_id = any(${eventIds as EventId[]}) and envelope::json ->> 'redacts' is not null`

/** The whole state of a room as it was at a position. */
export const readStateAt = (sql: Read, roomId: RoomId, upTo: number) => sql<StoredEvent[]>`
  select ${storedEvent(sql)} from (
    select distinct on (type, state_key) event_id from state_changes where room_id = ${roomId} and position <= ${upTo}
    order by type, state_key, position desc) at
  join events e using (event_id)`

/** The member events of some users as they were at a position. */
export const readMemberEvents = (sql: Read, roomId: RoomId, users: readonly UserId[], upTo: number) => sql<
  StoredEvent[]
>`
  select ${storedEvent(sql)} from unnest(${users as UserId[]}::text[]) as u (user_id)
  cross join lateral (
    select event_id from state_changes c
    where c.room_id = ${roomId} and c.type = 'm.room.member' and c.state_key = u.user_id and c.position <= ${upTo}
    order by c.position desc limit 1) at
  join events e using (event_id)`

export const readAllMemberEvents = (sql: Read, roomId: RoomId, upTo: number) => sql<StoredEvent[]>`
  select ${storedEvent(sql)} from (
    select distinct on (state_key) event_id from state_changes
    where room_id = ${roomId} and type = 'm.room.member' and position <= ${upTo} order by state_key, position desc) at
  join events e using (event_id)`

/** One piece of state as it was at a position. */
export async function readStateEventAt(
  sql: Read,
  roomId: RoomId,
  type: string,
  stateKey: string,
  upTo: number,
): Promise<StoredEvent | undefined> {
  const [event] = await sql<StoredEvent[]>`
    select ${storedEvent(sql)} from state_changes c join events e using (event_id)
    where c.room_id = ${roomId} and c.type = ${type} and c.state_key = ${stateKey} and c.position <= ${upTo}
    order by c.position desc limit 1`
  return event
}
