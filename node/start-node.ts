import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { StartError, type Config } from '#node/config.ts'
import { answers } from '#node/db/answers.ts'
import { migrate } from '#node/db/migrate.ts'
import { openDatabase, type Database } from '#node/db/open.ts'
import { transaction } from '#node/db/transaction.ts'
import { systemClock, systemCrypto, systemRandom, type Clock, type Deps, type Random } from '#node/deps.ts'
import { serve } from '#node/http/serve.ts'
import { webApp } from '#node/http/web-app.ts'
import { work } from '#node/jobs/work.ts'
import { outsideFetch } from '#node/outside/fetch.ts'
import { signingKey } from '#node/signing-key.ts'
import { slices } from '#node/slices.ts'
import { Stream } from '#node/stream/commit.ts'
import { beginEpoch } from '#node/stream/position.ts'

export interface RunningNode {
  readonly deps: Deps
  /** Where it listens: `http://127.0.0.1:8008`. */
  readonly address: string
  /** Finishes what is under way, closes everything, and stops the embedded Postgres. */
  stop(): Promise<void>
}

export interface StartOptions {
  readonly config: Config
  readonly log: Logger
  readonly clock?: Clock
  readonly random?: Random
  /** Another process has taken over the database: nothing more can be stored. */
  readonly onFenced?: () => void
}

/** Everything that has been opened, to be closed in reverse. */
type Opened = (() => Promise<void>)[]

/** How long requests under way may take to end when the node stops. */
const drainMs = 25_000
const sweepMs = 50

/** Starts a node: database, migrations, log, slices in order, HTTP. If a step fails, the steps before it are undone. */
export async function startNode(options: StartOptions): Promise<RunningNode> {
  const opened: Opened = []
  try {
    return await open(options, opened)
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

async function open({ config, log, ...options }: StartOptions, opened: Opened): Promise<RunningNode> {
  const random = options.random ?? systemRandom
  const clock = options.clock ?? systemClock
  const database = await openDatabase(config, log)
  opened.push(() => database.stop())
  await migrate(database.sql)
  const stream = await openStream(database, log, options.onFenced)
  opened.push(() => stream.idle())
  const keys = { signing: await signingKey(config, random), crypto: systemCrypto }
  const onEvents = slices.flatMap((slice) => slice.onEvents ?? [])
  const outside = outsideFetch(config, clock)
  opened.push(() => outside.close())
  const deps: Deps = { sql: database.sql, config, log, clock, random, keys, fetch: outside.fetch, onEvents, stream }

  const state = { serving: false }
  const isReady = async () => state.serving && (await answers(database.sql, clock))
  for (const slice of slices) {
    const stop = await slice.start?.(deps)
    if (stop) opened.push(stop)
  }
  const worker = work(
    deps,
    slices.flatMap((slice) => slice.jobs ?? []),
  )
  opened.push(() => worker.stop())
  const elsewhere = await webApp(fileURLToPath(new URL('../web-ui/dist', import.meta.url)))
  const server = serve(deps, { slices, identifyToken, elsewhere, isReady })
  await listen(server, config)
  opened.push(() => close(server, clock))
  opened.push(async () => slices.forEach((slice) => slice.drain?.(deps)))
  opened.push(async () => void (state.serving = false))
  state.serving = true
  const { port } = server.address() as AddressInfo
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return { deps, address: `http://${host}:${port}`, stop: () => closeAll(opened) }
}

async function openStream(database: Database, log: Logger, onFenced?: () => void): Promise<Stream> {
  const { epoch, head } = await transaction(database.sql, beginEpoch)
  return new Stream({ ...database, log, epoch, head, onFenced: () => onFenced?.() })
}

async function listen(server: Server, { host, port }: Config): Promise<void> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new StartError(
        `Port ${port} is taken by another program: stop it, or choose another port with HEARTH_PORT.`,
      )
    if (code === 'EACCES')
      throw new StartError(`This user may not listen on port ${port}: choose one above 1023 with HEARTH_PORT.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new StartError(`This machine has no address ${host}: choose one that it has with HEARTH_HOST.`)
    throw error
  }
}

/** Takes no new requests, and gives those under way their time. */
async function close(server: Server, clock: Clock): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // A connection whose request ends only now would be kept open for a next one.
  let cancelSweep: () => void
  const sweep = () => {
    server.closeIdleConnections()
    cancelSweep = clock.after(sweepMs, sweep)
  }
  sweep()
  const cancel = clock.after(drainMs, () => server.closeAllConnections())
  await closed
  cancelSweep!()
  cancel()
}

async function closeAll(opened: Opened): Promise<void> {
  const errors: unknown[] = []
  for (const stop of opened.toReversed()) await stop().catch((error: unknown) => errors.push(error))
  opened.length = 0
  if (errors.length > 0) throw errors[0]
}
