import type { DeviceId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { endingSessions } from './revoked.ts'
import * as store from './store.ts'

/** Logs devices of a user out and deletes them; those that are gone already are passed over. */
export async function endDevices(deps: Deps, userId: UserId, deviceIds: readonly string[]): Promise<void> {
  await endingSessions(deps, userId, async (tx, ended) => ended(await store.deleteDevices(tx, userId, deviceIds)))
}

/** Logs out every device of a user, but for one that may be kept. */
export async function endOtherDevices(deps: Deps, userId: UserId, kept?: DeviceId): Promise<void> {
  await endingSessions(deps, userId, async (tx, ended) => ended(await store.deleteOtherDevices(tx, userId, kept ?? '')))
}
