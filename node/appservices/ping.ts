import { forbidden, MatrixError } from '#spec/errors.ts'
import { callAppservice } from '#node/accounts/appservices/call-appservice.ts'
import { appservicesOf } from '#node/accounts/appservices/appservices.ts'
import type { Appservice } from '#node/accounts/appservices/registration.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { enqueue, withdraw } from '#node/jobs/enqueue.ts'
import { OutsideError, type OutsideAnswer } from '#node/outside/outside-call.ts'
import { tellJob } from './tell-job.ts'

const deadlineMs = 10_000
/** So much of an answer that is not the one hoped for is shown. */
const shownBytes = 4_096

/** Calls an application service that asked for it. One that answers is told at once what it has missed. */
export async function ping(
  deps: Deps,
  caller: Identity,
  id: string,
  { transaction_id }: { transaction_id?: string | undefined },
): Promise<{ duration_ms: number }> {
  const one = appservicesOf(deps).find((service) => service.id === caller.appservice?.id)
  if (one === undefined || one.id !== id) throw forbidden('Only the application service itself may ask for this.')
  if (one.url === undefined) throw new MatrixError('M_URL_NOT_SET', 'The application service has no address.')
  const startedAt = deps.clock.now()
  const { status, body } = await call(deps, one, JSON.stringify({ transaction_id }))
  if (status !== 200)
    throw new MatrixError('M_BAD_STATUS', `The application service answered ${status}.`, {
      extra: { status, body: body.toString('utf8') },
    })
  await transaction(deps.sql, async (tx) => {
    await withdraw(tx, tellJob, id)
    await enqueue(deps, tx, tellJob, { id }, { key: id, lane: id })
  })
  return { duration_ms: Math.max(0, Math.round(deps.clock.now() - startedAt)) }
}

async function call(deps: Deps, one: Appservice, body: string): Promise<OutsideAnswer> {
  try {
    return await callAppservice(deps, one, { method: 'POST', path: 'ping', body, deadlineMs, maxBytes: shownBytes })
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    throw error.reason === 'too-slow'
      ? new MatrixError('M_CONNECTION_TIMEOUT', 'The application service did not answer in time.', { cause: error })
      : new MatrixError('M_CONNECTION_FAILED', 'The application service cannot be reached.', { cause: error })
  }
}
