import type { UserId } from '#spec/ids.ts'
import type { Read, Tx } from '#node/db/transaction.ts'

/** Names one pusher. */
export interface PusherKey {
  readonly userId: UserId
  readonly appId: string
  readonly pushkey: string
}

export interface Pusher extends PusherKey {
  readonly deviceId: string
  readonly appDisplayName: string
  readonly deviceDisplayName: string
  readonly profileTag: string | null
  readonly lang: string
  /** A JSON object, as text. */
  readonly data: string
  readonly enabled: boolean
  /** Milliseconds since the Unix epoch. */
  readonly setAt: number
}

export interface StoredPusher extends Pusher {
  /** Everything up to here has been pushed. */
  readonly position: number
  /** The count that the gateway was told last. */
  readonly badge: number
}

/** What happened before a pusher was there, or while it was switched off, is not pushed. */
export const upsertPusher = (tx: Tx, p: Pusher, head: number) => tx`
  insert into pushers as p (user_id, app_id, pushkey, device_id, app_display_name, device_display_name, profile_tag, lang, data, enabled, set_at, position)
  values (${p.userId}, ${p.appId}, ${p.pushkey}, ${p.deviceId}, ${p.appDisplayName}, ${p.deviceDisplayName}, ${p.profileTag}, ${p.lang}, ${p.data},
    ${p.enabled}, ${p.setAt}, ${head})
  on conflict (app_id, pushkey, user_id) do update set
    device_id = excluded.device_id, app_display_name = excluded.app_display_name, device_display_name = excluded.device_display_name,
    profile_tag = excluded.profile_tag, lang = excluded.lang, data = excluded.data, enabled = excluded.enabled, set_at = excluded.set_at,
    position = case when p.enabled then p.position else excluded.position end`

export const deletePusher = (tx: Tx, { userId, appId, pushkey }: PusherKey) =>
  tx`delete from pushers where user_id = ${userId} and app_id = ${appId} and pushkey = ${pushkey}`

export const deleteOfOthers = (tx: Tx, { userId, appId, pushkey }: PusherKey) =>
  tx`delete from pushers where user_id <> ${userId} and app_id = ${appId} and pushkey = ${pushkey}`

const columns = (sql: Read) => sql`
  user_id as "userId", app_id as "appId", pushkey, device_id as "deviceId", app_display_name as "appDisplayName",
  device_display_name as "deviceDisplayName", profile_tag as "profileTag", lang, data, enabled, set_at as "setAt", position, badge`

export const readPushers = (sql: Read, userId: UserId) =>
  sql<StoredPusher[]>`select ${columns(sql)} from pushers where user_id = ${userId} order by set_at, app_id, pushkey`

export async function readPusher(sql: Read, { userId, appId, pushkey }: PusherKey): Promise<StoredPusher | undefined> {
  const [row] = await sql<StoredPusher[]>`
    select ${columns(sql)} from pushers where user_id = ${userId} and app_id = ${appId} and pushkey = ${pushkey}`
  return row
}

export const readAllKeys = (sql: Read) =>
  sql<PusherKey[]>`select user_id as "userId", app_id as "appId", pushkey from pushers`

/** It never moves back. */
export const setProgress = (tx: Tx, { userId, appId, pushkey }: PusherKey, position: number, badge: number) => tx`
  update pushers set position = greatest(position, ${position}), badge = ${badge}
  where user_id = ${userId} and app_id = ${appId} and pushkey = ${pushkey}`
