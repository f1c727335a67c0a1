import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { startNodeProcess } from '../node-process.ts'
import type { Ledger } from './ledger.ts'
import type { Blow } from './plan-blows.ts'
import { killPostgres } from './running-postgres.ts'

/** A node that is killed and started again, on one data folder and one port. */
export interface Victim {
  readonly baseUrl: string
  /** Of every start: until the node was ready. */
  readonly readyMs: readonly number[]
  /** After every kill of Postgres alone: until a message was stored that had been sent after it. */
  readonly backMs: readonly number[]
  /** What it did that it must not. */
  readonly faults: readonly string[]
  deal(blow: Blow, ledger: Ledger): Promise<void>
  /** Waits until messages are being stored, and kills the node without starting it again. */
  killForGood(ledger: Ledger): Promise<void>
  restart(): Promise<void>
  /** As by SIGTERM. */
  stop(): Promise<void>
  /** Leaves no process behind, whatever has happened. */
  end(): Promise<void>
}

/** The node has this long to store messages again, whatever has been done to it. */
const patienceMs = 30_000

/** Starts a node on an empty data folder. The signal ends the wait for the moment of a blow. */
export async function startVictim(dataDir: string, signal: AbortSignal): Promise<Victim> {
  const port = await quietPort()
  const readyMs: number[] = []
  const backMs: number[] = []
  const faults: string[] = []
  const start = async () => {
    const settings = { HEARTH_REGISTRATION: 'open', HEARTH_RATE_LIMITS: 'off' }
    const started = await startNodeProcess({ dataDir, port, settings })
    readyMs.push(started.readyMs)
    const { status } = await fetch(`${started.baseUrl}/health/ready`)
    if (status !== 200) faults.push(`a node that had said that it was ready answered ${status} to /health/ready`)
    return started
  }
  let node = await start()
  const restart = async () => {
    node = await start()
  }

  /** Waits for what a living node soon brings about. If it does not, that is a fault, and the node is started again. */
  const expectSoon = async (what: Promise<unknown>, name: string): Promise<boolean> => {
    const patience = new AbortController()
    const late = pause(patienceMs, 'late', { signal: patience.signal }).catch(() => 'waited for')
    const end = node.ended.then((code) => `ended by itself (${code})`)
    const outcome = await Promise.race([what.then(() => 'done'), late, end]).finally(() => patience.abort())
    if (outcome === 'done') return true
    const why = outcome === 'late' ? `took more than ${patienceMs / 1000} s` : outcome
    faults.push(`the node ${why} before this: ${name}\n${node.output()}`)
    await node.kill()
    await restart()
    return false
  }

  const strikePostgres = async (ledger: Ledger) => {
    const struckAt = performance.now()
    if (!killPostgres(dataDir)) faults.push('a node was ready, and no Postgres was running')
    if (await expectSoon(ledger.stored(1, struckAt), 'a message stored after Postgres was killed'))
      backMs.push(performance.now() - struckAt)
  }

  return {
    baseUrl: node.baseUrl,
    readyMs,
    backMs,
    faults,
    async deal({ target, afterMs, afterMessages }, ledger) {
      const moment = Promise.all([
        pause(afterMs, undefined, { signal }),
        ledger.stored(afterMessages, performance.now()),
      ])
      if (!(await expectSoon(moment, 'messages stored'))) return
      if (target === 'postgres') return strikePostgres(ledger)
      if (target === 'both') killPostgres(dataDir)
      await node.kill()
      await restart()
    },
    async killForGood(ledger) {
      await expectSoon(ledger.stored(50, performance.now()), 'messages stored')
      await node.kill()
    },
    restart,
    stop: () => node.stop(),
    async end() {
      await node.kill()
      killPostgres(dataDir)
    },
  }
}

/**
 * A port that nobody listens on. Not one of those that the system gives out: while the node is down, a connection to such a port may be
 * given that very port as its own, and so be connected to itself.
 */
async function quietPort(): Promise<number> {
  for (;;) {
    const probe = createServer()
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
}
