import type { listRooms } from '#spec/api/admin/rooms.ts'
import type { QueryOf } from '#spec/endpoint.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { Read } from '#node/db/transaction.ts'

export interface RoomRow {
  readonly roomId: RoomId
  readonly version: string
  readonly name: string | null
  readonly topic: string | null
  readonly avatarUrl: string | null
  readonly canonicalAlias: string | null
  readonly joined: number
  readonly creator: UserId | null
  readonly encryption: string | null
  readonly federatable: boolean
  readonly published: boolean
  readonly joinRule: string | null
  readonly guestAccess: string | null
  readonly historyVisibility: string | null
  readonly stateEvents: number
  readonly roomType: string | null
}

type Wanted = QueryOf<typeof listRooms>

/** A member of the content of a piece of state. */
const piece = (sql: Read, type: string, member: string) => sql`(
  select e.content::json ->> ${member} from current_state c join events e using (event_id)
  where c.room_id = r.room_id and c.type = ${type} and c.state_key = '')`

const columns = (sql: Read) => sql`
  r.room_id as "roomId", r.version, s.name, s.topic, s.avatar_url as "avatarUrl", s.canonical_alias as "canonicalAlias", s.encryption,
  s.published, s.join_rule as "joinRule", s.room_type as "roomType",
  (select count(*)::int from members m where m.room_id = r.room_id and m.membership = 'join') as joined,
  (select e.sender from current_state c join events e using (event_id)
    where c.room_id = r.room_id and c.type = 'm.room.create' and c.state_key = '') as creator,
  coalesce(${piece(sql, 'm.room.create', 'm.federate')}, 'true') <> 'false' as federatable,
  ${piece(sql, 'm.room.guest_access', 'guest_access')} as "guestAccess",
  ${piece(sql, 'm.room.history_visibility', 'history_visibility')} as "historyVisibility",
  (select count(*)::int from current_state c where c.room_id = r.room_id) as "stateEvents"`

const isWanted = (sql: Read, { search_term: term, public_rooms: isPublic, empty_rooms: isEmpty }: Wanted) => sql`
  true
  ${
    term === undefined
      ? sql``
      : sql`and (strpos(lower(s.name), lower(${term})) > 0 or strpos(lower(split_part(s.canonical_alias, ':', 1)), lower(${term})) > 0
        or r.room_id = ${term})`
  }
  ${isPublic === undefined ? sql`` : sql`and s.published = ${isPublic}`}
  ${
    isEmpty === undefined
      ? sql``
      : sql`and ${isEmpty} <> exists (select 1 from members m where m.room_id = r.room_id and m.membership = 'join')`
  }`

/** The column, and whether it goes from the largest down. */
function orderOf(sql: Read, order: Wanted['order_by']): { by: ReturnType<Read>; largestFirst?: true } {
  switch (order) {
    case 'canonical_alias':
      return { by: sql`"canonicalAlias"` }
    case 'joined_members':
    case 'joined_local_members':
    case 'size':
      return { by: sql`joined`, largestFirst: true }
    case 'version':
      return { by: sql`version`, largestFirst: true }
    case 'state_events':
      return { by: sql`"stateEvents"`, largestFirst: true }
    case 'creator':
      return { by: sql`creator` }
    case 'encryption':
      return { by: sql`encryption` }
    case 'federatable':
      return { by: sql`federatable` }
    case 'public':
      return { by: sql`published` }
    case 'join_rules':
      return { by: sql`"joinRule"` }
    case 'guest_access':
      return { by: sql`"guestAccess"` }
    case 'history_visibility':
      return { by: sql`"historyVisibility"` }
    default:
      return { by: sql`name` }
  }
}

export function readRooms(sql: Read, wanted: Wanted) {
  const { by, largestFirst = false } = orderOf(sql, wanted.order_by)
  return sql<RoomRow[]>`
    select * from (
      select ${columns(sql)} from rooms r left join room_summaries s using (room_id) where ${isWanted(sql, wanted)}) as room
    order by ${by} ${(wanted.dir === 'b') === largestFirst ? sql`asc` : sql`desc`} nulls last, "roomId"
    limit ${wanted.limit} offset ${wanted.from}`
}

export async function countRooms(sql: Read, wanted: Wanted): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from rooms r left join room_summaries s using (room_id) where ${isWanted(sql, wanted)}`
  return row!.count
}

export async function readOneRoom(sql: Read, roomId: RoomId): Promise<RoomRow | undefined> {
  const [row] = await sql<RoomRow[]>`
    select ${columns(sql)} from rooms r left join room_summaries s using (room_id) where r.room_id = ${roomId}`
  return row
}
