import type { UserId } from '#spec/ids.ts'
import type { Read, Tx } from '#node/db/transaction.ts'

/** What an address is validated for. A validation serves this and nothing else. */
export type Purpose = 'register' | 'password' | 'add'

export interface Validation {
  readonly sid: string
  readonly purpose: Purpose
  readonly email: string
  readonly clientSecretHash: string
  readonly sendAttempt: number
  readonly nextLink: string | null
  readonly validatedAt: number | null
  readonly expiresAt: number
}

/**
 * Begins a validation, or goes on with the one that the same client has begun. `isDue` says whether a mail is to be sent: the first time,
 * and for every attempt with a higher number until the address is shown. One that has expired begins anew.
 */
export async function upsertValidation(
  tx: Tx,
  v: Omit<Validation, 'validatedAt'>,
  now: number,
): Promise<{ sid: string; isDue: boolean }> {
  const { purpose, email, clientSecretHash } = v
  const [made] = await tx<{ sid: string }[]>`
    insert into mail_validations as m (sid, purpose, email, client_secret_hash, send_attempt, next_link, expires_at)
    values (${v.sid}, ${purpose}, ${email}, ${clientSecretHash}, ${v.sendAttempt}, ${v.nextLink}, ${v.expiresAt})
    on conflict (purpose, email, client_secret_hash) do update
      set send_attempt = excluded.send_attempt, next_link = excluded.next_link, expires_at = excluded.expires_at,
        validated_at = null
      where m.expires_at <= ${now} or (m.validated_at is null and m.send_attempt < excluded.send_attempt)
    returning sid`
  if (made !== undefined) return { sid: made.sid, isDue: true }
  // The row is locked, even where nothing of it was to be changed.
  const [known] = await tx<{ sid: string }[]>`
    select sid from mail_validations
    where purpose = ${purpose} and email = ${email} and client_secret_hash = ${clientSecretHash}`
  return { sid: known!.sid, isDue: false }
}

export async function readValidation(sql: Read, sid: string, now: number): Promise<Validation | undefined> {
  const [row] = await sql<Validation[]>`
    select sid, purpose, email, client_secret_hash as "clientSecretHash", send_attempt as "sendAttempt",
      next_link as "nextLink", validated_at as "validatedAt", expires_at as "expiresAt"
    from mail_validations where sid = ${sid} and expires_at > ${now}`
  return row
}

export async function insertLink(tx: Tx, l: { tokenHash: string; sid: string; now: number; expiresAt: number }) {
  await tx`delete from mail_links where sid = ${l.sid} and expires_at <= ${l.now}`
  await tx`
    insert into mail_links (token_hash, sid, expires_at)
    select ${l.tokenHash}, sid, ${l.expiresAt} from mail_validations where sid = ${l.sid}`
}

/** Once, from when on the client has until `expiresAt`; pressing the button again moves neither. */
export async function markValidated(
  tx: Tx,
  v: { sid: string; tokenHash: string; now: number; expiresAt: number },
): Promise<{ nextLink: string | null } | undefined> {
  const [row] = await tx<{ nextLink: string | null }[]>`
    update mail_validations as v
    set validated_at = coalesce(v.validated_at, ${v.now}),
      expires_at = case when v.validated_at is null then ${v.expiresAt} else v.expires_at end
    from mail_links l
    where v.sid = ${v.sid} and l.sid = v.sid and l.token_hash = ${v.tokenHash}
      and l.expires_at > ${v.now} and v.expires_at > ${v.now}
    returning v.next_link as "nextLink"`
  return row
}

/** Uses a validation up: the address that it is about, and when that was shown. */
export async function takeValidation(tx: Tx, sid: string, purpose: Purpose, now: number) {
  const [row] = await tx<{ email: string; validatedAt: number }[]>`
    delete from mail_validations
    where sid = ${sid} and purpose = ${purpose} and validated_at is not null and expires_at > ${now}
    returning email, validated_at as "validatedAt"`
  return row
}

export const deleteExpiredValidations = (tx: Tx, now: number) => tx`
  delete from mail_validations where sid in (
    select sid from mail_validations where expires_at <= ${now} limit 100 for update skip locked)`

/** Every address of a user is one that a password could be reset by: what was begun with the old password ends with it. */
export const deleteResetsOf = (tx: Tx, userId: UserId) => tx`
  delete from mail_validations
  where purpose = 'password' and email in (select address from threepids where user_id = ${userId} and medium = 'email')`

export interface ThirdPartyIdRow {
  readonly medium: 'email' | 'msisdn'
  readonly address: string
  readonly validatedAt: number
  readonly addedAt: number
}

export const readThirdPartyIds = (sql: Read, userId: UserId) => sql<ThirdPartyIdRow[]>`
  select medium, address, validated_at as "validatedAt", added_at as "addedAt" from threepids
  where user_id = ${userId} order by added_at, address`

export async function readOwner(sql: Read, email: string): Promise<UserId | undefined> {
  const [row] = await sql<{ userId: UserId }[]>`
    select user_id as "userId" from threepids where medium = 'email' and address = ${email}`
  return row?.userId
}

export async function countThirdPartyIds(tx: Tx, userId: UserId): Promise<number> {
  const [row] = await tx<{ count: number }[]>`select count(*)::int as count from threepids where user_id = ${userId}`
  return row!.count
}

/** False if the address is another account's. */
export async function insertEmail(
  tx: Tx,
  t: { userId: UserId; email: string; validatedAt: number; addedAt: number },
): Promise<boolean> {
  const rows = await tx`
    insert into threepids as t (medium, address, user_id, validated_at, added_at)
    values ('email', ${t.email}, ${t.userId}, ${t.validatedAt}, ${t.addedAt})
    on conflict (medium, address) do update set validated_at = excluded.validated_at where t.user_id = excluded.user_id
    returning 1`
  return rows.length > 0
}

export const deleteThirdPartyId = (tx: Tx, userId: UserId, medium: string, address: string) =>
  tx`delete from threepids where user_id = ${userId} and medium = ${medium} and address = ${address}`

export const deleteThirdPartyIdsOf = (tx: Tx, userId: UserId) => tx`delete from threepids where user_id = ${userId}`
