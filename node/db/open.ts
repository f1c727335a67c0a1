import postgres from 'postgres'
import type { Logger } from 'pino'
import { type Config, StartError } from '../config.ts'
import { connect, type Sql } from './connect.ts'
import { type Embedded, startEmbedded } from './embedded.ts'
import { HeldElsewhere, type Hold, holdDatabase } from './hold.ts'
import { pause } from './pause.ts'
import { Pipeline } from './pipeline.ts'

/** The node's database, checked and held for this node alone. */
export interface Database {
  readonly sql: Sql
  /** For the log, which writes all the time. */
  readonly pipeline: Pipeline
  /** What `sql` is connected to, password included. */
  readonly url: string
  stop(): Promise<void>
}

/** Enough for reads, and for the few writes beside the log. */
const poolSize = 10

/**
 * Opens the Postgres of `DATABASE_URL`, or else the embedded one, and refuses one that could lose an acknowledged message.
 * Should another node take the database while this one lives (it can, only while Postgres restarts), `onLost` is called: by default the process ends.
 */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  log: Logger,
  options: { onLost?: () => void; patience?: string } = {},
): Promise<Database> {
  const embedded = config.databaseUrl === undefined ? await startEmbedded({ dataDir: config.dataDir, log }) : undefined
  const url = embedded?.url ?? config.databaseUrl ?? ''
  const onnotice = (notice: postgres.Notice) => log.debug({ notice: notice.message }, 'postgres')
  const sql = connect(url, { max: poolSize, onnotice })
  const pipeline = new Pipeline(url, { onnotice })
  const close = async (hold?: Hold) => {
    await pipeline.end()
    await sql.end({ timeout: 5 })
    await hold?.release()
    await embedded?.stop()
  }
  try {
    await firstAnswer(sql, url)
    await checkServer(sql, log, embedded)
    const hold = await holdDatabase(url, log, options.onLost ?? (() => endAtOnce(log)), options)
    return { sql, pipeline, url, stop: () => close(hold) }
  } catch (error) {
    await close()
    throw error instanceof HeldElsewhere ? inUse(config) : error
  }
}

function inUse(config: Pick<Config, 'databaseUrl' | 'dataDir'>): StartError {
  const [what, setting] =
    config.databaseUrl === undefined ? [config.dataDir, 'HEARTH_DATA_DIR'] : ['the database', 'DATABASE_URL']
  return new StartError(`Another Hearth uses ${what}: stop it first, or give this one its own with ${setting}.`)
}

function endAtOnce(log: Logger): void {
  log.fatal('another node took the database')
  process.exit(1)
}

/** Waits for a Postgres that is only just starting; says what is wrong with any other that does not let us in. */
async function firstAnswer(sql: Sql, url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await sql`select 1`
      return
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      const stillStarting = '57P03'
      if (code !== stillStarting || attempt === 40) throw explain(error, code, new URL(url))
      await pause(250)
    }
  }
}

function explain(error: unknown, code: string, url: URL): unknown {
  const name = decodeURIComponent(url.pathname.slice(1))
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENOENT':
    case 'EHOSTUNREACH':
    case 'ETIMEDOUT':
    case 'CONNECT_TIMEOUT':
    case 'ECONNRESET':
    case '57P03':
      return new StartError(
        `No Postgres answers at ${url.host} (${code}): check DATABASE_URL and that Postgres runs there.`,
      )
    case '28P01':
    case '28000':
      return new StartError(
        `Postgres at ${url.host} refuses the user "${url.username}": correct the user or password in DATABASE_URL.`,
      )
    case '3D000':
      return new StartError(
        `There is no database "${name}" on ${url.host}: create it (createdb ${name}), or correct DATABASE_URL.`,
      )
    default:
      if (error instanceof postgres.PostgresError) {
        return new StartError(
          `Postgres at ${url.host} does not let Hearth in (${error.message}): correct DATABASE_URL.`,
        )
      }
      return error
  }
}

interface ServerFacts {
  readonly version: number
  readonly fsync: string
  readonly synchronous_commit: string
  readonly full_page_writes: string
  readonly data_checksums: string
  readonly server_encoding: string
}

async function checkServer(sql: Sql, log: Logger, embedded: Embedded | undefined): Promise<void> {
  const [facts] = await sql<ServerFacts[]>`
    select current_setting('server_version_num')::int as version,
           current_setting('fsync') as fsync,
           current_setting('synchronous_commit') as synchronous_commit,
           current_setting('full_page_writes') as full_page_writes,
           current_setting('data_checksums') as data_checksums,
           current_setting('server_encoding') as server_encoding`
  if (!facts) throw new StartError('Postgres does not tell its settings: check DATABASE_URL.')
  const refusal = whyNot(facts)
  if (refusal !== undefined) throw new StartError(refusal)
  if (facts.data_checksums === 'on') return
  if (embedded)
    throw new StartError(
      'The data checksums of the embedded Postgres are off: turn them on with pg_checksums --enable.',
    )
  log.warn('this Postgres keeps no data checksums, so a failing disk would go unnoticed (pg_checksums --enable)')
}

/** Why a server may not be used, as one sentence; nothing if it may. */
export function whyNot(facts: ServerFacts): string | undefined {
  const major = Math.floor(facts.version / 10_000)
  if (major < 16)
    return `Hearth needs Postgres 16 or newer, and this is Postgres ${major}: upgrade it, or leave DATABASE_URL out to use the embedded one.`
  const unsafe = (['fsync', 'full_page_writes'] as const).find((name) => facts[name] !== 'on')
  if (unsafe) return `This Postgres runs with ${unsafe} off and could lose messages: set ${unsafe} = on.`
  if (!['on', 'remote_apply'].includes(facts.synchronous_commit)) {
    return `This Postgres runs with synchronous_commit = ${facts.synchronous_commit} and could lose messages: set synchronous_commit = on.`
  }
  if (facts.server_encoding !== 'UTF8')
    return `This database is encoded as ${facts.server_encoding}: create one with encoding UTF8.`
  return undefined
}
