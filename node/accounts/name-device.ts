import { invalidParam, notFound } from '#spec/errors.ts'
import { deviceId as deviceIdForm, type DeviceId, type UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { tellDeviceChange } from './device-changes.ts'
import { deviceExists, insertDevice, updateDeviceName } from './store.ts'

/** Gives a device of a user a name. Throws M_NOT_FOUND. */
export async function nameDevice(deps: Deps, userId: UserId, deviceId: string, name: string): Promise<void> {
  const found = await transaction(deps.sql, async (tx) => {
    const isNamed = await updateDeviceName(tx, userId, deviceId, name)
    if (isNamed) await tellDeviceChange(deps, tx, { userId, deviceIds: [deviceId as DeviceId], what: 'renamed' })
    return isNamed
  })
  if (!found) throw notFound('You have no such device.')
}

/** Makes a device without a token, as an application service does for its users. False where there is one of that name already. */
export async function makeDevice(
  deps: Deps,
  userId: UserId,
  name: string,
  displayName: string | undefined,
): Promise<boolean> {
  const parsed = deviceIdForm.safeParse(name)
  if (!parsed.success) throw invalidParam('This cannot be the name of a device.')
  const deviceId = parsed.data
  return transaction(deps.sql, async (tx) => {
    if (await deviceExists(tx, userId, deviceId)) return false
    await insertDevice(tx, { userId, deviceId, displayName, createdAt: deps.clock.now() })
    return true
  })
}
