import type { DeviceId, UserId } from '#spec/ids.ts'
import type { Statement } from '#node/db/pipeline.ts'
import type { Read, Tx, TxSql } from '#node/db/transaction.ts'
import type { Fact } from '#node/stream/commit.ts'
import type { Mailing, Transaction } from './facts.ts'

interface Device {
  readonly userId: UserId
  readonly deviceId: DeviceId
}

/** Messages for devices that are gone, or go at this moment, are passed over. */
export function insertLetters(tx: TxSql, facts: readonly Fact<Mailing>[]): Statement[] {
  const rows = facts.flatMap(({ row: { sender, type, letters }, position }) =>
    letters.map((letter) => ({ ...letter, sender, type, position })),
  )
  if (rows.length === 0) return []
  const [users, devices] = [rows.map((r) => r.userId), rows.map((r) => r.deviceId)]
  const [positions, senders] = [rows.map((r) => r.position), rows.map((r) => r.sender)]
  const [types, contents] = [rows.map((r) => r.type), rows.map((r) => r.content)]
  return [
    tx`
      insert into to_device_messages (user_id, device_id, position, sender, type, content)
      select l.* from unnest(${users}::text[], ${devices}::text[], ${positions}::bigint[], ${senders}::text[], ${types}::text[], ${contents}::text[])
        as l (user_id, device_id, position, sender, type, content)
      join devices d using (user_id, device_id) for key share of d`,
    tx`
      insert into to_device_messages (user_id, device_id, position, sender, type, content)
      select l.* from unnest(${users}::text[], ${devices}::text[], ${positions}::bigint[], ${senders}::text[], ${types}::text[], ${contents}::text[])
        as l (user_id, device_id, position, sender, type, content)
      join dehydrated_devices d using (user_id, device_id) for key share of d`,
  ]
}

export const insertTransactions = (tx: TxSql, rows: readonly (Transaction & { createdAt: number })[]) => tx`
  insert into to_device_transactions (user_id, device_id, type, txn_id, created_at)
  select * from unnest(
    ${rows.map((r) => r.userId)}::text[], ${rows.map((r) => r.deviceId)}::text[], ${rows.map((r) => r.type)}::text[],
    ${rows.map((r) => r.txnId)}::text[], ${rows.map((r) => r.createdAt)}::bigint[])`

export async function hasTransaction(sql: Read, { userId, deviceId, type, txnId }: Transaction): Promise<boolean> {
  const rows = await sql`
    select 1 from to_device_transactions
    where user_id = ${userId} and device_id = ${deviceId} and type = ${type} and txn_id = ${txnId}`
  return rows.length > 0
}

export const deleteTransactionsBefore = (tx: Tx, before: number) =>
  tx`delete from to_device_transactions where created_at < ${before}`

/** Every device of some users, dehydrated ones too. */
export const readDevicesOf = (sql: Read, users: readonly UserId[]) => sql<Device[]>`
  select user_id as "userId", device_id as "deviceId" from devices where user_id = any(${users as UserId[]})
  union
  select user_id, device_id from dehydrated_devices where user_id = any(${users as UserId[]})`

export interface LetterRow {
  readonly position: number
  readonly sender: UserId
  readonly type: string
  readonly content: string
  /** The token of the first answer that had it. */
  readonly toldAt: number | null
}

/** The oldest messages of a device up to a position, but for those that were told after `acknowledged` and not after `since`. */
export const readLetters = (
  sql: Read,
  { userId, deviceId }: Device,
  { since, acknowledged, upTo, limit }: { since: number; acknowledged: number; upTo: number; limit: number },
) => sql<LetterRow[]>`
  select position, sender, type, content, told_at as "toldAt" from to_device_messages
  where user_id = ${userId} and device_id = ${deviceId} and position <= ${upTo}
    and (told_at is null or told_at > ${since} or told_at <= ${acknowledged})
  order by position limit ${limit}`

export const deleteAcknowledged = (tx: Tx, { userId, deviceId }: Device, acknowledged: number) => tx`
  delete from to_device_messages where user_id = ${userId} and device_id = ${deviceId} and told_at <= ${acknowledged}`

/** What was told before stays with the first token: whoever comes with that one or a later one has it. */
export const markTold = (tx: Tx, { userId, deviceId }: Device, positions: readonly number[], at: number) => tx`
  update to_device_messages set told_at = ${at}
  where user_id = ${userId} and device_id = ${deviceId} and position = any(${positions as number[]}) and told_at is null`

/** What an application service has taken for devices of its users. */
export const deleteTold = (tx: Tx, devices: readonly Device[], { after, upTo }: { after: number; upTo: number }) => tx`
  delete from to_device_messages m
  using unnest(${devices.map((d) => d.userId)}::text[], ${devices.map((d) => d.deviceId)}::text[]) as d (user_id, device_id)
  where d.user_id = m.user_id and d.device_id = m.device_id and m.position > ${after} and m.position <= ${upTo}`

export async function deleteOfDevices(tx: Tx, userId: UserId, deviceIds: readonly DeviceId[]): Promise<void> {
  const ids = deviceIds as DeviceId[]
  await tx`delete from to_device_messages where user_id = ${userId} and device_id = any(${ids})`
  await tx`delete from to_device_transactions where user_id = ${userId} and device_id = any(${ids})`
}

// The dehydrated device of a user

interface DehydratedRow extends Device {
  readonly displayName: string | null
  /** JSON. */
  readonly deviceData: string
}

export async function readDehydrated(sql: Read, userId: UserId): Promise<DehydratedRow | undefined> {
  const [row] = await sql<DehydratedRow[]>`
    select user_id as "userId", device_id as "deviceId", display_name as "displayName", device_data as "deviceData"
    from dehydrated_devices where user_id = ${userId}`
  return row
}

export const upsertDehydrated = (tx: Tx, d: DehydratedRow) => tx`
  insert into dehydrated_devices (user_id, device_id, display_name, device_data)
  values (${d.userId}, ${d.deviceId}, ${d.displayName}, ${d.deviceData})
  on conflict (user_id) do update set
    device_id = excluded.device_id, display_name = excluded.display_name, device_data = excluded.device_data`

export async function deleteAllOf(tx: Tx, userId: UserId): Promise<void> {
  await deleteDehydrated(tx, userId)
  await tx`delete from to_device_messages where user_id = ${userId}`
  await tx`delete from to_device_transactions where user_id = ${userId}`
}

export const deleteDehydrated = (tx: Tx, userId: UserId) => tx`delete from dehydrated_devices where user_id = ${userId}`

export const readLettersAfter = (sql: Read, { userId, deviceId }: Device, after: number, limit: number) => sql<
  LetterRow[]
>`
  select position, sender, type, content, told_at as "toldAt" from to_device_messages
  where user_id = ${userId} and device_id = ${deviceId} and position > ${after} order by position limit ${limit}`
