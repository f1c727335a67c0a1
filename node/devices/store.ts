import type { DeviceId, UserId } from '#spec/ids.ts'
import type { Read } from '#node/db/transaction.ts'

export interface DeviceRow {
  readonly deviceId: DeviceId
  readonly displayName: string | null
  readonly lastSeenAt: number | null
  readonly lastSeenAddress: string | null
}

export const readDevices = (sql: Read, userId: UserId) => sql<DeviceRow[]>`
  select device_id as "deviceId", display_name as "displayName", last_seen_at as "lastSeenAt", last_seen_address as "lastSeenAddress"
  from devices where user_id = ${userId} order by created_at, device_id`

export async function readDevice(sql: Read, userId: UserId, deviceId: string): Promise<DeviceRow | undefined> {
  const [row] = await sql<DeviceRow[]>`
    select device_id as "deviceId", display_name as "displayName", last_seen_at as "lastSeenAt", last_seen_address as "lastSeenAddress"
    from devices where user_id = ${userId} and device_id = ${deviceId}`
  return row
}
