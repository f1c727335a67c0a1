import type { RoomId, UserId } from '#spec/ids.ts'
import type { Membership } from '#spec/room/content.ts'
import type { Read } from '#node/db/transaction.ts'

export interface FoundRow {
  readonly userId: UserId
  readonly displayname: string | null
  readonly avatarUrl: string | null
}

/** What is searched for: every word must occur, folded as `accounts.search_text` is. */
export interface Search {
  readonly words: readonly string[]
  /** Only localparts that begin with the term: it was written as a user id. */
  readonly isUserId: boolean
}

/** `%`, `_` and `\` mean themselves. */
const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&')

/**
 * People of this server, best first: the term is the name, then begins it, then begins a word of it, then occurs in it. `search_text` is the localpart,
 * a line feed, and the display name.
 */
export function findUsers(sql: Read, asker: UserId, { words, isUserId }: Search, limit: number) {
  const term = escapeLike(words.join(' '))
  const wanted = isUserId ? [`${term}%`] : words.map((word) => `%${escapeLike(word)}%`)
  return sql<FoundRow[]>`
    select user_id as "userId", displayname, avatar_url as "avatarUrl"
    from accounts
    where deactivated_at is null and not is_system and user_id <> ${asker} and search_text like all(${wanted}::text[])
    order by
      case
        when search_text like ${`${term}\n%`} or search_text like ${`%\n${term}`} then 0
        when search_text like ${`${term}%`} or search_text like ${`%\n${term}%`} then 1
        when search_text like ${`% ${term}%`} then 2
        else 3
      end,
      displayname is null and avatar_url is null, split_part(search_text, ${'\n'}, 2), user_id
    limit ${limit}`
}

/** What a room tells about itself to those outside. */
export interface SummaryRow {
  readonly roomId: RoomId
  readonly joinedMembers: number
  readonly name: string | null
  readonly topic: string | null
  readonly canonicalAlias: string | null
  readonly avatarUrl: string | null
  readonly joinRule: string | null
  readonly allowedRooms: readonly RoomId[]
  readonly worldReadable: boolean
  readonly guestCanJoin: boolean
  readonly roomType: string | null
  readonly encryption: string | null
}

const summaryColumns = (sql: Read) => sql`
  s.room_id as "roomId", s.joined_members as "joinedMembers", s.name, s.topic, s.canonical_alias as "canonicalAlias", s.avatar_url as "avatarUrl",
  s.join_rule as "joinRule", s.allowed_rooms as "allowedRooms", s.world_readable as "worldReadable", s.guest_can_join as "guestCanJoin",
  s.room_type as "roomType", s.encryption`

/** The room at the edge of a page, and on which side of it the next one lies. */
export interface Edge {
  readonly direction: 'before' | 'after'
  readonly joinedMembers: number
  readonly roomId: RoomId
}

/** The directory that an application service keeps for a network; or ours and all of those together. */
export type Network = { readonly appserviceId: string; readonly networkId: string } | 'all'

/** Rooms that a directory lists, those next to the edge first. */
export const readPublishedRooms = (
  sql: Read,
  {
    words,
    types,
    network,
  }: {
    words: readonly string[]
    types: readonly (string | null)[] | undefined
    network?: Network | undefined
  },
  edge: Edge | undefined,
  limit: number,
) => sql<SummaryRow[]>`
  select ${summaryColumns(sql)} from room_summaries s
  where ${isListed(sql, network)} and s.joined_members > 0 ${edge ? beyond(sql, edge) : sql``}
    ${words.length > 0 ? sql`and s.search_text like all(${words.map((word) => `%${escapeLike(word)}%`)}::text[])` : sql``}
    ${types ? sql`and (s.room_type = any(${types.filter((type) => type !== null)}::text[]) or (${types.includes(null)} and s.room_type is null))` : sql``}
  order by ${edge?.direction === 'before' ? sql`s.joined_members, s.room_id desc` : sql`s.joined_members desc, s.room_id`}
  limit ${limit}`

function isListed(sql: Read, network: Network | undefined) {
  if (network === undefined) return sql`s.published`
  if (network === 'all')
    return sql`(s.published or exists (select 1 from appservice_rooms a where a.room_id = s.room_id))`
  return sql`exists (select 1 from appservice_rooms a
    where a.room_id = s.room_id and a.appservice_id = ${network.appserviceId} and a.network_id = ${network.networkId})`
}

const beyond = (sql: Read, { direction, joinedMembers, roomId }: Edge) =>
  direction === 'after'
    ? sql`and s.joined_members <= ${joinedMembers} and (s.joined_members < ${joinedMembers} or s.room_id > ${roomId})`
    : sql`and s.joined_members >= ${joinedMembers} and (s.joined_members > ${joinedMembers} or s.room_id < ${roomId})`

export async function countPublishedRooms(sql: Read): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from room_summaries s where s.published and s.joined_members > 0`
  return row!.count
}

/** The same, as one user sees it. */
export interface LookedAtRow extends SummaryRow {
  readonly version: string
  /** Absent where the room has never heard of the user. */
  readonly membership: Membership | null
}

export const readSummaries = (sql: Read, roomIds: readonly RoomId[], userId: UserId | undefined) => sql<LookedAtRow[]>`
  select ${summaryColumns(sql)}, r.version, m.membership
  from room_summaries s
  join rooms r using (room_id)
  left join members m on m.room_id = s.room_id and m.user_id = ${userId ?? null}
  where s.room_id = any(${roomIds as RoomId[]}::text[])`

/** Of some rooms, those that a user is in. */
export const readJoinedAmong = (sql: Read, userId: UserId, roomIds: readonly RoomId[]) => sql<{ roomId: RoomId }[]>`
  select room_id as "roomId" from members
  where user_id = ${userId} and membership = 'join' and room_id = any(${roomIds as RoomId[]}::text[])`

export interface ChildRow {
  readonly stateKey: string
  readonly sender: UserId
  readonly originServerTs: number
  readonly content: string
}

export const readChildEvents = (sql: Read, space: RoomId, limit: number) => sql<ChildRow[]>`
  select e.state_key as "stateKey", e.sender, e.origin_server_ts as "originServerTs", e.content
  from current_state c join events e using (event_id)
  where c.room_id = ${space} and c.type = 'm.space.child' order by c.state_key limit ${limit}`
