import { Kept } from '#node/db/kept.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { readKeySupply, type DeviceOf, type KeySupply } from './store.ts'

const mostKept = 20_000

const suppliesOf = perNode(() => new Kept<KeySupply>(mostKept))
const keyOf = ({ userId, deviceId }: DeviceOf): string => `${userId} ${deviceId}`

/** How many keys of a device are left, kept in memory because every answer of /sync says so. */
export const keySupply = (deps: Deps, device: DeviceOf): Promise<KeySupply> =>
  suppliesOf(deps).getOrRead(keyOf(device), () => readKeySupply(deps.sql, device))

/** To be called after COMMIT of whatever gives, takes or deletes such keys, and when nobody knows whether it was committed. */
export function forgetSupply(deps: Deps, devices: readonly DeviceOf[]): void {
  for (const device of devices) suppliesOf(deps).forget(keyOf(device))
}
