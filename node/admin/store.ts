import type { getEventReports } from '#spec/api/admin/event-reports.ts'
import type { deleteOldMedia, getMediaOfUser, getMediaUsage } from '#spec/api/admin/media.ts'
import type { QueryOf } from '#spec/endpoint.ts'
import type { EventId, MediaId, RoomId, ServerName, UserId } from '#spec/ids.ts'
import type { Read, Tx } from '#node/db/transaction.ts'
import type { ListedMedia } from '#node/media/store.ts'

export interface CallRow {
  readonly caller: UserId | null
  readonly method: string
  readonly path: string
  readonly target: string
  readonly calledAt: number
}

export const insertCall = (tx: Tx, { caller, method, path, target, calledAt }: CallRow) => tx`
  insert into admin_calls (caller, method, path, target, called_at)
  values (${caller}, ${method}, ${path}, ${target}, ${calledAt})`

export const deleteCallsBefore = (tx: Tx, at: number) => tx`delete from admin_calls where called_at < ${at}`

// Reports of events

export interface ReportRow {
  readonly id: number
  readonly reporter: UserId
  readonly roomId: RoomId
  readonly eventId: EventId
  readonly sender: UserId
  readonly reason: string
  readonly reportedAt: number
  readonly name: string | null
  readonly canonicalAlias: string | null
}

type WantedReports = QueryOf<typeof getEventReports>

const reportColumns = (sql: Read) => sql`
  r.report_id as id, r.reporter, r.room_id as "roomId", r.event_id as "eventId", r.user_id as sender, r.reason, r.reported_at as "reportedAt",
  s.name, s.canonical_alias as "canonicalAlias"`

const isWantedReport = (sql: Read, wanted: WantedReports) => {
  const { user_id: reporter, room_id: roomId, event_sender_user_id: sender } = wanted
  return sql`
    r.event_id is not null ${reporter === undefined ? sql`` : sql`and r.reporter = ${reporter}`}
    ${roomId === undefined ? sql`` : sql`and r.room_id = ${roomId}`} ${sender === undefined ? sql`` : sql`and r.user_id = ${sender}`}`
}

export const readReports = (sql: Read, wanted: WantedReports) => sql<ReportRow[]>`
  select ${reportColumns(sql)} from reports r left join room_summaries s using (room_id) where ${isWantedReport(sql, wanted)}
  order by r.report_id ${directionOf(sql, wanted.dir)} limit ${wanted.limit} offset ${wanted.from}`

export async function countReports(sql: Read, wanted: WantedReports): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from reports r where ${isWantedReport(sql, wanted)}`
  return row!.count
}

export async function readReport(sql: Read, id: number): Promise<ReportRow | undefined> {
  const [row] = await sql<ReportRow[]>`
    select ${reportColumns(sql)} from reports r left join room_summaries s using (room_id)
    where r.report_id = ${id} and r.event_id is not null`
  return row
}

const directionOf = (sql: Read, dir: 'f' | 'b') => (dir === 'f' ? sql`asc` : sql`desc`)

// Files

type MediaPage = QueryOf<typeof getMediaOfUser>

function mediaOrder(sql: Read, order: MediaPage['order_by']) {
  switch (order) {
    case 'upload_name':
      return sql`m.filename`
    case 'created_ts':
      return sql`m.created_at`
    case 'media_length':
      return sql`m.size_bytes`
    case 'media_type':
      return sql`m.content_type`
    case 'quarantined_by':
      return sql`b.quarantined_at is not null`
    default:
      return sql`m.media_id`
  }
}

/** The newest first, where no direction is asked for. */
export const readMediaPage = (sql: Read, userId: UserId, page: MediaPage) => sql<ListedMedia[]>`
  select m.media_id as "mediaId", m.created_at as "createdAt", m.uploaded_at as "uploadedAt", m.size_bytes as "sizeBytes",
    m.content_type as "contentType", m.filename, b.quarantined_at is not null as "isQuarantined"
  from media m left join media_blobs b using (sha256) where m.user_id = ${userId}
  order by ${mediaOrder(sql, page.order_by)} ${directionOf(sql, page.dir ?? (page.order_by === 'created_ts' ? 'b' : 'f'))}, m.media_id
  limit ${page.limit} offset ${page.from}`

export async function countMedia(sql: Read, userId: UserId): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from media where user_id = ${userId}`
  return row!.count
}

export async function readStoredMedia(sql: Read, userId: UserId): Promise<MediaId[]> {
  const rows = await sql<{ mediaId: MediaId }[]>`
    select media_id as "mediaId" from media where user_id = ${userId} and sha256 is not null`
  return rows.map((row) => row.mediaId)
}

export async function readOldMedia(
  sql: Read,
  origin: ServerName,
  wanted: QueryOf<typeof deleteOldMedia>,
): Promise<MediaId[]> {
  const rows = await sql<{ mediaId: MediaId }[]>`
    select media_id as "mediaId" from media m
    where m.origin = ${origin} and m.uploaded_at < ${wanted.before_ts} and m.size_bytes > ${wanted.size_gt} and not (${wanted.keep_profiles} and (
      exists (select 1 from accounts a where a.avatar_url = 'mxc://' || m.origin || '/' || m.media_id)
      or exists (select 1 from room_summaries s where s.avatar_url = 'mxc://' || m.origin || '/' || m.media_id)))
    order by m.uploaded_at limit 1000`
  return rows.map((row) => row.mediaId)
}

interface UsageRow {
  readonly userId: UserId
  readonly displayname: string | null
  readonly count: number
  readonly length: number
  readonly total: number
}

type WantedUsage = QueryOf<typeof getMediaUsage>

function usageOrder(sql: Read, order: WantedUsage['order_by']) {
  switch (order) {
    case 'displayname':
      return sql`a.displayname`
    case 'media_length':
      return sql`length`
    case 'media_count':
      return sql`count`
    default:
      return sql`a.user_id`
  }
}

/** Each row says how many there are without pages. */
export const readUsage = (sql: Read, wanted: WantedUsage) => sql<UsageRow[]>`
  select a.user_id as "userId", a.displayname, count(*)::int as count, sum(m.size_bytes)::bigint as length, (count(*) over ())::int as total
  from media m join accounts a using (user_id)
  where m.uploaded_at >= ${wanted.from_ts} and m.uploaded_at <= ${wanted.until_ts ?? Number.MAX_SAFE_INTEGER}
    and (strpos(lower(split_part(a.user_id, ':', 1)), lower(${wanted.search_term ?? ''})) > 0
      or strpos(lower(a.displayname), lower(${wanted.search_term ?? ''})) > 0)
  group by a.user_id, a.displayname
  order by ${usageOrder(sql, wanted.order_by)} ${directionOf(sql, wanted.dir)}, a.user_id
  limit ${wanted.limit} offset ${wanted.from}`
