import type { getDevice } from '#spec/api/client/devices.ts'
import type { ResponseOf } from '#spec/endpoint.ts'
import { notFound } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { writeSeen } from '#node/accounts/last-seen.ts'
import type { Deps } from '#node/deps.ts'
import { readDevice, readDevices, type DeviceRow } from './store.ts'

type ClientDevice = ResponseOf<typeof getDevice>

/** A user's devices, oldest first. */
export async function listDevices(deps: Deps, userId: UserId): Promise<ClientDevice[]> {
  await writeSeen(deps)
  return (await readDevices(deps.sql, userId)).map(clientDevice)
}

/** One device of a user. Throws M_NOT_FOUND. */
export async function findDevice(deps: Deps, userId: UserId, deviceId: string): Promise<ClientDevice> {
  await writeSeen(deps)
  const row = await readDevice(deps.sql, userId, deviceId)
  if (row === undefined) throw notFound('You have no such device.')
  return clientDevice(row)
}

const clientDevice = (row: DeviceRow): ClientDevice => ({
  device_id: row.deviceId,
  ...(row.displayName !== null && { display_name: row.displayName }),
  ...(row.lastSeenAddress !== null && { last_seen_ip: row.lastSeenAddress }),
  ...(row.lastSeenAt !== null && { last_seen_ts: row.lastSeenAt }),
})
