import type { JsonObject } from '#spec/json.ts'
import type { Deps } from '#node/deps.ts'
import { patient, type Backoff } from './backoff.ts'

/** One attempt at a job. */
export interface Attempt {
  /** From 1. */
  readonly number: number
  /** Aborts when the lease ends or the node stops: whoever waits for somebody outside hands it on. */
  readonly signal: AbortSignal
}

/** Work is done, unless it asks to be run again at a time of its own choice: milliseconds since the Unix epoch. */
export type Outcome = void | { readonly againAt: number }

/**
 * One kind of later work. `run` may be called twice for one job (the node can end between the work and the deletion of the job), so what it
 * does must bear that. It throws to be tried again.
 */
export interface JobKind<Payload = never> {
  readonly name: string
  readonly run: (deps: Deps, payload: Payload, attempt: Attempt) => Promise<Outcome>
  readonly backoff: Backoff
  /** An attempt that takes longer is aborted, and counts as failed. */
  readonly leaseMs: number
}

/** Declares a kind of work; it belongs into the slice's `jobs`, and into `jobs.ts` if it has more than one. */
export const jobKind = <Payload extends object = JsonObject>(
  name: string,
  run: JobKind<Payload>['run'],
  { backoff = patient, leaseMs = 60_000 }: { backoff?: Backoff; leaseMs?: number } = {},
): JobKind<Payload> => ({ name, run, backoff, leaseMs })

/** A job to be done, as it is written into the transaction that causes it. */
export interface NewJob {
  readonly kind: string
  readonly lane: string
  readonly key: string | null
  readonly payload: string
  readonly runAt: number
}

export interface JobOptions {
  /** Jobs of one lane run one at a time, in order; the first holds the others up until it is done or given up. Without it, a lane of the job's own key or kind. */
  readonly lane?: string
  /** A job with this key that waits already stands for this one: it keeps its payload, and its time if that is earlier. */
  readonly key?: string
  /** Milliseconds since the Unix epoch; at once, if absent. */
  readonly runAt?: number
}

export function newJob<Payload>(
  kind: JobKind<Payload>,
  payload: Payload,
  { lane, key, runAt }: JobOptions = {},
): NewJob {
  return {
    kind: kind.name,
    lane: `${kind.name} ${lane ?? key ?? ''}`,
    key: key ?? null,
    payload: JSON.stringify(payload),
    runAt: runAt ?? 0,
  }
}
