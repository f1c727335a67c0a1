import { perNode, type Deps } from '#node/deps.ts'
import { transaction, type Tx } from '#node/db/transaction.ts'
import { write, type FactKind, type Write } from '#node/stream/commit.ts'
import { newJob, type JobKind, type JobOptions, type NewJob } from './job-kind.ts'
import * as store from './store.ts'

/** Jobs that go into the log's transaction, beside the facts that cause them. */
export const jobFact: FactKind<NewJob> = {
  name: 'job',
  positioned: false,
  write: (tx, facts) => [
    store.insertJobs(
      tx,
      facts.map((fact) => fact.row),
    ),
  ],
}

/** A job as a row of the log: `deps.stream.append([...facts, jobWrite(kind, payload, …)])`, or from a slice's `onEvents`. */
export const jobWrite = <Payload>(kind: JobKind<Payload>, payload: Payload, options?: JobOptions): Write =>
  write(jobFact, newJob(kind, payload, options))

/** Called when there may be something to do; the worker listens. */
const bellOf = perNode(() => new Set<() => void>())

export function onNewJobs(deps: Deps, ring: () => void): () => void {
  const bell = bellOf(deps)
  bell.add(ring)
  const endLog = deps.stream.onCommit(({ facts }) => {
    if (facts.some(({ kind }) => (kind as unknown) === jobFact)) ring()
  })
  return () => {
    bell.delete(ring)
    endLog()
  }
}

/** Writes a job into a transaction that causes it, outside the log; it begins after COMMIT. */
export async function enqueue<Payload>(
  deps: Deps,
  tx: Tx,
  kind: JobKind<Payload>,
  payload: Payload,
  options?: JobOptions,
): Promise<void> {
  await store.insertJobs(tx, [newJob(kind, payload, options)])
  tx.after(() => {
    for (const ring of bellOf(deps)) ring()
  })
}

/** The same where nothing else is to be stored. */
export const enqueueAlone = <Payload>(
  deps: Deps,
  kind: JobKind<Payload>,
  payload: Payload,
  options?: JobOptions,
): Promise<void> => transaction(deps.sql, (tx) => enqueue(deps, tx, kind, payload, options))

/** Takes a job back by its key, if it has not begun; says whether there was one. One that is running ends, and is not run again. */
export const withdraw = (tx: Tx, kind: JobKind, key: string): Promise<boolean> => store.deleteByKey(tx, kind.name, key)
