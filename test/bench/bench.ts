import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startGenerator, type Generator } from './generator.ts'
import { startLimit } from './limit-target.ts'
import { measureMemory, type MemoryFigures } from './measure-memory.ts'
import { measureReaders, readers, type ReaderRow } from './measure-readers.ts'
import { measureStart, type StartFigures } from './measure-start.ts'
import { startNodeTarget } from './node-target.ts'
import {
  type Figures,
  printMemory,
  printReaders,
  printRoomMachine,
  printScenarios,
  printStart,
  type Row,
} from './report.ts'
import { measureRoomMachine, roomMachine, type RoomMachineRow } from './room-machine.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import type { Target } from './target.ts'

/*
 * npm run bench [-- --quick] [--only A,B] [--json FILE] [--profile FOLDER]
 *
 * Measures the node against the limit of this machine in the same minutes: load, CPU, start, memory.
 * `--only` leaves out start, memory and all other scenarios, and the room machine and the readers unless it names them: `--only "room machine"`, `--only readers`; `--profile` keeps a CPU profile of the node for a browser's developer tools.
 */

interface Bench {
  readonly quick: boolean
  readonly start?: StartFigures
  readonly memory?: MemoryFigures
  readonly roomMachine?: readonly RoomMachineRow[]
  readonly readers?: readonly ReaderRow[]
  readonly scenarios: readonly Row[]
}

interface Options {
  readonly quick: boolean
  readonly list: readonly Scenario[]
  /** Options of the node's Node. */
  readonly flags: readonly string[]
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
    },
  })
  const { quick, only, json: file, profile } = values
  const names = only?.split(',')
  const list = scenarios(quick && !only).filter(({ name }) => names?.includes(name) ?? true)
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`]
  const folder = mkdtempSync(join(tmpdir(), 'hearth-bench-'))
  const startedAt = performance.now()
  try {
    say(`${cpus().length} cores of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`)
    const size = only === undefined ? await measureSize(folder, quick) : {}
    const machine = names?.includes(roomMachine) === false ? {} : { roomMachine: measureMachine(quick) }
    const reading = names?.includes(readers) === false ? {} : { readers: await measureReading(folder, quick) }
    const measured = list.length === 0 ? [] : await measureScenarios(folder, { quick, list, flags })
    const bench: Bench = { quick, ...size, ...machine, ...reading, scenarios: measured }
    const json = JSON.stringify(bench, undefined, 2)
    if (file === undefined) say(`\n${json}`)
    else writeFileSync(file, `${json}\n`)
    say(`\nMeasured in ${Math.round((performance.now() - startedAt) / 1000)} s.`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureSize(folder: string, quick: boolean): Promise<Pick<Bench, 'start' | 'memory'>> {
  const start = await measureStart(join(folder, 'start'))
  printStart(say, start)
  const memory = await measureMemory(join(folder, 'memory'), quick)
  printMemory(say, memory)
  return { start, memory }
}

function measureMachine(quick: boolean): RoomMachineRow[] {
  const rows = measureRoomMachine(quick)
  printRoomMachine(say, rows)
  return rows
}

async function measureReading(folder: string, quick: boolean): Promise<ReaderRow[]> {
  say('\nMaking people who read')
  const rows = await measureReaders(join(folder, 'readers'), quick)
  printReaders(say, rows)
  return rows
}

async function measureScenarios(folder: string, { quick, list, flags }: Options): Promise<Row[]> {
  say('\nMaking people and rooms')
  const node = await startNodeTarget(folder, list, flags)
  const limit = await startLimit(folder)
  const generator = startGenerator()
  const rows: Row[] = []
  try {
    for (const scenario of list) {
      const figures: { limit: Figures[]; node: Figures[] } = { limit: [], node: [] }
      // Turn and turn about, so that whatever else the machine does falls on both.
      for (let pass = 0; pass < (quick ? 1 : 3); pass++) {
        figures.limit.push(await measure(generator, limit, scenario, quick))
        figures.node.push(await measure(generator, node, scenario, quick))
      }
      const [ours, bare] = [middle(figures.node), middle(figures.limit)]
      rows.push({ scenario, node: ours, limit: bare, ratio: ours.sendsPerSecond / bare.sendsPerSecond })
      printScenarios(say, rows.slice(-1), rows.length === 1)
    }
    return rows
  } finally {
    generator.stop()
    await node.stop()
    await limit.stop()
  }
}

/** The pass in the middle; with what was wrong in any of them. */
function middle(passes: readonly Figures[]): Figures {
  const sorted = passes.toSorted((a, b) => a.sendsPerSecond - b.sendsPerSecond)
  const sum = (name: 'refused' | 'missed' | 'doubled' | 'closed' | 'behind') =>
    passes.reduce((total, pass) => total + pass[name], 0)
  return {
    ...sorted[Math.floor(sorted.length / 2)]!,
    refused: sum('refused'),
    missed: sum('missed'),
    doubled: sum('doubled'),
    closed: sum('closed'),
    behind: sum('behind'),
  }
}

async function measure(generator: Generator, target: Target, scenario: Scenario, quick: boolean): Promise<Figures> {
  const plan = await target.plan(scenario)
  const died = target.ended.then(() => {
    throw new Error(`the ${target.name} ended while it was measured`)
  })
  died.catch(() => undefined)
  const run = generator.run(
    {
      ...plan,
      observers: Math.max(10, scenario.rooms),
      ratePerSecond: scenario.ratePerSecond,
      warmUpMs: quick ? 1000 : 1500,
      measureMs: quick ? 2500 : 3000,
    },
    () => target.cpu(),
  )
  const { result, spent } = await Promise.race([run, died])
  const perMessage = (micros: number) => micros / Math.max(1, result.sent)
  return {
    ...result,
    microsPerMessage: {
      process: perMessage(spent.process),
      postgres: perMessage(spent.postgres),
      generator: perMessage(spent.generator),
    },
  }
}

await main()
