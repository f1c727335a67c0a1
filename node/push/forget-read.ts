import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { deleteReadExceptions } from './store.ts'

const dayMs = 86_400_000
/** What was read longer ago than this is in nobody's list any more. */
const keptMs = 30 * dayMs

/** Forgets what stood out to people long ago and has been read. */
export const forgetRead = async (deps: Deps): Promise<void> =>
  void (await transaction(deps.sql, (tx) => deleteReadExceptions(tx, deps.clock.now() - keptMs)))

/** Does so every day; the answer ends it. */
export function keepForgetting(deps: Deps): () => void {
  let cancel: () => void
  const later = () => {
    cancel = deps.clock.after(dayMs, () => {
      forgetRead(deps).catch((error: unknown) => deps.log.warn({ err: error }, 'old notifications not removed'))
      later()
    })
  }
  later()
  return () => cancel()
}
