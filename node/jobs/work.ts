import type { Deps } from '#node/deps.ts'
import { transaction } from '#node/db/transaction.ts'
import { onNewJobs } from './enqueue.ts'
import type { JobKind, Outcome } from './job-kind.ts'
import * as store from './store.ts'

/** So many jobs run at once; what they wait for is mostly somebody outside. */
const mostAtOnce = 32
/** Even with nothing due the table is looked at so often: a clock that jumps must not put work off for ever. */
const longestWaitMs = 60_000
/** After the database did not answer. */
const retryMs = 1_000
/** The lease outlasts the attempt by the time that storing its outcome may take: nothing is begun twice. */
const graceMs = 60_000
const longestError = 500

/** Works on jobs until it is stopped. */
export interface Worker {
  /** Aborts what is running, which is then tried again by the next start, and resolves when it has ended. */
  stop(): Promise<void>
  /** Resolves when nothing runs and nothing is due. */
  idle(): Promise<void>
}

interface Running {
  readonly ended: Promise<void>
  readonly abort: () => void
}

/**
 * Starts working. A job is leased in one short transaction, run with none open, and deleted in another after it succeeded: a node that ends
 * in between runs it again.
 */
export function work(deps: Deps, kinds: readonly JobKind[]): Worker {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]))
  const running = new Set<Running>()
  let looking: Promise<void> | undefined
  let lookAgain = false
  let stopped = false
  let cancel: () => void = () => undefined

  const look = () => {
    lookAgain = true
    if (!stopped) looking ??= lookWhileAsked().finally(() => (looking = undefined))
  }
  const lookWhileAsked = async () => {
    while (lookAgain && !stopped) {
      lookAgain = false
      cancel()
      const waitMs = await takeDue().catch((error: unknown) => {
        deps.log.warn({ err: error }, 'jobs not read')
        return retryMs
      })
      if (waitMs > 0) cancel = deps.clock.after(waitMs, look)
      else lookAgain = true
    }
  }
  /** Begins what is due, and says how long to wait for the next. */
  const takeDue = async () => {
    const now = deps.clock.now()
    const { epoch } = deps.stream
    const limit = mostAtOnce - running.size
    if (limit <= 0) return longestWaitMs
    const leases = kinds.map(({ name, leaseMs }) => ({ name, leaseMs: leaseMs + graceMs }))
    const leased = await transaction(deps.sql, (tx) => store.lease(tx, { now, epoch, limit, kinds: leases }))
    for (const row of leased) begin(row)
    if (leased.length === limit) return longestWaitMs
    const next = await store.readNextDue(deps.sql, epoch)
    return next === undefined ? longestWaitMs : Math.min(longestWaitMs, Math.max(0, next - deps.clock.now()))
  }
  const begin = (row: store.JobRow) => {
    const stopping = new AbortController()
    const ended = attempt(deps, byName.get(row.kind)!, row, stopping.signal).finally(() => {
      running.delete(entry)
      look()
    })
    const entry: Running = { ended, abort: () => stopping.abort(new Error('The node stops.')) }
    running.add(entry)
  }

  const endListening = onNewJobs(deps, look)
  look()
  return {
    async stop() {
      stopped = true
      endListening()
      cancel()
      await looking
      for (const { abort } of running) abort()
      await Promise.all([...running].map((one) => one.ended))
    },
    async idle() {
      while (looking !== undefined || running.size > 0) {
        await looking
        await Promise.all([...running].map((one) => one.ended))
      }
    },
  }
}

/** Runs a job once and stores how that went; never throws. */
async function attempt(deps: Deps, kind: JobKind, row: store.JobRow, stopping: AbortSignal): Promise<void> {
  const startedAt = deps.clock.now()
  const log = (outcome: string, more: object = {}) => {
    const ms = deps.clock.now() - startedAt
    deps.log[outcome === 'done' ? 'debug' : 'warn'](
      { job: row.kind, outcome, attempt: row.attempts + 1, ms, ...more },
      'job',
    )
  }
  try {
    const outcome = await runOnce(deps, kind, row, stopping)
    await transaction(deps.sql, async (tx) => {
      if (outcome) await store.repeat(tx, row, outcome.againAt)
      else await store.finish(tx, row)
    })
    log('done')
  } catch (error) {
    if (stopping.aborted) return
    const waitMs = kind.backoff(row.attempts + 1)
    log(waitMs === undefined ? 'given up' : 'failed', { err: error })
    const now = deps.clock.now()
    const text = (error instanceof Error ? error.message : String(error)).slice(0, longestError)
    await transaction(deps.sql, async (tx) => {
      if (waitMs === undefined) await store.giveUp(tx, row, now, text)
      else await store.postpone(tx, row, now + waitMs, text)
    }).catch((cause: unknown) => deps.log.warn({ err: cause, job: row.kind }, 'outcome of a job not stored'))
  }
}

async function runOnce(deps: Deps, kind: JobKind, row: store.JobRow, stopping: AbortSignal): Promise<Outcome> {
  const overdue = new AbortController()
  const cancel = deps.clock.after(kind.leaseMs, () => overdue.abort(new Error('This took too long.')))
  const signal = AbortSignal.any([stopping, overdue.signal])
  try {
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    const run = kind.run(deps, JSON.parse(row.payload) as never, { number: row.attempts + 1, signal })
    return await Promise.race([run, aborted])
  } finally {
    cancel()
  }
}
