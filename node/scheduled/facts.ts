import type { UserId } from '#spec/ids.ts'
import type { FactKind } from '#node/stream/commit.ts'
import { cancelReplaced, type StatePlace } from './store.ts'

/** A piece of state was set by somebody: what others have scheduled for it is not sent any more. */
export interface Replacement extends StatePlace {
  readonly sender: UserId
  readonly at: number
}

const error = JSON.stringify({
  errcode: 'M_UNKNOWN',
  'org.matrix.msc4140.errcode': 'M_CANCELLED_BY_STATE_UPDATE',
  error: 'Somebody else has set this state meanwhile.',
})

export const replacementKind: FactKind<Replacement> = {
  name: 'delayed events replaced',
  positioned: false,
  write: (tx, facts) => [
    cancelReplaced(
      tx,
      facts.map(({ row }) => row),
      error,
    ),
  ],
}
