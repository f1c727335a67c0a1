import type { Logger } from 'pino'
import { connect, type Sql } from './connect.ts'
import { pause } from './pause.ts'

/** The database is this node's alone for as long as this lives. */
export interface Hold {
  release(): Promise<void>
}

/** Another node has the database. */
export class HeldElsewhere extends Error {
  override readonly name = 'HeldElsewhere'
}

/** How long the node that holds the database is given to be gone. */
const usualPatience = '5s'

/**
 * Takes the database (to be exact: the schema) for this node, by an advisory lock on a connection of its own, so that two nodes never
 * write to one database. Postgres frees the lock of a killed node within a moment; it is waited for. Throws `HeldElsewhere`.
 *
 * When Postgres restarts, the lock is taken again; if another node was faster, `onLost` is called, and this node must end.
 */
export async function holdDatabase(
  url: string,
  log: Logger,
  onLost: () => void,
  { patience = usualPatience }: { patience?: string } = {},
): Promise<Hold> {
  let released = false
  let held = false
  const retake = async () => {
    while (!released) {
      try {
        await takeLock(sql, patience, log)
        held = true
        return
      } catch (error) {
        if (error instanceof HeldElsewhere) return onLost()
        log.debug({ err: error }, 'waiting for the database')
        await pause(200)
      }
    }
  }
  const onclose = () => {
    if (!held || released) return
    held = false
    void retake()
  }
  const sql = connect(url, { max: 1, max_lifetime: null, onclose, onnotice: () => undefined })
  try {
    await takeLock(sql, patience, log)
    held = true
  } catch (error) {
    await sql.end({ timeout: 0 })
    throw error
  }
  return {
    release: async () => {
      released = true
      await sql.end({ timeout: 1 })
    },
  }
}

async function takeLock(sql: Sql, patience: string, log: Logger): Promise<void> {
  const [{ taken } = { taken: false }] = await sql<{ taken: boolean }[]>`
    select pg_try_advisory_lock(hashtext('hearth'), hashtext(current_schema())) as taken`
  if (taken) return
  log.info('waiting for the node that has this database to be gone')
  try {
    await sql`select set_config('lock_timeout', ${patience}, false)`
    await sql`select pg_advisory_lock(hashtext('hearth'), hashtext(current_schema()))`
  } catch (error) {
    const lockTimeout = '55P03'
    if (error instanceof Error && 'code' in error && error.code === lockTimeout) throw new HeldElsewhere()
    throw error
  }
}
