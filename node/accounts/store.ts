import type { DeviceId, RoomId, UserId } from '#spec/ids.ts'
import type { Read, Tx, TxSql } from '#node/db/transaction.ts'

// Accounts

export const isClaimed = async (sql: Read): Promise<boolean> => {
  const [row] = await sql`select 1 from accounts where is_admin and deactivated_at is null limit 1`
  return row !== undefined
}

export const accountExists = async (sql: Read, userId: UserId): Promise<boolean> => {
  const [row] = await sql`select 1 from accounts where user_id = ${userId}`
  return row !== undefined
}

export const accountIsActive = async (sql: Read, userId: UserId): Promise<boolean> => {
  const [row] = await sql`select 1 from accounts where user_id = ${userId} and deactivated_at is null`
  return row !== undefined
}

export interface NewAccountRow {
  readonly userId: UserId
  /** None: nobody logs in with a password. */
  readonly passwordHash: string | null
  /** The application service that registers it. */
  readonly appserviceId?: string
  readonly createdAt: number
  readonly acceptedTermsUrl: string | null
  readonly searchText: string
}

/** False if the name is taken. */
export async function insertAccount(tx: Tx, a: NewAccountRow): Promise<boolean> {
  const rows = await tx`
    insert into accounts (user_id, password_hash, created_at, accepted_terms_url, search_text, appservice_id)
    values (${a.userId}, ${a.passwordHash}, ${a.createdAt}, ${a.acceptedTermsUrl}, ${a.searchText}, ${a.appserviceId ?? null})
    on conflict do nothing returning 1`
  return rows.length > 0
}

/** Makes an account in whose name the server itself speaks, unless it is there. False if the name is a person's. */
export async function insertSystemAccount(
  tx: Tx,
  a: { userId: UserId; displayName: string; createdAt: number; searchText: string },
): Promise<boolean> {
  await tx`
    insert into accounts (user_id, displayname, created_at, search_text, is_system)
    values (${a.userId}, ${a.displayName}, ${a.createdAt}, ${a.searchText}, true) on conflict do nothing`
  const [row] = await tx`select 1 from accounts where user_id = ${a.userId} and is_system`
  return row !== undefined
}

export async function readPasswordHash(sql: Read, userId: string): Promise<string | undefined> {
  const [row] = await sql<{ password_hash: string | null }[]>`
    select password_hash from accounts where user_id = ${userId} and deactivated_at is null`
  return row?.password_hash ?? undefined
}

export const setPasswordHash = (tx: Tx, userId: UserId, hash: string) =>
  tx`update accounts set password_hash = ${hash} where user_id = ${userId}`

export const replacePasswordHash = (tx: Tx, userId: UserId, hash: string, old: string) =>
  tx`update accounts set password_hash = ${hash} where user_id = ${userId} and password_hash = ${old}`

export interface ProfileRow {
  readonly displayname: string | null
  readonly avatarUrl: string | null
  /** The other fields, as a JSON object. */
  readonly fields: string
}

export async function readProfileRow(sql: Read, userId: UserId): Promise<ProfileRow | undefined> {
  const [row] = await sql<ProfileRow[]>`
    select displayname, avatar_url as "avatarUrl", profile_fields as fields
    from accounts where user_id = ${userId} and deactivated_at is null`
  return row
}

export async function lockProfile(tx: Tx, userId: UserId): Promise<ProfileRow | undefined> {
  const [row] = await tx<ProfileRow[]>`
    select displayname, avatar_url as "avatarUrl", profile_fields as fields
    from accounts where user_id = ${userId} and deactivated_at is null for update`
  return row
}

export const updateProfile = (tx: Tx, userId: UserId, p: ProfileRow, searchText: string) => tx`
  update accounts
  set displayname = ${p.displayname}, avatar_url = ${p.avatarUrl}, profile_fields = ${p.fields}, search_text = ${searchText}
  where user_id = ${userId}`

// Devices and their tokens

export const insertDevice = (
  tx: Tx,
  d: { userId: UserId; deviceId: DeviceId; displayName: string | undefined; createdAt: number },
) => tx`
  insert into devices (user_id, device_id, display_name, created_at)
  values (${d.userId}, ${d.deviceId}, ${d.displayName ?? null}, ${d.createdAt})
  on conflict do nothing`

/** What changes the tokens of a device does so one at a time. */
export const lockDevice = (tx: Tx, userId: UserId, deviceId: DeviceId) =>
  tx`select 1 from devices where user_id = ${userId} and device_id = ${deviceId} for update`

export const deviceExists = async (sql: Read, userId: UserId, deviceId: DeviceId): Promise<boolean> => {
  const [row] = await sql`select 1 from devices where user_id = ${userId} and device_id = ${deviceId}`
  return row !== undefined
}

export async function updateDeviceName(tx: Tx, userId: UserId, deviceId: string, name: string): Promise<boolean> {
  const rows = await tx`
    update devices set display_name = ${name} where user_id = ${userId} and device_id = ${deviceId} returning 1`
  return rows.length > 0
}

interface EndedDevices {
  readonly tokenHashes: string[]
  readonly deviceIds: DeviceId[]
}

export const deleteDevices = (tx: Tx, userId: UserId, deviceIds: readonly string[]): Promise<EndedDevices> =>
  deleteDevicesWhere(tx, tx`user_id = ${userId} and device_id = any(${[...deviceIds]})`)

export const deleteOtherDevices = (tx: Tx, userId: UserId, kept: string): Promise<EndedDevices> =>
  deleteDevicesWhere(tx, tx`user_id = ${userId} and device_id <> ${kept}`)

/** Locks the devices first, as whoever opens or renews a session does. */
async function deleteDevicesWhere(tx: Tx, which: ReturnType<Tx>): Promise<EndedDevices> {
  const locked = await tx<{ deviceId: DeviceId }[]>`
    select device_id as "deviceId" from devices where ${which} order by device_id for update`
  const tokens = await tx<{ access_hash: string }[]>`delete from token_pairs where ${which} returning access_hash`
  await tx`delete from devices where ${which}`
  return { tokenHashes: tokens.map((row) => row.access_hash), deviceIds: locked.map((row) => row.deviceId) }
}

/** When and where a device was last seen. */
export interface Seen {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly at: number
  readonly address: string
  readonly userAgent: string | null
}

export const updateLastSeen = (tx: Tx, seen: readonly Seen[]) => tx`
  update devices set last_seen_at = s.at, last_seen_address = s.address, last_seen_user_agent = s.user_agent
  from unnest(
    ${seen.map((s) => s.userId)}::text[], ${seen.map((s) => s.deviceId)}::text[], ${seen.map((s) => s.at)}::bigint[],
    ${seen.map((s) => s.address)}::text[], ${seen.map((s) => s.userAgent)}::text[]
  ) as s (user_id, device_id, at, address, user_agent)
  where devices.user_id = s.user_id and devices.device_id = s.device_id`

export interface NewPair {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly accessHash: string
  readonly accessExpiresAt: number | null
  readonly refreshHash: string | null
  readonly replacedRefreshHash: string | null
  readonly isUsed: boolean
  readonly createdAt: number
}

export const insertPair = (tx: Tx, p: NewPair) => tx`
  insert into token_pairs
    (access_hash, access_expires_at, refresh_hash, replaced_refresh_hash, is_used, user_id, device_id, created_at)
  values (${p.accessHash}, ${p.accessExpiresAt}, ${p.refreshHash}, ${p.replacedRefreshHash}, ${p.isUsed}, ${p.userId},
    ${p.deviceId}, ${p.createdAt})`

export interface PairOwner {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly isAdmin: boolean
  readonly accessHash: string
  readonly expiresAt: number | null
  readonly isUsed: boolean
}

export async function readTokenPair(sql: Read, accessHash: string): Promise<PairOwner | undefined> {
  const [row] = await sql<PairOwner[]>`
    select t.user_id as "userId", t.device_id as "deviceId", a.is_admin as "isAdmin", t.access_hash as "accessHash",
      t.access_expires_at as "expiresAt", t.is_used as "isUsed"
    from token_pairs t join accounts a using (user_id)
    where t.access_hash = ${accessHash} and a.deactivated_at is null`
  return row
}

export async function readDeviceOfRefresh(sql: Read, refreshHash: string) {
  const [row] = await sql<{ userId: UserId; deviceId: DeviceId }[]>`
    select user_id as "userId", device_id as "deviceId" from token_pairs where refresh_hash = ${refreshHash}`
  return row
}

export async function readPairByRefresh(tx: Tx, refreshHash: string) {
  const [row] = await tx<{ accessHash: string; isUsed: boolean }[]>`
    select access_hash as "accessHash", is_used as "isUsed" from token_pairs where refresh_hash = ${refreshHash}`
  return row
}

export async function markPairUsed(tx: Tx, accessHash: string): Promise<boolean> {
  const rows = await tx`update token_pairs set is_used = true where access_hash = ${accessHash} returning 1`
  return rows.length > 0
}

/** The access tokens that are gone, but for one that is kept. */
export async function deletePairsOfDevice(
  tx: Tx,
  userId: UserId,
  deviceId: DeviceId,
  keptAccessHash = '',
): Promise<string[]> {
  const rows = await tx<{ access_hash: string }[]>`
    delete from token_pairs
    where user_id = ${userId} and device_id = ${deviceId} and access_hash <> ${keptAccessHash}
    returning access_hash`
  return rows.map((row) => row.access_hash)
}

/** Keeps the newest of the pairs that nobody has used. */
export const deleteOldUnusedPairs = (tx: Tx, userId: UserId, deviceId: DeviceId, kept: number) => tx`
  delete from token_pairs where access_hash in (
    select access_hash from token_pairs
    where user_id = ${userId} and device_id = ${deviceId} and not is_used
    order by created_at desc, access_hash offset ${kept}
  )`

/** True for a refresh token whose device lives on with the tokens that it was exchanged for. */
export const wasExchanged = async (sql: Read, refreshHash: string): Promise<boolean> => {
  const [row] = await sql`select 1 from token_pairs where replaced_refresh_hash = ${refreshHash} limit 1`
  return row !== undefined
}

// Registration tokens

export async function readRegistrationToken(
  sql: Read,
  tokenHash: string,
  now: number,
): Promise<{ grantsAdmin: boolean } | undefined> {
  const [row] = await sql<{ grantsAdmin: boolean }[]>`
    select grants_admin as "grantsAdmin" from registration_tokens
    where token_hash = ${tokenHash} and used_at is null and (expires_at is null or expires_at > ${now})`
  return row
}

/**
 * Uses a token for a new account, and makes it an administrator if the token says so. False if the token is used or expired, or grants
 * what somebody else has got by another way.
 */
export async function takeRegistrationToken(tx: Tx, tokenHash: string, userId: UserId, now: number): Promise<boolean> {
  const [taken] = await tx<{ grants_admin: boolean }[]>`
    update registration_tokens
    set completed = completed + 1, used_at = case when completed + 1 >= uses_allowed then ${now}::bigint end, used_by = ${userId},
      setup_token = null
    where token_hash = ${tokenHash} and used_at is null and (expires_at is null or expires_at > ${now})
      and not (grants_admin and exists (select 1 from accounts where is_admin and deactivated_at is null))
    returning grants_admin`
  if (taken?.grants_admin) await tx`update accounts set is_admin = true where user_id = ${userId}`
  return taken !== undefined
}

/** Does nothing where there is a set-up token already. */
export const insertSetupToken = (
  tx: Tx,
  t: { token: string; tokenHash: string; tokenId: string; createdAt: number },
) => tx`
  insert into registration_tokens (token_hash, token_id, setup_token, grants_admin, created_at)
  values (${t.tokenHash}, ${t.tokenId}, ${t.token}, true, ${t.createdAt})
  on conflict do nothing`

export async function readSetupToken(tx: Tx): Promise<string | undefined> {
  const [row] = await tx<{ setup_token: string }[]>`
    select setup_token from registration_tokens where setup_token is not null`
  return row?.setup_token
}

export const insertInvite = (
  tx: Tx,
  i: { tokenHash: string; tokenId: string; userId: UserId; createdAt: number; expiresAt: number },
) => tx`
  insert into registration_tokens (token_hash, token_id, created_by, created_at, expires_at)
  values (${i.tokenHash}, ${i.tokenId}, ${i.userId}, ${i.createdAt}, ${i.expiresAt})`

export async function countWaitingInvites(tx: Tx, userId: UserId): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from registration_tokens where created_by = ${userId} and used_at is null`
  return row!.count
}

export const deleteExpiredInvites = (tx: Tx, now: number) =>
  tx`delete from registration_tokens where created_by is not null and used_at is null and expires_at <= ${now}`

export async function deleteWaitingInvite(tx: Tx, userId: UserId, tokenId: string): Promise<boolean> {
  const rows = await tx`
    delete from registration_tokens where created_by = ${userId} and token_id = ${tokenId} and used_at is null returning 1`
  return rows.length > 0
}

export interface InviteRow {
  readonly tokenId: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly usedBy: UserId | null
  readonly usedAt: number | null
}

export const readInvites = (sql: Read, userId: UserId, now: number) => sql<InviteRow[]>`
  select token_id as "tokenId", created_at as "createdAt", expires_at as "expiresAt", used_by as "usedBy", used_at as "usedAt"
  from registration_tokens
  where created_by = ${userId} and (used_at is not null or expires_at > ${now})
  order by created_at desc, token_id`

export async function readInviter(sql: Read, tokenHash: string, now: number) {
  const [row] = await sql<{ userId: UserId; displayname: string | null; expiresAt: number }[]>`
    select a.user_id as "userId", a.displayname, t.expires_at as "expiresAt"
    from registration_tokens t join accounts a on a.user_id = t.created_by
    where t.token_hash = ${tokenHash} and t.used_at is null and t.expires_at > ${now}`
  return row
}

// Authentication under way

interface AuthSessionRow {
  readonly sessionHash: string
  readonly requestMac: string
  readonly completed: string
  readonly userId: UserId | null
  readonly expiresAt: number
}

export const insertAuthSession = (tx: Tx, s: AuthSessionRow) => tx`
  insert into auth_sessions (session_hash, request_mac, completed, user_id, expires_at)
  values (${s.sessionHash}, ${s.requestMac}, ${s.completed}, ${s.userId}, ${s.expiresAt})`

export async function readAuthSession(sql: Read, sessionHash: string, now: number) {
  const [row] = await sql<Pick<AuthSessionRow, 'requestMac' | 'completed'>[]>`
    select request_mac as "requestMac", completed from auth_sessions
    where session_hash = ${sessionHash} and expires_at > ${now}`
  return row
}

export const updateAuthSession = (tx: Tx, sessionHash: string, completed: string) =>
  tx`update auth_sessions set completed = ${completed} where session_hash = ${sessionHash}`

export async function deleteAuthSession(tx: Tx, sessionHash: string): Promise<boolean> {
  const rows = await tx`delete from auth_sessions where session_hash = ${sessionHash} returning 1`
  return rows.length > 0
}

export const deleteAuthSessionsOf = (tx: Tx, userId: UserId) => tx`delete from auth_sessions where user_id = ${userId}`

/** A few at a time, passing over those that another call is deleting. */
export const deleteOldAuthSessions = (tx: Tx, now: number) => tx`
  delete from auth_sessions where session_hash in (
    select session_hash from auth_sessions where expires_at <= ${now} limit 100 for update skip locked)`

export async function countFailure(
  tx: Tx,
  f: { account: string; address: string; now: number; window: number },
): Promise<{ failures: number; since: number }> {
  const [row] = await tx<{ failures: number; since: number }[]>`
    insert into login_failures as f (account, address, failures, since) values (${f.account}, ${f.address}, 1, ${f.now})
    on conflict (account, address) do update set
      failures = case when f.since <= ${f.now - f.window} then 1 else f.failures + 1 end,
      since = case when f.since <= ${f.now - f.window} then ${f.now} else f.since end
    returning failures, since`
  return row!
}

export const deleteFailures = (tx: Tx, account: string, address: string) =>
  tx`delete from login_failures where account = ${account} and address = ${address}`

export const deleteOldFailures = (tx: Tx, before: number) => tx`
  delete from login_failures where (account, address) in (
    select account, address from login_failures where since <= ${before} limit 100 for update skip locked)`

// Account data and filters

/** Content that a user keeps on the server, of one type; for the account, or for one room. */
export interface AccountData {
  readonly userId: UserId
  /** Empty: of the account. */
  readonly roomId: RoomId | ''
  readonly type: string
  /** A JSON object, as text. */
  readonly content: string
}

export type PositionedAccountData = AccountData & { readonly position: number }

export const upsertAccountData = (tx: TxSql, rows: readonly PositionedAccountData[]) => tx`
  insert into account_data (user_id, room_id, type, content, position)
  select * from unnest(
    ${rows.map((r) => r.userId)}::text[], ${rows.map((r) => r.roomId)}::text[], ${rows.map((r) => r.type)}::text[],
    ${rows.map((r) => r.content)}::text[], ${rows.map((r) => r.position)}::bigint[])
  on conflict (user_id, room_id, type) do update set content = excluded.content, position = excluded.position`

export async function readAccountData(sql: Read, at: Omit<AccountData, 'content'>): Promise<string | undefined> {
  const [row] = await sql<{ content: string }[]>`
    select content from account_data where user_id = ${at.userId} and room_id = ${at.roomId} and type = ${at.type}`
  return row?.content
}

/** What a user keeps for one room. */
export const readAccountDataOfRoom = (sql: Read, userId: UserId, roomId: RoomId) =>
  sql<
    { type: string; content: string }[]
  >`select type, content from account_data where user_id = ${userId} and room_id = ${roomId} order by type`

/** A user's account data that was written after `since` and up to `upTo`, oldest first. `roomId` is empty for data of the account. */
export const readAccountDataSince = (sql: Read, userId: UserId, since: number, upTo: number) => sql<
  PositionedAccountData[]
>`
  select user_id as "userId", room_id as "roomId", type, content, position from account_data
  where user_id = ${userId} and position > ${since} and position <= ${upTo} order by position`

export const insertFilter = (tx: Tx, f: { userId: UserId; filterId: string; definition: string }) => tx`
  insert into filters (user_id, filter_id, definition) values (${f.userId}, ${f.filterId}, ${f.definition})
  on conflict do nothing`

export async function readFilterText(sql: Read, userId: UserId, filterId: string): Promise<string | undefined> {
  const [row] = await sql<{ definition: string }[]>`
    select definition from filters where user_id = ${userId} and filter_id = ${filterId}`
  return row?.definition
}
