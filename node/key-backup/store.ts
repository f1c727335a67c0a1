import type { RoomId, UserId } from '#spec/ids.ts'
import type { Read, Tx } from '#node/db/transaction.ts'

export interface BackupRow {
  readonly version: number
  readonly algorithm: string
  /** JSON. */
  readonly authData: string
  readonly etag: number
  readonly count: number
  readonly isDeleted: boolean
}

const columns = (sql: Read) => sql`
  version, algorithm, auth_data as "authData", etag, key_count as count, is_deleted as "isDeleted"`

/** What makes or changes the backups of a user does so one at a time. */
export const lockBackups = (tx: Tx, userId: UserId) =>
  tx`select 1 from accounts where user_id = ${userId} for no key update`

/** The newest backup that has not been deleted. */
export async function readCurrentBackup(sql: Read, userId: UserId): Promise<BackupRow | undefined> {
  const [row] = await sql<BackupRow[]>`
    select ${columns(sql)} from key_backups where user_id = ${userId} and not is_deleted order by version desc limit 1`
  return row
}

export async function readBackup(sql: Read, userId: UserId, version: number): Promise<BackupRow | undefined> {
  const [row] = await sql<BackupRow[]>`
    select ${columns(sql)} from key_backups where user_id = ${userId} and version = ${version}`
  return row
}

/** Answers the version of the new backup: no user has the same twice. */
export async function insertBackup(tx: Tx, userId: UserId, algorithm: string, authData: string): Promise<number> {
  const [row] = await tx<{ version: number }[]>`
    insert into key_backups (user_id, version, algorithm, auth_data)
    select ${userId}, coalesce(max(version), 0) + 1, ${algorithm}, ${authData} from key_backups where user_id = ${userId}
    returning version`
  return row!.version
}

export const updateAuthData = (tx: Tx, userId: UserId, version: number, authData: string) =>
  tx`update key_backups set auth_data = ${authData} where user_id = ${userId} and version = ${version}`

export async function deleteBackup(tx: Tx, userId: UserId, version: number): Promise<void> {
  await tx`delete from backed_up_keys where user_id = ${userId} and version = ${version}`
  await tx`
    update key_backups set is_deleted = true, key_count = 0, auth_data = '{}' where user_id = ${userId} and version = ${version}`
}

export interface BackedUpKey {
  readonly roomId: RoomId
  readonly sessionId: string
  readonly isVerified: boolean
  readonly firstMessageIndex: number
  readonly forwardedCount: number
  /** JSON. */
  readonly key: string
}

/** Stores keys that are new, or better than what is there. Answers how many there are more than before, and how many have changed. */
export async function upsertKeys(
  tx: Tx,
  userId: UserId,
  version: number,
  keys: readonly BackedUpKey[],
): Promise<{ added: number; changed: number }> {
  const rows = await tx<{ isNew: boolean }[]>`
    insert into backed_up_keys as k
      (user_id, version, room_id, session_id, is_verified, first_message_index, forwarded_count, key)
    select ${userId}, ${version}, a.room_id, a.session_id, a.is_verified = 1, a.first_message_index, a.forwarded_count, a.key
    from unnest(
      ${keys.map((k) => k.roomId)}::text[], ${keys.map((k) => k.sessionId)}::text[], ${keys.map((k) => Number(k.isVerified))}::int[],
      ${keys.map((k) => k.firstMessageIndex)}::bigint[], ${keys.map((k) => k.forwardedCount)}::bigint[],
      ${keys.map((k) => k.key)}::text[]
    ) as a (room_id, session_id, is_verified, first_message_index, forwarded_count, key)
    on conflict (user_id, version, room_id, session_id) do update set
      is_verified = excluded.is_verified, first_message_index = excluded.first_message_index,
      forwarded_count = excluded.forwarded_count, key = excluded.key
    where (not excluded.is_verified, excluded.first_message_index, excluded.forwarded_count)
      < (not k.is_verified, k.first_message_index, k.forwarded_count)
    returning xmax = 0 as "isNew"`
  return { added: rows.filter((row) => row.isNew).length, changed: rows.length }
}

/** Which keys of a backup: all, those of a room, or one. */
export interface Which {
  readonly roomId?: RoomId
  readonly sessionId?: string
}

const matching = (sql: Read, { roomId, sessionId }: Which) => sql`
  ${roomId === undefined ? sql`` : sql`and room_id = ${roomId}`}
  ${sessionId === undefined ? sql`` : sql`and session_id = ${sessionId}`}`

export const readKeys = (sql: Read, userId: UserId, version: number, which: Which) =>
  sql<{ roomId: RoomId; sessionId: string; key: string }[]>`
    select room_id as "roomId", session_id as "sessionId", key from backed_up_keys
    where user_id = ${userId} and version = ${version} ${matching(sql, which)} order by room_id, session_id`

export async function deleteKeys(tx: Tx, userId: UserId, version: number, which: Which): Promise<number> {
  const rows = await tx`
    delete from backed_up_keys where user_id = ${userId} and version = ${version} ${matching(tx, which)} returning 1`
  return rows.length
}

/** Notes that keys of a backup have changed. */
export async function countChange(
  tx: Tx,
  userId: UserId,
  version: number,
  more: number,
): Promise<{ etag: number; count: number }> {
  const [row] = await tx<{ etag: number; count: number }[]>`
    update key_backups set etag = etag + 1, key_count = key_count + ${more}
    where user_id = ${userId} and version = ${version} returning etag, key_count as count`
  return row!
}

/** Deletes keys of a room from everybody's backups, a number of them at most; answers how many. */
export async function deleteKeysOfRoom(tx: Tx, roomId: RoomId, limit: number): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    with gone as (
      delete from backed_up_keys where ctid = any(array(select ctid from backed_up_keys where room_id = ${roomId} limit ${limit}))
      returning user_id, version
    ), told as (
      update key_backups b set etag = etag + 1, key_count = key_count - g.count
      from (select user_id, version, count(*)::int as count from gone group by user_id, version) g
      where b.user_id = g.user_id and b.version = g.version
    )
    select count(*)::int as count from gone`
  return row!.count
}

export async function deleteAllBackups(tx: Tx, userId: UserId): Promise<void> {
  await tx`delete from backed_up_keys where user_id = ${userId}`
  await tx`delete from key_backups where user_id = ${userId}`
}
