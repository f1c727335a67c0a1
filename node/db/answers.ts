import type { Clock } from '#node/deps.ts'
import type { Sql } from './connect.ts'

/** A database that takes longer than this for the least of questions is not there. */
const patienceMs = 2_000

export async function answers(sql: Sql, clock: Clock): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const cancel = clock.after(patienceMs, () => resolve(false))
  sql`select 1`.then(
    () => resolve(true),
    () => resolve(false),
  )
  return promise.finally(cancel)
}
