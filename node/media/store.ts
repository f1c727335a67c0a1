import type { EventId, MediaAddress, MediaId, ServerName, UserId } from '#spec/ids.ts'
import type { Read, Tx, TxSql } from '#node/db/transaction.ts'
import type { DrawProblem, Variant } from './thumbnail-variant.ts'

/** A file, or the announcement of one. */
export interface MediaRow {
  readonly userId: UserId | null
  readonly createdAt: number
  /** Null while the file is awaited. */
  readonly sha256: string | null
  readonly expiresAt: number | null
  readonly sizeBytes: number
  readonly contentType: string
  readonly filename: string | null
  readonly isQuarantined: boolean
}

export async function readMedia(sql: Read, { server, mediaId }: MediaAddress): Promise<MediaRow | undefined> {
  const [row] = await sql<MediaRow[]>`
    select m.user_id as "userId", m.created_at as "createdAt", m.sha256, m.expires_at as "expiresAt", m.size_bytes as "sizeBytes",
      m.content_type as "contentType", m.filename, b.quarantined_at is not null as "isQuarantined"
    from media m left join media_blobs b using (sha256)
    where m.origin = ${server} and m.media_id = ${mediaId}`
  return row
}

/** Says that these bytes are about to be stored, so that they are not swept away; the answer is whether they are forbidden. */
export async function touchBlob(sql: Read, sha256: string, sizeBytes: number, now: number): Promise<boolean> {
  const [row] = await sql<{ isQuarantined: boolean }[]>`
    insert into media_blobs as b (sha256, size_bytes, touched_at) values (${sha256}, ${sizeBytes}, ${now})
    on conflict (sha256) do update set touched_at = greatest(b.touched_at, excluded.touched_at)
    returning quarantined_at is not null as "isQuarantined"`
  return row!.isQuarantined
}

/** A file whose bytes are stored. */
export interface StoredFile {
  readonly sha256: string
  readonly sizeBytes: number
  readonly contentType: string
  readonly filename: string | null
}

export const insertMedia = (
  tx: Read,
  { server, mediaId }: MediaAddress,
  file: StoredFile,
  { userId, now }: { userId: UserId | null; now: number },
) => tx`
  insert into media (origin, media_id, user_id, created_at, sha256, size_bytes, content_type, filename, uploaded_at)
  values (${server}, ${mediaId}, ${userId}, ${now}, ${file.sha256}, ${file.sizeBytes}, ${file.contentType}, ${file.filename}, ${now})`

/** Gives an address that was announced its file; false where it has one already, or is gone. */
export async function fillMedia(tx: Tx, { server, mediaId }: MediaAddress, file: StoredFile, now: number) {
  const { count } = await tx`
    update media set sha256 = ${file.sha256}, size_bytes = ${file.sizeBytes}, content_type = ${file.contentType},
      filename = ${file.filename}, uploaded_at = ${now}, expires_at = null
    where origin = ${server} and media_id = ${mediaId} and sha256 is null`
  return count > 0
}

export const insertAwaited = (
  tx: Tx,
  { server, mediaId }: MediaAddress,
  { userId, now, expiresAt }: { userId: UserId; now: number; expiresAt: number },
) => tx`
  insert into media (origin, media_id, user_id, created_at, expires_at) values (${server}, ${mediaId}, ${userId}, ${now}, ${expiresAt})`

/** How many addresses of a user wait for a file, and when the first of them expires. */
export async function readAwaited(tx: Tx, userId: UserId, now: number): Promise<{ count: number; until: number }> {
  const [row] = await tx<{ count: number; until: number }[]>`
    select count(*)::int as count, coalesce(min(expires_at), 0)::bigint as until from media
    where user_id = ${userId} and uploaded_at is null and sha256 is null and expires_at > ${now}`
  return row!
}

export const deleteExpired = (tx: Read, before: number) => tx`
  delete from media where sha256 is null and expires_at < ${before}`

/** From here to the end of the transaction, nobody else counts what this user keeps. */
export const lockUsage = (tx: Tx, userId: UserId) => tx`
  select pg_advisory_xact_lock(hashtextextended(${`media of ${userId}`}, 0))`

export interface Usage {
  /** Bytes of all files that the user keeps. */
  readonly bytes: number
  readonly recentBytes: number
  readonly recentFiles: number
}

export async function readUsage(sql: Read, userId: UserId, since: number): Promise<Usage> {
  const [row] = await sql<Usage[]>`
    select coalesce(sum(size_bytes), 0)::bigint as bytes,
      coalesce(sum(size_bytes) filter (where uploaded_at > ${since}), 0)::bigint as "recentBytes",
      count(*) filter (where uploaded_at > ${since})::int as "recentFiles"
    from media where user_id = ${userId}`
  return row!
}

/** A thumbnail that was drawn, or why there is none. */
export interface ThumbnailRow {
  /** Null where there is none. */
  readonly sha256: string | null
  readonly contentType: string
  readonly sizeBytes: number
  readonly problem: DrawProblem | null
}

export async function readThumbnail(sql: Read, source: string, of: Variant): Promise<ThumbnailRow | undefined> {
  const [row] = await sql<ThumbnailRow[]>`
    select sha256, content_type as "contentType", size_bytes as "sizeBytes", problem from media_thumbnails
    where source_sha256 = ${source} and method = ${of.method} and width = ${of.width} and height = ${of.height}
      and animated = ${of.animated}`
  return row
}

export const insertThumbnail = (tx: Tx, source: string, of: Variant, row: ThumbnailRow) => tx`
  insert into media_thumbnails (source_sha256, method, width, height, animated, sha256, content_type, size_bytes, problem)
  values (${source}, ${of.method}, ${of.width}, ${of.height}, ${of.animated}, ${row.sha256}, ${row.contentType}, ${row.sizeBytes}, ${row.problem})
  on conflict do nothing`

export interface ReferenceRow {
  readonly eventId: EventId
  readonly mediaId: MediaId
  readonly isOwn: boolean
}

export const insertReferences = (tx: TxSql, rows: readonly ReferenceRow[]) => tx`
  insert into media_references (event_id, media_id, is_own)
  select * from unnest(
    ${rows.map((r) => r.eventId)}::text[], ${rows.map((r) => r.mediaId)}::text[], ${rows.map((r) => Number(r.isOwn))}::int[])
  on conflict do nothing`

/** Who sent an event that has been redacted; nothing where it has not. */
export async function readRedactedSender(tx: Tx, eventId: EventId): Promise<UserId | undefined> {
  const [row] = await tx<{ sender: UserId }[]>`
    select sender from events where event_id = ${eventId} and redacted_by is not null`
  return row?.sender
}

/** An event names nothing any longer; the answer is what it showed as its own. */
export async function deleteReferences(tx: Tx, eventId: EventId): Promise<MediaId[]> {
  const rows = await tx<{ mediaId: MediaId; isOwn: number }[]>`
    delete from media_references where event_id = ${eventId} returning media_id as "mediaId", is_own as "isOwn"`
  return rows.filter((row) => row.isOwn === 1).map((row) => row.mediaId)
}

/** Deletes those of these files that the user uploaded and that no event, no profile and nothing that the user keeps names. */
export async function deleteUnnamed(
  tx: Tx,
  origin: ServerName,
  userId: UserId,
  ids: readonly MediaId[],
): Promise<number> {
  const { count } = await tx`
    delete from media m where m.origin = ${origin} and m.media_id = any(${ids as MediaId[]}) and m.user_id = ${userId}
      and not exists (select 1 from media_references r where r.media_id = m.media_id)
      and not exists (select 1 from accounts a where a.avatar_url = 'mxc://' || m.origin || '/' || m.media_id)
      and not exists (
        select 1 from account_data d where d.user_id = ${userId} and strpos(d.content, 'mxc://' || m.origin || '/' || m.media_id) > 0)`
  return count
}

export async function deleteMedia(tx: Tx, { server, mediaId }: MediaAddress): Promise<boolean> {
  const { count } = await tx`delete from media where origin = ${server} and media_id = ${mediaId}`
  return count > 0
}

/** Bytes that nothing refers to, those of thumbnails too. A picture that is its own thumbnail does not keep itself. */
export async function readUnreferenced(sql: Read, touchedBefore: number): Promise<string[]> {
  const rows = await sql<{ sha256: string }[]>`
    select sha256 from media_blobs b where ${unreferenced(sql, touchedBefore)} order by touched_at limit 1000`
  return rows.map((row) => row.sha256)
}

export async function deleteBlob(tx: Tx, sha256: string, touchedBefore: number): Promise<boolean> {
  const { count } = await tx`delete from media_blobs b where sha256 = ${sha256} and ${unreferenced(tx, touchedBefore)}`
  return count > 0
}

const unreferenced = (sql: Read, touchedBefore: number) => sql`
  b.touched_at < ${touchedBefore} and b.quarantined_at is null
  and not exists (select 1 from media m where m.sha256 = b.sha256)
  and not exists (select 1 from media_thumbnails t where t.sha256 = b.sha256 and t.source_sha256 <> b.sha256)`

/** A file, for whoever governs the server. */
export interface ListedMedia {
  readonly mediaId: MediaId
  readonly createdAt: number
  /** Null while the file is awaited. */
  readonly uploadedAt: number | null
  readonly sizeBytes: number
  readonly contentType: string
  readonly filename: string | null
  readonly isQuarantined: boolean
}

export const readMediaOf = (sql: Read, userId: UserId, limit: number, after?: ListedMedia) => sql<ListedMedia[]>`
  select m.media_id as "mediaId", m.created_at as "createdAt", m.uploaded_at as "uploadedAt", m.size_bytes as "sizeBytes",
    m.content_type as "contentType", m.filename, b.quarantined_at is not null as "isQuarantined"
  from media m left join media_blobs b using (sha256)
  where m.user_id = ${userId}
    and (m.created_at, m.media_id) < (${after?.createdAt ?? Number.MAX_SAFE_INTEGER}, ${after?.mediaId ?? ''})
  order by m.created_at desc, m.media_id desc limit ${limit}`

export async function setQuarantine(sql: Read, { server, mediaId }: MediaAddress, at: number | null): Promise<boolean> {
  const { count } = await sql`
    update media_blobs b set quarantined_at = ${at} from media m
    where m.sha256 = b.sha256 and m.origin = ${server} and m.media_id = ${mediaId}`
  return count > 0
}

/** Forgets previews that have expired, with their pictures. */
export const deletePreviewsBefore = (sql: Read, origin: ServerName, now: number) => sql`
  with gone as (delete from url_previews where expires_at < ${now} returning image_media_id)
  delete from media m using gone where m.origin = ${origin} and m.media_id = gone.image_media_id`

/** The newest look at an address. */
export async function readPreview(sql: Read, url: string): Promise<{ preview: string; fetchedAt: number } | undefined> {
  const [row] = await sql<{ preview: string; fetchedAt: number }[]>`
    select preview, fetched_at as "fetchedAt" from url_previews where url = ${url} order by fetched_at desc limit 1`
  return row
}

export interface PreviewRow {
  readonly url: string
  readonly preview: string
  readonly fetchedAt: number
  readonly expiresAt: number
  readonly mediaId: MediaId | null
}

export const insertPreview = (sql: Read, row: PreviewRow) => sql`
  insert into url_previews (url, preview, fetched_at, expires_at, image_media_id)
  values (${row.url}, ${row.preview}, ${row.fetchedAt}, ${row.expiresAt}, ${row.mediaId})
  on conflict do nothing`

/** Events that are gone name nothing any longer. */
export const deleteReferencesOf = (tx: Tx, eventIds: readonly EventId[]) =>
  tx`delete from media_references where event_id = any(${eventIds as EventId[]})`
