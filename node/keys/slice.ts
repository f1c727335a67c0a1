import { onDeactivation } from '#node/accounts/moderation/deactivate.ts'
import { onDeviceChange, type DeviceChange } from '#node/accounts/device-changes.ts'
import type { Tx } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Slice } from '#node/slice.ts'
import { announceRest, noteChange } from './announce.ts'
import { watchDeviceLists } from './device-lists.ts'
import { routes } from './http.ts'
import { deleteAllKeys, deleteDeviceKeys, deleteWhatDependsOnDevice, haveDeviceKeys } from './store.ts'
import { forgetSupply } from './supply.ts'

/** The public keys of people and their devices, and who has to hear that they changed. */
export const keys: Slice = {
  name: 'keys',
  routes,
  start: async (deps) => {
    watchDeviceLists(deps)
    await announceRest(deps)
    const end = onDeviceChange(deps, (tx, change) => follow(deps, tx, change))
    const endDeactivation = onDeactivation(deps, async (tx, { userId }) => {
      await deleteAllKeys(tx, userId)
      await noteChange(deps, tx, userId)
    })
    return async () => {
      end()
      endDeactivation()
    }
  },
}

/** A device takes its keys with it; and whoever follows the devices of its owner hears that it has gone, or is called otherwise. */
async function follow(deps: Deps, tx: Tx, { userId, deviceIds, what }: DeviceChange): Promise<void> {
  const areFollowed = await haveDeviceKeys(tx, userId, deviceIds)
  if (what === 'ended') {
    await deleteWhatDependsOnDevice(tx, userId, deviceIds)
    await deleteDeviceKeys(tx, userId, deviceIds)
    const devices = deviceIds.map((deviceId) => ({ userId, deviceId }))
    tx.after(() => forgetSupply(deps, devices))
  }
  if (areFollowed) await noteChange(deps, tx, userId)
}
