import type { DeviceId, UserId } from '#spec/ids.ts'
import type { Read, Tx } from '#node/db/transaction.ts'

interface RestrictedRow {
  readonly userId: UserId
  readonly isLocked: boolean
  readonly isSuspended: boolean
}

export const readRestricted = (sql: Read) => sql<RestrictedRow[]>`
  select user_id as "userId", locked_at is not null as "isLocked", suspended_at is not null as "isSuspended"
  from accounts where (locked_at is not null or suspended_at is not null) and deactivated_at is null`

/** What an account is; nothing where there is none, or none any more. */
export async function readStanding(sql: Read, userId: UserId) {
  const [row] = await sql<(Omit<RestrictedRow, 'userId'> & { isAdmin: boolean })[]>`
    select is_admin as "isAdmin", locked_at is not null as "isLocked", suspended_at is not null as "isSuspended"
    from accounts where user_id = ${userId} and deactivated_at is null`
  return row
}

export async function setLocked(tx: Tx, userId: UserId, at: number | null): Promise<boolean> {
  const rows = await tx`
    update accounts set locked_at = ${at} where user_id = ${userId} and deactivated_at is null and not is_admin returning 1`
  return rows.length > 0
}

export async function setSuspended(tx: Tx, userId: UserId, at: number | null): Promise<boolean> {
  const rows = await tx`
    update accounts set suspended_at = ${at} where user_id = ${userId} and deactivated_at is null and not is_admin returning 1`
  return rows.length > 0
}

export async function readAccessHashes(tx: Tx, userId: UserId): Promise<string[]> {
  const rows = await tx<{ access_hash: string }[]>`select access_hash from token_pairs where user_id = ${userId}`
  return rows.map((row) => row.access_hash)
}

/** Ends an account for good. False if it was ended before. */
export async function markDeactivated(
  tx: Tx,
  userId: UserId,
  at: { now: number; erasedAtPosition: number | null },
): Promise<boolean> {
  const rows = await tx`
    update accounts set deactivated_at = ${at.now}, erased_at_position = ${at.erasedAtPosition}, password_hash = null,
      displayname = null, avatar_url = null, profile_fields = '{}', search_text = '', locked_at = null, suspended_at = null
    where user_id = ${userId} and deactivated_at is null returning 1`
  return rows.length > 0
}

/** What the account could still do, or be found by. */
export async function deleteBelongings(tx: Tx, userId: UserId): Promise<void> {
  await tx`delete from auth_sessions where user_id = ${userId}`
  await tx`delete from login_tokens where user_id = ${userId}`
  await tx`delete from openid_tokens where user_id = ${userId}`
  await tx`delete from registration_tokens where created_by = ${userId} and used_at is null`
  await tx`delete from filters where user_id = ${userId}`
  await tx`delete from login_failures where account = ${userId}`
}

/** Of an erased account nothing is kept that is not an event. */
export const deleteAccountData = (tx: Tx, userId: UserId) => tx`delete from account_data where user_id = ${userId}`

export const readErased = (sql: Read) => sql<{ userId: UserId; position: number }[]>`
  select user_id as "userId", erased_at_position as position from accounts where erased_at_position is not null`

interface SeenRow {
  readonly deviceId: DeviceId
  readonly at: number | null
  readonly address: string | null
  readonly userAgent: string | null
}

export const readSeen = (sql: Read, userId: UserId) => sql<SeenRow[]>`
  select device_id as "deviceId", last_seen_at as at, last_seen_address as address, last_seen_user_agent as "userAgent"
  from devices where user_id = ${userId} order by device_id`
