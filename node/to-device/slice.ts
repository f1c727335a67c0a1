import { onDeviceChange } from '#node/accounts/device-changes.ts'
import { onDeactivation } from '#node/accounts/moderation/deactivate.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import * as store from './store.ts'

const dayMs = 86_400_000
/** A client that has been away longer than this does not repeat its requests. */
const transactionsKeptMs = 2 * dayMs

/** Messages from device to device, which are nobody's history: kept until the device has them. */
export const toDevice: Slice = {
  name: 'to-device',
  routes,
  start: async (deps) => {
    const endFollowing = onDeviceChange(deps, async (tx, { userId, deviceIds, what }) => {
      if (what === 'ended') await store.deleteOfDevices(tx, userId, deviceIds)
    })
    const endDeactivation = onDeactivation(deps, (tx, { userId }) => store.deleteAllOf(tx, userId))
    const endCleaning = await keepCleaning(deps)
    return async () => {
      endFollowing()
      endDeactivation()
      endCleaning()
    }
  },
}

/** Forgets old transaction ids, now and every day. */
async function keepCleaning(deps: Deps): Promise<() => void> {
  const clean = () =>
    transaction(deps.sql, (tx) => store.deleteTransactionsBefore(tx, deps.clock.now() - transactionsKeptMs))
  await clean()
  let cancel: () => void = () => undefined
  const later = () => {
    cancel = deps.clock.after(dayMs, () => {
      clean().catch((error: unknown) => deps.log.warn({ err: error }, 'old to-device transaction ids not removed'))
      later()
    })
  }
  later()
  return () => cancel()
}
