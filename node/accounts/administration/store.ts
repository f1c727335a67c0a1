import type { listUsers } from '#spec/api/admin/users.ts'
import type { QueryOf } from '#spec/endpoint.ts'
import type { UserId } from '#spec/ids.ts'
import type { Read, Tx } from '#node/db/transaction.ts'

export const setAdmin = (tx: Tx, userId: UserId, isAdmin: boolean) =>
  tx`update accounts set is_admin = ${isAdmin} where user_id = ${userId} and deactivated_at is null`

export const setDisplayName = (tx: Tx, userId: UserId, name: string) =>
  tx`update accounts set displayname = ${name} where user_id = ${userId}`

// Registration tokens of administrators. One that is used up has its `used_at`, as an invitation has that was used.

export interface TokenRow {
  readonly token: string
  readonly usesAllowed: number | null
  readonly completed: number
  readonly expiresAt: number | null
}

const tokenColumns = (sql: Read) => sql`
  plain_token as token, uses_allowed as "usesAllowed", completed, expires_at as "expiresAt"`

export const readTokens = (sql: Read) => sql<TokenRow[]>`
  select ${tokenColumns(sql)} from registration_tokens where plain_token is not null order by created_at, plain_token`

export async function readToken(sql: Read, token: string): Promise<TokenRow | undefined> {
  const [row] = await sql<TokenRow[]>`
    select ${tokenColumns(sql)} from registration_tokens where plain_token = ${token}`
  return row
}

export async function lockToken(tx: Tx, token: string): Promise<TokenRow | undefined> {
  const [row] = await tx<TokenRow[]>`
    select ${tokenColumns(tx)} from registration_tokens where plain_token = ${token} for update`
  return row
}

/** False where there is such a token. */
export async function insertToken(
  tx: Tx,
  row: TokenRow,
  { tokenHash, tokenId, now }: { tokenHash: string; tokenId: string; now: number },
): Promise<boolean> {
  const { count } = await tx`
    insert into registration_tokens (token_hash, token_id, plain_token, created_at, expires_at, uses_allowed, used_at)
    values (${tokenHash}, ${tokenId}, ${row.token}, ${now}, ${row.expiresAt}, ${row.usesAllowed}, ${row.usesAllowed === 0 ? now : null})
    on conflict do nothing`
  return count > 0
}

export const updateToken = (tx: Tx, row: TokenRow, now: number) => tx`
  update registration_tokens set uses_allowed = ${row.usesAllowed}, expires_at = ${row.expiresAt},
    used_at = case when completed >= ${row.usesAllowed}::int then coalesce(used_at, ${now}) end
  where plain_token = ${row.token}`

export async function deleteToken(tx: Tx, token: string): Promise<boolean> {
  const { count } = await tx`delete from registration_tokens where plain_token = ${token}`
  return count > 0
}

// Accounts, for administrators

export interface AccountRow {
  readonly userId: UserId
  readonly displayname: string | null
  readonly avatarUrl: string | null
  readonly isAdmin: boolean
  readonly isDeactivated: boolean
  readonly isErased: boolean
  readonly isLocked: boolean
  readonly isSuspended: boolean
  readonly appserviceId: string | null
  readonly createdAt: number
  readonly lastSeenAt: number | null
}

type Wanted = QueryOf<typeof listUsers>

const accountColumns = (sql: Read) => sql`
  a.user_id as "userId", a.displayname, a.avatar_url as "avatarUrl", a.is_admin as "isAdmin",
  a.deactivated_at is not null as "isDeactivated", a.erased_at_position is not null as "isErased", a.locked_at is not null as "isLocked",
  a.suspended_at is not null as "isSuspended", a.appservice_id as "appserviceId", a.created_at as "createdAt",
  (select max(d.last_seen_at) from devices d where d.user_id = a.user_id) as "lastSeenAt"`

/** `strpos` has no signs that mean something else. */
const isWanted = (sql: Read, { user_id: userId, name, admins, deactivated, locked }: Wanted) => sql`
  (${deactivated} or a.deactivated_at is null) and (${locked} or a.locked_at is null)
  and ${admins === undefined ? sql`true` : sql`a.is_admin = ${admins}`}
  and ${
    name === undefined
      ? sql`strpos(a.user_id, ${userId ?? ''}) > 0`
      : sql`(strpos(lower(split_part(a.user_id, ':', 1)), lower(${name})) > 0 or strpos(lower(a.displayname), lower(${name})) > 0)`
  }`

function accountOrder(sql: Read, order: Wanted['order_by']) {
  switch (order) {
    case 'admin':
      return sql`a.is_admin`
    case 'deactivated':
      return sql`a.deactivated_at is not null`
    case 'displayname':
      return sql`a.displayname`
    case 'avatar_url':
      return sql`a.avatar_url`
    case 'creation_ts':
      return sql`a.created_at`
    case 'last_seen_ts':
      return sql`"lastSeenAt"`
    default:
      return sql`a.user_id`
  }
}

export const readAccounts = (sql: Read, wanted: Wanted) => sql<AccountRow[]>`
  select ${accountColumns(sql)} from accounts a where ${isWanted(sql, wanted)}
  order by ${accountOrder(sql, wanted.order_by)} ${wanted.dir === 'f' ? sql`asc` : sql`desc`}, a.user_id
  limit ${wanted.limit} offset ${wanted.from}`

export async function countAccounts(sql: Read, wanted: Wanted): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from accounts a where ${isWanted(sql, wanted)}`
  return row!.count
}

export async function readAccount(sql: Read, userId: UserId): Promise<AccountRow | undefined> {
  const [row] = await sql<AccountRow[]>`select ${accountColumns(sql)} from accounts a where a.user_id = ${userId}`
  return row
}

/** What is emptied of a room that is deleted. */
export const roomTables = ['account_data'] as const
