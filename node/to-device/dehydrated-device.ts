import type { putDehydratedDevice as endpoint } from '#spec/api/client/dehydrated-device.ts'
import type { BodyOf } from '#spec/endpoint.ts'
import { forbidden, invalidParam, notFound } from '#spec/errors.ts'
import type { DeviceId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import type { Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { changingKeys } from '#node/keys/announce.ts'
import { deleteDeviceKeys, deleteWhatDependsOnDevice, lockDevice, lockUser } from '#node/keys/store.ts'
import { storeKeys } from '#node/keys/upload-keys.ts'
import { parseToken } from '#node/rooms/room-view.ts'
import { mostMessages, textOf } from './read-inbox.ts'
import * as store from './store.ts'

/** Stores the dehydrated device of a user in the place of the one before. */
export async function putDehydratedDevice(deps: Deps, userId: UserId, body: BodyOf<typeof endpoint>): Promise<void> {
  const device = { userId, deviceId: body.device_id }
  await changingKeys(deps, async (tx, changed) => {
    await lockUser(tx, userId)
    if (await lockDevice(tx, device)) throw invalidParam('Somebody is logged in with a device of this id.')
    const before = await store.readDehydrated(tx, userId)
    if (before !== undefined && before.deviceId !== device.deviceId) await remove(tx, userId, before.deviceId)
    const displayName = body.initial_device_display_name ?? null
    await store.upsertDehydrated(tx, { ...device, displayName, deviceData: JSON.stringify(body.device_data) })
    await storeKeys(deps, tx, device, body)
    changed({ userId, seenBy: '' })
  })
}

async function remove(tx: Tx, userId: UserId, deviceId: DeviceId): Promise<void> {
  await deleteWhatDependsOnDevice(tx, userId, [deviceId])
  await deleteDeviceKeys(tx, userId, [deviceId])
  await store.deleteDehydrated(tx, userId)
  await store.deleteOfDevices(tx, userId, [deviceId])
}

const none = () => notFound('You have no dehydrated device.')

/** Deletes the dehydrated device of a user, and answers its id. */
export const deleteDehydratedDevice = (deps: Deps, userId: UserId): Promise<DeviceId> =>
  changingKeys(deps, async (tx, changed) => {
    await lockUser(tx, userId)
    const found = await store.readDehydrated(tx, userId)
    if (found === undefined) throw none()
    await remove(tx, userId, found.deviceId)
    changed({ userId, seenBy: '' })
    return found.deviceId
  })

export async function findDehydratedDevice(
  deps: Deps,
  userId: UserId,
): Promise<{ device_id: DeviceId; device_data: JsonObject }> {
  const found = await store.readDehydrated(deps.sql, userId)
  if (found === undefined) throw none()
  return { device_id: found.deviceId, device_data: JSON.parse(found.deviceData) as JsonObject }
}

/** A page of what was sent to the dehydrated device, as JSON texts, and the token of what comes after it. It stays as long as the device does. */
export async function pageOfEvents(
  deps: Deps,
  userId: UserId,
  deviceId: string,
  from: string | undefined,
): Promise<{ events: string[]; next: string; hasMore: boolean }> {
  const after = from === undefined ? 0 : parseToken(from)
  const found = await store.readDehydrated(deps.sql, userId)
  if (found?.deviceId !== deviceId) {
    const devices = await store.readDevicesOf(deps.sql, [userId])
    if (devices.some((device) => device.deviceId === deviceId)) throw forbidden('This device is not dehydrated.')
    throw none()
  }
  const rows = await store.readLettersAfter(deps.sql, found, after, mostMessages + 1)
  const page = rows.slice(0, mostMessages)
  const next = `t${page.at(-1)?.position ?? after}`
  return { events: page.map(textOf), next, hasMore: rows.length > page.length }
}
