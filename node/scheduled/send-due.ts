import { MatrixError } from '#spec/errors.ts'
import type { EventId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { AuthFailure } from '#spec/room/auth.ts'
import { accountIsActive } from '#node/accounts/store.ts'
import { transaction } from '#node/db/transaction.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { inTurn } from '#node/stream/in-turn.ts'
import { takeFromLimit } from '#node/http/limit.ts'
import { sendDelayed } from '#node/rooms/send-event.ts'
import * as store from './store.ts'

/** So many are begun at once; the rest follow at once. */
const mostAtOnce = 200
/** Even with nothing due the table is looked at so often: a clock that jumps must not put events off for ever. */
const longestWaitMs = 60_000
/** After the database did not answer. */
const retryMs = 1_000

/** What sends events when their time has come. */
export interface Sender {
  /** Looks what is due, and when the next one will be. */
  look(): void
  /** Resolves when what has been begun is done; nothing is begun after it was called. */
  stop(): Promise<void>
  /** Resolves when nothing is being sent and nothing is due. */
  idle(): Promise<void>
}

/**
 * Sends delayed events while the node runs; what came due while it did not, it sends when it starts. Events of one room are sent in the
 * order of their times. An event is sent under its delay id as the transaction, so one that was sent by a node that then ended is not sent twice.
 */
export const senderOf = perNode<Sender>((deps) => {
  let cancel: () => void = () => undefined
  let looking: Promise<void> | undefined
  let again = false
  let stopped = false
  const look = () => {
    again = true
    if (!stopped) looking ??= lookWhileAsked().finally(() => (looking = undefined))
  }
  const lookWhileAsked = async () => {
    while (again && !stopped) {
      again = false
      cancel()
      const waitMs = await sendDue(deps).catch((error: unknown) => {
        deps.log.warn({ err: error }, 'delayed events not sent')
        return retryMs
      })
      if (waitMs > 0) cancel = deps.clock.after(waitMs, look)
      else again = true
    }
  }
  return {
    look,
    async stop() {
      stopped = true
      cancel()
      await looking
    },
    async idle() {
      while (looking) await looking
    },
  }
})

/** Sends what is due, and says how long to wait for the next. */
async function sendDue(deps: Deps): Promise<number> {
  const due = await store.readDue(deps.sql, deps.clock.now(), mostAtOnce)
  const byRoom = Map.groupBy(due, (row) => row.roomId)
  await Promise.all(
    [...byRoom.values()].map((rows) =>
      sendInOrder(
        deps,
        rows.map((row) => row.delayId),
      ),
    ),
  )
  const next = await store.readNextDue(deps.sql)
  return next === undefined ? longestWaitMs : Math.min(longestWaitMs, Math.max(0, next - deps.clock.now()))
}

async function sendInOrder(deps: Deps, delayIds: readonly string[]): Promise<void> {
  for (const delayId of delayIds) await sendIfDue(deps, delayId)
}

const sendIfDue = (deps: Deps, delayId: string): Promise<void> =>
  inTurn(deps, `delayed event ${delayId}`, async () => {
    const event = await store.readDelayed(deps.sql, delayId)
    if (event === undefined || event.finalisedAt !== null || event.sendAt > deps.clock.now()) return
    try {
      takeFromLimit(deps, 'send', event.userId)
      await finalise(deps, delayId, { outcome: 'send', reason: 'delay', eventId: await send(deps, event) })
    } catch (error) {
      // What is not about the event is tried again.
      if (!(error instanceof MatrixError || error instanceof AuthFailure) || isPassing(error)) throw error
      await finalise(deps, delayId, { outcome: 'cancel', reason: 'error', error: errorText(error) })
    }
  })

const isPassing = (error: MatrixError | AuthFailure): boolean => error instanceof MatrixError && error.status >= 500

const errorText = (error: MatrixError | AuthFailure): string =>
  JSON.stringify(error instanceof MatrixError ? error.body() : { errcode: 'M_FORBIDDEN', error: error.message })

export const finalise = (deps: Deps, delayId: string, how: Omit<store.Finalised, 'at'>) =>
  transaction(deps.sql, (tx) => store.finalise(tx, delayId, { at: deps.clock.now(), ...how }))

/** Sends the event as if its owner did so now. */
export async function send(deps: Deps, event: store.DelayedEvent): Promise<EventId> {
  const { userId, deviceId, roomId, type, stateKey, delayId } = event
  if (!(await accountIsActive(deps.sql, userId)))
    throw new MatrixError('M_USER_DEACTIVATED', 'The account that this event is of is not there any more.')
  const content = JSON.parse(event.content) as JsonObject
  return sendDelayed(deps, { userId, deviceId }, { roomId, type, stateKey: stateKey ?? undefined, content, delayId })
}
