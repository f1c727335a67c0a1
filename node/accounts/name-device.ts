import { notFound } from '#spec/errors.ts'
import type { DeviceId, UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { tellDeviceChange } from './device-changes.ts'
import { updateDeviceName } from './store.ts'

/** Gives a device of a user a name. Throws M_NOT_FOUND. */
export async function nameDevice(deps: Deps, userId: UserId, deviceId: string, name: string): Promise<void> {
  const found = await transaction(deps.sql, async (tx) => {
    const isNamed = await updateDeviceName(tx, userId, deviceId, name)
    if (isNamed) await tellDeviceChange(deps, tx, { userId, deviceIds: [deviceId as DeviceId], what: 'renamed' })
    return isNamed
  })
  if (!found) throw notFound('You have no such device.')
}
