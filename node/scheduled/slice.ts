import { onDeactivation } from '#node/accounts/moderation/deactivate.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { takeDelays } from '#node/rooms/delays.ts'
import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import { onEvents } from './on-events.ts'
import { schedule } from './schedule.ts'
import { noteScheduledState } from './scheduled-state.ts'
import { senderOf } from './send-due.ts'
import * as store from './store.ts'

const dayMs = 86_400_000
/** What was sent or cancelled can be looked up for so long, and so much of it for each user. */
const finalisedKeptMs = 7 * dayMs
const mostFinalised = 1_000

/** Events that are sent later. */
export const scheduled: Slice = {
  name: 'scheduled',
  routes,
  onEvents,
  async start(deps) {
    takeDelays(deps, (sender, asked) => schedule(deps, sender, asked))
    for (const place of await store.readScheduledState(deps.sql)) noteScheduledState(deps, place)
    const sender = senderOf(deps)
    sender.look()
    const endDeactivation = onDeactivation(
      deps,
      async (tx, { userId }) => void (await store.deleteDelayedOf(tx, userId)),
    )
    const endCleaning = keepCleaning(deps)
    return async () => {
      endCleaning()
      endDeactivation()
      await sender.stop()
    }
  },
}

/** Every day, and soon after each start. */
function keepCleaning(deps: Deps): () => void {
  let cancel: () => void = () => undefined
  const clean = () => {
    const before = deps.clock.now() - finalisedKeptMs
    transaction(deps.sql, (tx) => store.deleteFinalised(tx, before, mostFinalised)).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'old delayed events not removed'),
    )
    cancel = deps.clock.after(dayMs, clean)
  }
  cancel = deps.clock.after(60_000, clean)
  return () => cancel()
}
