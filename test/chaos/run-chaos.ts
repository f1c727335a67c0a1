import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkEverything } from './check-everything.ts'
import type { Verdict } from './check-messages.ts'
import { diceFrom, type Dice } from './dice.ts'
import { foundRooms } from './found-rooms.ts'
import { Ledger } from './ledger.ts'
import type { Load } from './persist.ts'
import type { Blow } from './plan-blows.ts'
import { connectTo } from './running-postgres.ts'
import { settle, type Town } from './settle.ts'
import { talk } from './talk.ts'
import { startVictim, type Victim } from './victim.ts'
import { wander } from './wander.ts'
import { mendPostgres, weakenPostgres } from './weaken-postgres.ts'

export interface ChaosPlan {
  readonly seed: number
  readonly blows: readonly Blow[]
  /** Plants the fault that the check must find: a Postgres that acknowledges before it has written. */
  readonly weakened?: boolean
  /** Hears how far it is, now and then. */
  readonly onBlow?: (dealt: number) => void
  readonly signal?: AbortSignal
}

/** What came of it. */
export interface ChaosResult {
  readonly ledger: Ledger
  readonly verdict: Verdict
  readonly readyMs: readonly number[]
  readonly backMs: readonly number[]
  /** Refusals, deaths and silences; empty for a node that behaves. */
  readonly faults: readonly string[]
}

const talkersAtOnce = 32

/**
 * Puts a node under load, kills it and its Postgres again and again, and checks at the end that it has kept what it acknowledged.
 * Everything lies in a temporary folder, and all processes are its own; nothing is left of either.
 */
export async function runChaos(plan: ChaosPlan): Promise<ChaosResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hearth-chaos-'))
  const signal = plan.signal ?? new AbortController().signal
  let victim: Victim | undefined
  try {
    victim = await startVictim(dataDir, signal)
    return await runOn(victim, dataDir, plan, signal)
  } finally {
    await victim?.end()
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function runOn(victim: Victim, dataDir: string, plan: ChaosPlan, signal: AbortSignal): Promise<ChaosResult> {
  const town = await settle(victim.baseUrl)
  if (plan.weakened) await weakenPostgres(dataDir)
  const ledger = await struggle(victim, town, plan, signal)
  if (plan.weakened) await mendPostgres(dataDir)
  await victim.restart()
  const sql = connectTo(dataDir, 6)
  const people = [...town.talkers, ...town.founders]
  const verdict = await checkEverything(sql, victim.baseUrl, people, ledger)
  await sql.end()
  await victim.stop()
  const { readyMs, backMs, faults } = victim
  return { ledger, verdict, readyMs, backMs, faults: [...faults, ...ledger.refusals] }
}

/** Load and blows together, until the last blow has been dealt. It leaves the node killed, and some requests without an answer. */
async function struggle(victim: Victim, town: Town, plan: ChaosPlan, signal: AbortSignal): Promise<Ledger> {
  const load: Load = { baseUrl: victim.baseUrl, ledger: new Ledger(), over: false }
  const everybody = putUnderLoad(load, town, diceFrom(plan.seed))
  everybody.catch(() => undefined)
  try {
    for (const [index, blow] of plan.blows.entries()) {
      await victim.deal(blow, load.ledger)
      plan.onBlow?.(index + 1)
      signal.throwIfAborted()
    }
    await victim.killForGood(load.ledger)
  } finally {
    load.over = true
  }
  await everybody
  return load.ledger
}

async function putUnderLoad(load: Load, { talkers, wanderers, founders, rooms }: Town, dice: Dice): Promise<void> {
  const work = [
    ...Array.from({ length: talkersAtOnce }, (_, index) =>
      talk(load, { person: talkers[index % talkers.length]!, name: `talk${index}`, rooms }, dice.fork()),
    ),
    ...wanderers.map((person) => wander(load, person, rooms, dice.fork())),
    ...founders.map((person) => foundRooms(load, person, dice.fork())),
  ]
  await Promise.all(work)
}
