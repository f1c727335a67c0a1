import type { UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import type { AdminCall } from '#node/slice.ts'
import { jobKind } from '#node/jobs/job-kind.ts'
import { deleteCallsBefore, insertCall } from './store.ts'

const dayMs = 86_400_000
/** Long enough to be asked about, in a year's time, what was done. */
export const auditKeptMs = 400 * dayMs

/** What an administrator does, as it is written down: nothing of what was sent. */
export interface AuditEntry {
  /** Null: whoever knows the shared secret. */
  readonly caller: UserId | null
  readonly method: string
  /** As the endpoint declares it. */
  readonly path: string
  /** Whom or what it is about: the parameters of the path. */
  readonly target: string
}

/** Written down before it is done: nothing happens that is not known. */
export const writeAudit = (deps: Deps, entry: AuditEntry): Promise<void> =>
  transaction(deps.sql, async (tx) => {
    await insertCall(tx, { ...entry, calledAt: deps.clock.now() })
  })

export const auditCall = (deps: Deps, { userId, endpoint: { method, path }, params }: AdminCall): Promise<void> =>
  writeAudit(deps, { caller: userId, method, path, target: Object.values(params).join(' ') })

/** Forgets what is long past, every day. */
export const forgetCalls = jobKind('admin.forget-calls', async (deps) => {
  const now = deps.clock.now()
  await transaction(deps.sql, (tx) => deleteCallsBefore(tx, now - auditKeptMs))
  return { againAt: now + dayMs }
})
