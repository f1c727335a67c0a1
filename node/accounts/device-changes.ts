import type { DeviceId, UserId } from '#spec/ids.ts'
import type { Tx } from '#node/db/transaction.ts'
import { perNode, type Deps } from '#node/deps.ts'

/** What a transaction does to devices of one user. */
export interface DeviceChange {
  readonly userId: UserId
  readonly deviceIds: readonly DeviceId[]
  readonly what: 'ended' | 'renamed'
}

/** Adds to the transaction. A device that has ended is deleted already. */
type Hook = (tx: Tx, change: DeviceChange) => Promise<void>

const hooksOf = perNode(() => new Set<Hook>())

/** Calls `hook` inside every transaction that ends or renames devices: what belongs to a device goes with it or not at all. The answer ends it. */
export function onDeviceChange(deps: Deps, hook: Hook): () => void {
  const hooks = hooksOf(deps)
  hooks.add(hook)
  return () => hooks.delete(hook)
}

export async function tellDeviceChange(deps: Deps, tx: Tx, change: DeviceChange): Promise<void> {
  if (change.deviceIds.length === 0) return
  for (const hook of hooksOf(deps)) await hook(tx, change)
}
