import type { deactivateAccount } from '#spec/api/client/account.ts'
import type { BodyOf } from '#spec/endpoint.ts'
import { MatrixError } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { Tx } from '#node/db/transaction.ts'
import { perNode, type Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { requireAuth } from '../interactive-auth.ts'
import { passwordStage } from '../password-stage.ts'
import { endingSessions } from '../revoked.ts'
import { deleteOtherDevices } from '../store.ts'
import { noteErased } from './erased.ts'
import { noteRestriction } from './account-status.ts'
import * as store from './store.ts'

/** An account that ends. */
export interface Deactivation {
  readonly userId: UserId
  /** Whatever is kept of the user, but for events, goes too. */
  readonly erase: boolean
}

/** Adds to the transaction that ends an account: what is the user's in other slices goes, and jobs begin. */
type OnDeactivation = (tx: Tx, ending: Deactivation) => Promise<void>

const listenersOf = perNode(() => new Set<OnDeactivation>())

/** Calls `listener` in every transaction that ends an account. The answer ends it. */
export function onDeactivation(deps: Deps, listener: OnDeactivation): () => void {
  const listeners = listenersOf(deps)
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Ends the caller's account, once the password was given again. An application service ends the accounts of its users without. */
export async function deactivateOwn(
  deps: Deps,
  who: Identity | undefined,
  body: BodyOf<typeof deactivateAccount>,
  address: string,
): Promise<void> {
  if (who === undefined) throw new MatrixError('M_MISSING_TOKEN', 'This needs a login: no access token was sent.')
  const { userId } = who
  if (who.appservice === undefined)
    await requireAuth(deps, { operation: 'deactivate', body, userId }, [[passwordStage(deps, userId, address)]])
  await deactivate(deps, { userId, erase: body.erase })
}

/**
 * Ends an account, for good: its name is never free again. All of it is one transaction; what takes longer, such as leaving rooms, are jobs
 * that begin with it.
 */
export async function deactivate(deps: Deps, ending: Deactivation): Promise<void> {
  const { userId, erase } = ending
  const erasedAtPosition = erase ? deps.stream.head : null
  await endingSessions(deps, userId, async (tx, ended) => {
    if (!(await store.markDeactivated(tx, userId, { now: deps.clock.now(), erasedAtPosition }))) return
    ended(await deleteOtherDevices(tx, userId, ''))
    await store.deleteBelongings(tx, userId)
    if (erase) await store.deleteAccountData(tx, userId)
    for (const listener of [...listenersOf(deps)]) await listener(tx, ending)
    tx.after(() => {
      noteRestriction(deps, userId, 'locked', false)
      noteRestriction(deps, userId, 'suspended', false)
      if (erasedAtPosition !== null) noteErased(deps, userId, erasedAtPosition)
    })
  })
}
