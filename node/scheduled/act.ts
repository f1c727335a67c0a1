import { MatrixError, notFound } from '#spec/errors.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { inTurn } from '#node/stream/in-turn.ts'
import { takeFromLimit } from '#node/http/limit.ts'
import { finalise, send, senderOf } from './send-due.ts'
import * as store from './store.ts'

type Action = 'send' | 'cancel' | 'restart'

/**
 * Does something to a delayed event, whoever asks: the id is the permission. What has come to the same end already is left at that; throws
 * M_NOT_FOUND, and 409 for what has come to another end.
 */
export const act = (deps: Deps, delayId: string, action: Action): Promise<void> =>
  inTurn(deps, `delayed event ${delayId}`, async () => {
    const event = await store.readDelayed(deps.sql, delayId)
    if (event === undefined) throw notFound('There is no such delayed event.')
    if (event.finalisedAt !== null) return checkEnd(event, action)
    if (action === 'cancel') await finalise(deps, delayId, { outcome: 'cancel', reason: 'action' })
    else if (action === 'restart') await transaction(deps.sql, (tx) => store.restart(tx, delayId, deps.clock.now()))
    else await sendNow(deps, event)
    senderOf(deps).look()
  })

function checkEnd({ outcome }: store.DelayedEvent, action: Action): void {
  if (outcome === action) return
  const what = outcome === 'send' ? 'sent' : 'cancelled'
  throw new MatrixError('M_UNKNOWN', `The delayed event has been ${what} already.`, { status: 409 })
}

/** If it cannot be sent it stays scheduled: it may be possible when its time has come. */
async function sendNow(deps: Deps, event: store.DelayedEvent): Promise<void> {
  takeFromLimit(deps, 'send', event.userId)
  await finalise(deps, event.delayId, { outcome: 'send', reason: 'action', eventId: await send(deps, event) })
}
