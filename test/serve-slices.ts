import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthNeededBody } from '#spec/api/client/interactive-auth.ts'
import type { Endpoint, ResponseOf } from '#spec/endpoint.ts'
import { serverName } from '#spec/ids.ts'
import { readConfig } from '#node/config.ts'
import { createLogger, signWith, systemClock, systemCrypto, systemRandom, type Clock, type Deps } from '#node/deps.ts'
import { transaction } from '#node/db/transaction.ts'
import type { IdentifyToken } from '#node/http/identify.ts'
import { serve } from '#node/http/serve.ts'
import { work, type Worker } from '#node/jobs/work.ts'
import { outsideFetch } from '#node/outside/fetch.ts'
import type { Slice } from '#node/slice.ts'
import { Stream } from '#node/stream/commit.ts'
import { beginEpoch } from '#node/stream/position.ts'
import { testDatabase, type TestDatabase } from './postgres.ts'

/** The system's clock, which a test can put forward. A timer runs when its moment is passed by, and never otherwise. */
export interface MovableClock extends Clock {
  advance(ms: number): void
  /** How many wait for so long a time. */
  countTimers(moreThanMs: number, atMostMs: number): number
}

export function movableClock(): MovableClock {
  const timers = new Map<symbol, { at: number; ms: number; run: () => void }>()
  let ahead = 0
  const now = () => systemClock.now() + ahead
  return {
    now,
    after(ms, run) {
      const id = Symbol('timer')
      timers.set(id, { at: now() + ms, ms, run })
      return () => void timers.delete(id)
    },
    soon: systemClock.soon,
    countTimers: (moreThanMs, atMostMs) =>
      [...timers.values()].filter(({ ms }) => ms > moreThanMs && ms <= atMostMs).length,
    advance(ms) {
      ahead += ms
      const due = [...timers].filter(([, { at }]) => at <= now()).toSorted((a, b) => a[1].at - b[1].at)
      for (const [id, { run }] of due) if (timers.delete(id)) run()
    },
  }
}

/** An answer, whether the call went well or not. */
export interface Answer<E extends Endpoint = Endpoint> {
  readonly status: number
  readonly headers: Headers
  readonly body: Partial<ResponseOf<E>> & Partial<AuthNeededBody> & { soft_logout?: boolean; retry_after_ms?: number }
}

export interface CallInput {
  readonly token?: string | undefined
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** An object, or text that is sent as it is. */
  readonly body?: unknown
}

/** Some slices of a node, served over real HTTP on a database of their own. */
export interface ServedSlices {
  readonly deps: Deps
  readonly clock: MovableClock
  readonly database: TestDatabase
  /** Where it listens: `http://127.0.0.1:<port>`. */
  readonly address: string
  /** Does the later work of these slices. */
  readonly worker: Worker
  call<E extends Endpoint>(endpoint: E, input?: CallInput): Promise<Answer<E>>
  stop(): Promise<void>
}

interface Options {
  readonly identifyToken: IdentifyToken
  /** Settings, by their names in the environment. Rate limits are off unless they are named here. */
  readonly settings?: Readonly<Record<string, string>>
  /** Runs before the slices start. */
  readonly prepare?: (deps: Deps) => void
  /** A database that another one of these has left. */
  readonly database?: TestDatabase
}

export async function serveSlices(slices: readonly Slice[], options: Options): Promise<ServedSlices> {
  const database = options.database ?? (await testDatabase())
  const clock = movableClock()
  const { deps, outside } = await makeDeps(database, clock, slices, options.settings ?? {})
  options.prepare?.(deps)
  const stops: (() => Promise<void>)[] = []
  for (const slice of slices) {
    const stop = await slice.start?.(deps)
    if (stop) stops.push(stop)
  }
  const worker = work(
    deps,
    slices.flatMap((slice) => slice.jobs ?? []),
  )
  const server = serve(deps, {
    slices,
    identifyToken: options.identifyToken,
    elsewhere: () => undefined,
    isReady: () => Promise.resolve(true),
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    deps,
    clock,
    database,
    address: baseUrl,
    worker,
    call: (endpoint, input) => call(baseUrl, endpoint, input ?? {}),
    async stop() {
      for (const slice of slices) slice.drain?.(deps)
      await close(server)
      await worker.stop()
      for (const stop of stops.toReversed()) await stop()
      await deps.stream.idle()
      await outside.close()
      if (options.settings?.['HEARTH_DATA_DIR'] === undefined)
        await rm(deps.config.dataDir, { recursive: true, force: true })
    },
  }
}

/** Lets what is under way end, for a moment. */
async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const sweep = setInterval(() => server.closeIdleConnections(), 10)
  const enough = setTimeout(() => server.closeAllConnections(), 1_000)
  await closed
  clearInterval(sweep)
  clearTimeout(enough)
}

async function makeDeps(
  database: TestDatabase,
  clock: Clock,
  slices: readonly Slice[],
  settings: Record<string, string>,
): Promise<{ deps: Deps; outside: { close: () => Promise<void> } }> {
  const { sql } = database
  const config = readConfig({
    HEARTH_RATE_LIMITS: 'off',
    HEARTH_LOG_LEVEL: 'error',
    HEARTH_DATA_DIR: join(tmpdir(), `hearth-slices-${randomUUID()}`),
    ...settings,
  })
  const log = createLogger(config.logLevel)
  const { epoch, head } = await transaction(sql, beginEpoch)
  const { privateKey } = generateKeyPairSync('ed25519')
  const outside = outsideFetch(config, clock)
  const sign = (message: Uint8Array) => signWith(privateKey, message)
  const deps: Deps = {
    sql,
    config,
    log,
    clock,
    random: systemRandom,
    keys: {
      signing: { server: serverName.parse(config.serverName), keyId: 'ed25519:test', sign },
      crypto: systemCrypto,
    },
    fetch: outside.fetch,
    onEvents: slices.flatMap((slice) => slice.onEvents ?? []),
    stream: new Stream({ ...database, log, epoch, head }),
  }
  return { deps, outside }
}

async function call<E extends Endpoint>(baseUrl: string, endpoint: E, input: CallInput): Promise<Answer<E>> {
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(input.params?.[name] ?? ''))
  const query = input.query ? `?${new URLSearchParams(input.query)}` : ''
  const { body } = input
  const response = await fetch(baseUrl + path + query, {
    method: endpoint.method,
    headers: {
      'content-type': 'application/json',
      ...(input.token !== undefined && { authorization: `Bearer ${input.token}` }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const isJson = response.headers.get('content-type') === 'application/json'
  const answered: unknown = isJson ? await response.json() : (await response.arrayBuffer(), {})
  return { status: response.status, headers: response.headers, body: answered as Answer<E>['body'] }
}
