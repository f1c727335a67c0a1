import type { DeviceId, RoomId, UserId } from '#spec/ids.ts'
import type { Usage } from '#spec/keys/cross-signing.ts'
import type { Read, Tx, TxSql } from '#node/db/transaction.ts'

/** One device of one user, with a session or dehydrated. */
export interface DeviceOf {
  readonly userId: UserId
  readonly deviceId: DeviceId
}

/** What changes the keys of a device does so one at a time. False if there is no such device. */
export async function lockDevice(tx: Tx, { userId, deviceId }: DeviceOf): Promise<boolean> {
  const rows = await tx`select 1 from devices where user_id = ${userId} and device_id = ${deviceId} for update`
  return rows.length > 0
}

/** What changes the cross-signing of a user does so one at a time. */
export const lockUser = (tx: Tx, userId: UserId) =>
  tx`select 1 from accounts where user_id = ${userId} for no key update`

// Device keys

export async function readDeviceKeys(sql: Read, { userId, deviceId }: DeviceOf): Promise<string | undefined> {
  const [row] = await sql<{ keys: string }[]>`
    select keys from device_keys where user_id = ${userId} and device_id = ${deviceId}`
  return row?.keys
}

export async function haveDeviceKeys(sql: Read, userId: UserId, deviceIds: readonly DeviceId[]): Promise<boolean> {
  const rows = await sql`
    select 1 from device_keys where user_id = ${userId} and device_id = any(${deviceIds as DeviceId[]}) limit 1`
  return rows.length > 0
}

export const upsertDeviceKeys = (tx: Tx, { userId, deviceId }: DeviceOf, keys: string) => tx`
  insert into device_keys (user_id, device_id, keys) values (${userId}, ${deviceId}, ${keys})
  on conflict (user_id, device_id) do update set keys = excluded.keys`

/** What was made with the identity keys that a device had: it is of no use with others. */
export async function deleteWhatDependsOnDevice(tx: Tx, userId: UserId, deviceIds: readonly DeviceId[]): Promise<void> {
  const ids = deviceIds as DeviceId[]
  await tx`delete from one_time_keys where user_id = ${userId} and device_id = any(${ids})`
  await tx`delete from fallback_keys where user_id = ${userId} and device_id = any(${ids})`
  await tx`delete from key_signatures where target_user_id = ${userId} and target_key = any(${ids})`
  await tx`
    delete from key_signatures
    where target_user_id = ${userId} and signer = ${userId} and signing_key_id = any(${ids.map((id) => `ed25519:${id}`)})`
}

export const deleteDeviceKeys = (tx: Tx, userId: UserId, deviceIds: readonly DeviceId[]) =>
  tx`delete from device_keys where user_id = ${userId} and device_id = any(${deviceIds as DeviceId[]})`

/** Of an account that ends: its keys, and what it has signed. */
export async function deleteAllKeys(tx: Tx, userId: UserId): Promise<void> {
  await tx`delete from one_time_keys where user_id = ${userId}`
  await tx`delete from fallback_keys where user_id = ${userId}`
  await tx`delete from device_keys where user_id = ${userId}`
  await tx`delete from cross_signing_keys where user_id = ${userId}`
  await tx`delete from key_signatures where target_user_id = ${userId} or signer = ${userId}`
}

export interface DeviceKeysRow extends DeviceOf {
  readonly keys: string
  readonly displayName: string | null
}

export const readAllDeviceKeys = (sql: Read, users: readonly UserId[]) => sql<DeviceKeysRow[]>`
  select k.user_id as "userId", k.device_id as "deviceId", k.keys, coalesce(d.display_name, h.display_name) as "displayName"
  from device_keys k
  left join devices d on d.user_id = k.user_id and d.device_id = k.device_id
  left join dehydrated_devices h on h.user_id = k.user_id and h.device_id = k.device_id
  where k.user_id = any(${users as UserId[]}) order by k.user_id, k.device_id`

// One-time and fallback keys

export interface KeyRow {
  readonly algorithm: string
  readonly keyId: string
  /** JSON. */
  readonly key: string
}

/** Those of the given keys that the device has or had. */
export const readOneTimeKeys = (sql: Read, { userId, deviceId }: DeviceOf, keys: readonly KeyRow[]) => sql<KeyRow[]>`
  select k.algorithm, k.key_id as "keyId", k.key
  from unnest(${keys.map((k) => k.algorithm)}::text[], ${keys.map((k) => k.keyId)}::text[]) as a (algorithm, key_id)
  join one_time_keys k on k.user_id = ${userId} and k.device_id = ${deviceId} and k.algorithm = a.algorithm and k.key_id = a.key_id`

export const insertOneTimeKeys = (tx: Tx, { userId, deviceId }: DeviceOf, keys: readonly KeyRow[]) => tx`
  insert into one_time_keys (user_id, device_id, algorithm, key_id, key)
  select ${userId}, ${deviceId}, a.algorithm, a.key_id, a.key
  from unnest(${keys.map((k) => k.algorithm)}::text[], ${keys.map((k) => k.keyId)}::text[], ${keys.map((k) => k.key)}::text[])
    with ordinality as a (algorithm, key_id, key, place)
  order by place`

/** How many keys nobody has claimed, by algorithm. */
export async function countOneTimeKeys(sql: Read, { userId, deviceId }: DeviceOf): Promise<Map<string, number>> {
  const rows = await sql<{ algorithm: string; count: number }[]>`
    select algorithm, count(*)::int as count from one_time_keys
    where user_id = ${userId} and device_id = ${deviceId} and not claimed group by algorithm`
  return new Map(rows.map((row) => [row.algorithm, row.count]))
}

export const readFallbackKeys = (sql: Read, { userId, deviceId }: DeviceOf) => sql<KeyRow[]>`
  select algorithm, key_id as "keyId", key from fallback_keys where user_id = ${userId} and device_id = ${deviceId}`

/** A key in the place of another has not been used. */
export const upsertFallbackKeys = (tx: Tx, { userId, deviceId }: DeviceOf, keys: readonly KeyRow[]) => tx`
  insert into fallback_keys (user_id, device_id, algorithm, key_id, key)
  select ${userId}, ${deviceId}, a.algorithm, a.key_id, a.key
  from unnest(${keys.map((k) => k.algorithm)}::text[], ${keys.map((k) => k.keyId)}::text[], ${keys.map((k) => k.key)}::text[])
    as a (algorithm, key_id, key)
  on conflict (user_id, device_id, algorithm) do update set key_id = excluded.key_id, key = excluded.key, used = false`

/** A wish for one key of a device. */
export interface Claim extends DeviceOf {
  readonly algorithm: string
}
export type ClaimedKey = Claim & KeyRow

const claimTable = (sql: Read, claims: readonly Claim[]) => sql`
  unnest(${claims.map((c) => c.userId)}::text[], ${claims.map((c) => c.deviceId)}::text[], ${claims.map((c) => c.algorithm)}::text[])
    as a (user_id, device_id, algorithm)`

/** Takes the oldest key for each claim. Of two transactions that claim at once each passes over what the other has taken. */
export const claimOneTimeKeys = (tx: Tx, claims: readonly Claim[]) => tx<ClaimedKey[]>`
  update one_time_keys k set claimed = true
  from ${claimTable(tx, claims)}
  cross join lateral (
    select o.user_id, o.device_id, o.algorithm, o.key_id from one_time_keys o
    where o.user_id = a.user_id and o.device_id = a.device_id and o.algorithm = a.algorithm and not o.claimed
    order by o.ordinal limit 1 for update skip locked) taken
  where k.user_id = taken.user_id and k.device_id = taken.device_id and k.algorithm = taken.algorithm and k.key_id = taken.key_id
  returning k.user_id as "userId", k.device_id as "deviceId", k.algorithm, k.key_id as "keyId", k.key`

/** The keys are locked in one order, so that two transactions never wait for each other. */
export const useFallbackKeys = (tx: Tx, claims: readonly Claim[]) => tx<ClaimedKey[]>`
  with used as (
    select k.user_id, k.device_id, k.algorithm from ${claimTable(tx, claims)}
    join fallback_keys k using (user_id, device_id, algorithm)
    order by k.user_id, k.device_id, k.algorithm for update of k
  )
  update fallback_keys k set used = true from used
  where k.user_id = used.user_id and k.device_id = used.device_id and k.algorithm = used.algorithm
  returning k.user_id as "userId", k.device_id as "deviceId", k.algorithm, k.key_id as "keyId", k.key`

/** What a device has to know of its own keys: JSON texts of the counts by algorithm, and of the fallback keys that nobody has used. */
export interface KeySupply {
  readonly counts: string
  readonly unusedFallbacks: string
}

export async function readKeySupply(sql: Read, { userId, deviceId }: DeviceOf): Promise<KeySupply> {
  const [row] = await sql<KeySupply[]>`
    select
      (select json_object_agg(algorithm, count)::text from (
        select 'signed_curve25519' as algorithm, 0 as count where not exists (
          select 1 from one_time_keys where user_id = ${userId} and device_id = ${deviceId} and algorithm = 'signed_curve25519' and not claimed)
        union all
        select algorithm, count(*)::int from one_time_keys
        where user_id = ${userId} and device_id = ${deviceId} and not claimed group by algorithm) c) as counts,
      (select coalesce(json_agg(algorithm order by algorithm), '[]')::text from fallback_keys
        where user_id = ${userId} and device_id = ${deviceId} and not used) as "unusedFallbacks"`
  return row!
}

// Cross-signing

export interface CrossSigningRow {
  readonly userId: UserId
  readonly usage: Usage
  readonly publicKey: string
  /** JSON. */
  readonly key: string
}

export const readCrossSigning = (sql: Read, users: readonly UserId[]) => sql<CrossSigningRow[]>`
  select user_id as "userId", usage, public_key as "publicKey", key from cross_signing_keys
  where user_id = any(${users as UserId[]})`

export const upsertCrossSigning = (tx: Tx, rows: readonly CrossSigningRow[]) => tx`
  insert into cross_signing_keys (user_id, usage, public_key, key)
  select * from unnest(
    ${rows.map((r) => r.userId)}::text[], ${rows.map((r) => r.usage)}::text[], ${rows.map((r) => r.publicKey)}::text[],
    ${rows.map((r) => r.key)}::text[])
  on conflict (user_id, usage) do update set public_key = excluded.public_key, key = excluded.key`

/** Keys go, and with them the signatures that they made. */
export async function deleteCrossSigning(tx: Tx, userId: UserId, gone: readonly CrossSigningRow[]): Promise<void> {
  await tx`delete from cross_signing_keys where user_id = ${userId} and public_key = any(${gone.map((row) => row.publicKey)})`
  await tx`delete from key_signatures where target_user_id = ${userId} and target_key = any(${gone.map((row) => row.publicKey)})`
  await tx`
    delete from key_signatures
    where signer = ${userId} and signing_key_id = any(${gone.map((row) => `ed25519:${row.publicKey}`)})`
}

/** True if one of the names is that of a device of the user. */
export async function isNameOfDevice(sql: Read, userId: UserId, names: readonly string[]): Promise<boolean> {
  const rows = await sql`
    select 1 from devices where user_id = ${userId} and device_id = any(${names as string[]})
    union all
    select 1 from device_keys where user_id = ${userId} and device_id = any(${names as string[]})`
  return rows.length > 0
}

export interface SignatureRow {
  readonly signer: UserId
  readonly signingKeyId: string
  readonly targetUserId: UserId
  readonly targetKey: string
  readonly signature: string
}

/** Signatures on keys of some users that one reader may see: those that the owners made, and the reader's own. */
export const readSignatures = (sql: Read, users: readonly UserId[], reader: UserId) => sql<SignatureRow[]>`
  select signer, signing_key_id as "signingKeyId", target_user_id as "targetUserId", target_key as "targetKey", signature
  from key_signatures
  where target_user_id = any(${users as UserId[]}) and (signer = target_user_id or signer = ${reader})`

/** Those that are new or other than before. */
export const upsertSignatures = (tx: Tx, rows: readonly SignatureRow[]) => tx<{ targetUserId: UserId }[]>`
  insert into key_signatures as s (signer, signing_key_id, target_user_id, target_key, signature)
  select * from unnest(
    ${rows.map((r) => r.signer)}::text[], ${rows.map((r) => r.signingKeyId)}::text[], ${rows.map((r) => r.targetUserId)}::text[],
    ${rows.map((r) => r.targetKey)}::text[], ${rows.map((r) => r.signature)}::text[])
  on conflict (target_user_id, target_key, signer, signing_key_id) do update set signature = excluded.signature
  where s.signature <> excluded.signature
  returning target_user_id as "targetUserId"`

// What changed

/** A change of somebody's devices or keys. `seenBy` is empty if it concerns everybody who shares a room with them. */
export interface ListChange {
  readonly userId: UserId
  readonly seenBy: UserId | ''
}

/** Answers the ids by which the changes are announced. */
export async function insertUnannounced(tx: Tx, changes: readonly ListChange[]): Promise<number[]> {
  const rows = await tx<{ id: number }[]>`
    insert into unannounced_device_changes (user_id, seen_by)
    select * from unnest(${changes.map((c) => c.userId)}::text[], ${changes.map((c) => c.seenBy)}::text[]) returning id`
  return rows.map((row) => row.id)
}

export const readUnannounced = (sql: Read) =>
  sql<(ListChange & { id: number })[]>`
    select id, user_id as "userId", seen_by as "seenBy" from unannounced_device_changes order by id`

export const deleteUnannounced = (tx: TxSql, ids: readonly number[]) =>
  tx`delete from unannounced_device_changes where id = any(${ids as number[]})`

export const upsertListChanges = (tx: TxSql, rows: readonly (ListChange & { readonly position: number })[]) => tx`
  insert into device_list_changes (user_id, seen_by, position)
  select * from unnest(
    ${rows.map((r) => r.userId)}::text[], ${rows.map((r) => r.seenBy)}::text[], ${rows.map((r) => r.position)}::bigint[])
  on conflict (user_id, seen_by) do update set position = excluded.position`

/** Whose devices or keys changed after `since`, of those who share a room with the reader; the reader too. */
export async function readChangedUsers(sql: Read, reader: UserId, since: number): Promise<UserId[]> {
  const rows = await sql<{ userId: UserId }[]>`
    select distinct c.user_id as "userId" from device_list_changes c
    where c.position > ${since} and (c.seen_by = ${reader} or (c.seen_by = '' and (c.user_id = ${reader} or exists (
      select 1 from members mine join members theirs on theirs.room_id = mine.room_id
      where mine.user_id = ${reader} and mine.membership = 'join' and theirs.user_id = c.user_id and theirs.membership = 'join'))))
    order by 1`
  return rows.map((row) => row.userId)
}

/** Somebody who came to a room of the reader's, or went, or whom the reader came to or left. */
export interface Acquaintance {
  readonly userId: UserId
  /** Both are in one of the rooms now. */
  readonly isNow: boolean
  /** Both were in one of the rooms then. */
  readonly wasThen: boolean
  /** Both are in some room now. */
  readonly isAnywhere: boolean
  /** They have, or had, something that could have changed. */
  readonly hasList: boolean
}

/**
 * People with whom the reader came to share a room, or ceased to, after `since`. `rooms` are those of the reader in which anybody came or
 * went; the rooms that the reader came to or left are found here.
 */
export const readAcquaintances = (
  sql: Read,
  reader: UserId,
  since: number,
  { rooms, serverName }: { rooms: readonly RoomId[]; serverName: string },
) => sql<Acquaintance[]>`
  with own as (
    select m.room_id, m.membership = 'join' as is_in,
      m.membership_position > ${since} as is_fresh,
      coalesce((
        select e.content::json ->> 'membership' = 'join' from state_changes s join events e using (event_id)
        where s.room_id = m.room_id and s.type = 'm.room.member' and s.state_key = ${reader} and s.position <= ${since}
        order by s.position desc limit 1), false) as was_in
    from members m
    where m.user_id = ${reader} and (m.membership_position > ${since} or m.room_id = any(${rooms as RoomId[]}))
  ),
  touched as (
    select o.room_id, s.state_key as user_id from own o
    join state_changes s on s.room_id = o.room_id and s.position > ${since} and s.type = 'm.room.member'
    union
    select o.room_id, m.user_id from own o join members m using (room_id) where o.is_fresh
  ),
  met as (
    select t.user_id,
      bool_or(o.is_in and coalesce(m.membership = 'join', false)) as is_now,
      bool_or(o.was_in and coalesce((
        select e.content::json ->> 'membership' = 'join' from state_changes s join events e using (event_id)
        where s.room_id = t.room_id and s.type = 'm.room.member' and s.state_key = t.user_id and s.position <= ${since}
        order by s.position desc limit 1), false)) as was_then
    from touched t join own o using (room_id) left join members m on m.room_id = t.room_id and m.user_id = t.user_id
    where t.user_id <> ${reader} group by t.user_id
  )
  select user_id as "userId", is_now as "isNow", was_then as "wasThen",
    is_now or exists (
      select 1 from members mine join members theirs on theirs.room_id = mine.room_id
      where mine.user_id = ${reader} and mine.membership = 'join' and theirs.user_id = met.user_id and theirs.membership = 'join') as "isAnywhere",
    substring(user_id from position(':' in user_id) + 1) <> ${serverName}
      or exists (select 1 from device_list_changes c where c.user_id = met.user_id and c.seen_by = '') as "hasList"
  from met where is_now <> was_then order by 1`
