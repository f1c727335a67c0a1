import type { UserId } from '#spec/ids.ts'
import type { Read, Tx } from '#node/db/transaction.ts'

interface ShortToken {
  readonly tokenHash: string
  readonly userId: UserId
  readonly expiresAt: number
}

export const insertLoginToken = (tx: Tx, t: ShortToken) => tx`
  insert into login_tokens (token_hash, user_id, expires_at) values (${t.tokenHash}, ${t.userId}, ${t.expiresAt})`

export const deleteExpiredLoginTokens = (tx: Tx, now: number) => tx`
  delete from login_tokens where token_hash in (
    select token_hash from login_tokens where expires_at <= ${now} limit 100 for update skip locked)`

/** Whose the token was. It is gone now, whether it was still good or not. */
export async function takeLoginToken(tx: Tx, tokenHash: string, now: number): Promise<UserId | undefined> {
  const [row] = await tx<ShortToken[]>`
    delete from login_tokens where token_hash = ${tokenHash}
    returning user_id as "userId", expires_at as "expiresAt"`
  return row !== undefined && row.expiresAt > now ? row.userId : undefined
}

export const deleteLoginTokensOf = (tx: Tx, userId: UserId) => tx`delete from login_tokens where user_id = ${userId}`

export const insertOpenIdToken = (tx: Tx, t: ShortToken) => tx`
  insert into openid_tokens (token_hash, user_id, expires_at) values (${t.tokenHash}, ${t.userId}, ${t.expiresAt})`

export const deleteExpiredOpenIdTokens = (tx: Tx, now: number) => tx`
  delete from openid_tokens where token_hash in (
    select token_hash from openid_tokens where expires_at <= ${now} limit 100 for update skip locked)`

export async function readOpenIdToken(sql: Read, tokenHash: string, now: number): Promise<UserId | undefined> {
  const [row] = await sql<{ userId: UserId }[]>`
    select user_id as "userId" from openid_tokens join accounts using (user_id)
    where token_hash = ${tokenHash} and expires_at > ${now} and deactivated_at is null and locked_at is null`
  return row?.userId
}
