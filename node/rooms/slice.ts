import { onProfileChange } from '#node/accounts/profile.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Slice } from '#node/slice.ts'
import { routes } from './http.ts'
import { endListening } from './listen-to-room.ts'
import { leaveAllRooms, leaveOnDeactivation } from './leave-all.ts'
import { showProfileInRooms } from './memberships.ts'
import * as store from './store.ts'

const dayMs = 86_400_000
/** A client that has been away longer than this does not repeat its requests. */
const transactionsKeptMs = 2 * dayMs

/** Rooms: what was said in them, who is in them, and the one way in which an event is written. */
export const rooms: Slice = {
  name: 'rooms',
  routes,
  drain: endListening,
  jobs: [leaveAllRooms],
  start: async (deps) => {
    const endProfiles = onProfileChange(deps, (userId) => showProfileInRooms(deps, userId))
    const endLeaving = leaveOnDeactivation(deps)
    const endCleaning = await keepCleaning(deps)
    return async () => {
      endProfiles()
      endLeaving()
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
      clean().catch((error: unknown) => deps.log.warn({ err: error }, 'old transaction ids not removed'))
      later()
    })
  }
  later()
  return () => cancel()
}
