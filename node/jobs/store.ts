import type { Read, Tx, TxSql } from '#node/db/transaction.ts'
import type { NewJob } from './job-kind.ts'

/** One that waits with the same key keeps its payload; after a failure it also keeps its time, or an eager caller would undo the backoff. */
export const insertJobs = (tx: TxSql, jobs: readonly NewJob[]) => tx`
  insert into jobs as j (kind, lane, key, payload, run_at)
  select distinct on (n.kind, coalesce(n.key, n.place::text)) n.kind, n.lane, n.key, n.payload, n.run_at from unnest(
    ${jobs.map((j) => j.kind)}::text[], ${jobs.map((j) => j.lane)}::text[], ${jobs.map((j) => j.key)}::text[],
    ${jobs.map((j) => j.payload)}::text[], ${jobs.map((j) => j.runAt)}::bigint[]
  ) with ordinality as n (kind, lane, key, payload, run_at, place)
  order by n.kind, coalesce(n.key, n.place::text), n.place
  on conflict (kind, key) do update set
    asked = j.asked + 1, failed_at = null,
    run_at = case when j.attempts > 0 and j.failed_at is null then j.run_at else least(j.run_at, excluded.run_at) end`

export interface JobRow {
  readonly id: number
  readonly kind: string
  readonly lane: string
  readonly payload: string
  readonly attempts: number
  readonly asked: number
}

/** Leases the first jobs of their lanes that are due. A lane is skipped while its first job waits or is worked on. */
export const lease = (
  tx: Tx,
  { now, epoch, limit, kinds }: { now: number; epoch: number; limit: number; kinds: readonly LeaseTime[] },
) => tx<JobRow[]>`
  update jobs j set lease_epoch = ${epoch}, leased_until = ${now}::bigint + k.lease_ms
  from unnest(${kinds.map((k) => k.name)}::text[], ${kinds.map((k) => k.leaseMs)}::bigint[]) as k (name, lease_ms)
  where j.kind = k.name and j.id in (
    select d.id from jobs d
    where d.failed_at is null and d.run_at <= ${now}
      and (d.leased_until is null or d.leased_until <= ${now} or d.lease_epoch <> ${epoch})
      and not exists (select 1 from jobs e where e.lane = d.lane and e.id < d.id and e.failed_at is null)
      and d.kind = any(${kinds.map((k) => k.name)}::text[])
    order by d.run_at, d.id limit ${limit} for update skip locked)
  returning j.id, j.kind, j.lane, j.payload, j.attempts, j.asked`

export interface LeaseTime {
  readonly name: string
  readonly leaseMs: number
}

/** When the next job that nobody works on is due. */
export async function readNextDue(sql: Read, epoch: number): Promise<number | undefined> {
  const [row] = await sql<{ at: number | null }[]>`
    select min(run_at) as at from jobs j where failed_at is null
      and (leased_until is null or lease_epoch <> ${epoch})
      and not exists (select 1 from jobs e where e.lane = j.lane and e.id < j.id and e.failed_at is null)`
  return row?.at ?? undefined
}

/** Done. If it was asked for again meanwhile, it stays, and runs again; says whether it is gone. */
export async function finish(tx: Tx, { id, asked }: Pick<JobRow, 'id' | 'asked'>): Promise<boolean> {
  const gone = await tx`delete from jobs where id = ${id} and asked = ${asked}`
  if (gone.count > 0) return true
  await tx`update jobs set lease_epoch = null, leased_until = null, attempts = 0 where id = ${id}`
  return false
}

/** Done for now: it asks to be run again; sooner, if somebody asked for it meanwhile. */
export const repeat = (tx: Tx, { id, asked }: Pick<JobRow, 'id' | 'asked'>, againAt: number) => tx`
  update jobs set lease_epoch = null, leased_until = null, attempts = 0,
    run_at = case when asked = ${asked} then ${againAt}::bigint else least(run_at, ${againAt}::bigint) end
  where id = ${id}`

/** Failed. What stands behind it in its lane waits as long, so that it need not be looked at meanwhile. */
export async function postpone(tx: Tx, { id, lane }: JobRow, runAt: number, error: string): Promise<void> {
  await tx`update jobs set run_at = greatest(run_at, ${runAt}) where lane = ${lane} and failed_at is null`
  await tx`
    update jobs set lease_epoch = null, leased_until = null, attempts = attempts + 1, last_error = ${error} where id = ${id}`
}

/** Failed for good: the lane goes on without it. */
export const giveUp = (tx: Tx, { id }: JobRow, now: number, error: string) => tx`
  update jobs set lease_epoch = null, leased_until = null, attempts = attempts + 1, last_error = ${error}, failed_at = ${now}
  where id = ${id}`

export async function deleteByKey(tx: Tx, kind: string, key: string): Promise<boolean> {
  return (await tx`delete from jobs where kind = ${kind} and key = ${key}`).count > 0
}
