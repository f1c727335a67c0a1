import { notFound } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { updateDeviceName } from './store.ts'

/** Gives a device of a user a name. Throws M_NOT_FOUND. */
export async function nameDevice(deps: Deps, userId: UserId, deviceId: string, name: string): Promise<void> {
  const found = await transaction(deps.sql, (tx) => updateDeviceName(tx, userId, deviceId, name))
  if (!found) throw notFound('You have no such device.')
}
