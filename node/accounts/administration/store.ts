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
