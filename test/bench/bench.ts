import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGenerator, type Generator } from './generator.ts'
import { startLimit } from './limit-target.ts'
import { measureMemory, type MemoryFigures } from './measure-memory.ts'
import { measureStart, type StartFigures } from './measure-start.ts'
import { startNodeTarget } from './node-target.ts'
import { type Figures, printMemory, printScenarios, printStart, type Row } from './report.ts'
import { scenarios } from './scenarios.ts'
import type { Target } from './target.ts'

/*
 * npm run bench [-- --quick] [--json FILE]
 *
 * Measures the node against the limit of this machine in the same minutes: load, CPU, start, memory.
 */

interface Bench {
  readonly quick: boolean
  readonly start: StartFigures
  readonly memory: MemoryFigures
  readonly scenarios: readonly Row[]
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function main(args: readonly string[]): Promise<void> {
  const quick = args.includes('--quick')
  const file = args[args.indexOf('--json') + 1]
  const folder = mkdtempSync(join(tmpdir(), 'hearth-bench-'))
  const startedAt = performance.now()
  try {
    say(
      `${cpus().length} cores of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}; node, Postgres and load generator share them`,
    )
    const start = await measureStart(join(folder, 'start'))
    printStart(say, start)
    const memory = await measureMemory(join(folder, 'memory'), quick)
    printMemory(say, memory)
    const rows = await measureScenarios(folder, quick)
    const bench: Bench = { quick, start, memory, scenarios: rows }
    const json = JSON.stringify(bench, undefined, 2)
    if (args.includes('--json') && file !== undefined) writeFileSync(file, `${json}\n`)
    else say(`\n${json}`)
    say(`\nMeasured in ${Math.round((performance.now() - startedAt) / 1000)} s.`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureScenarios(folder: string, quick: boolean): Promise<Row[]> {
  const list = scenarios(quick)
  say('\nMaking people and rooms')
  const node = await startNodeTarget(folder, list)
  const limit = await startLimit(folder)
  const generator = startGenerator()
  const rows: Row[] = []
  try {
    for (const scenario of list) {
      const both = {
        limit: await measure(generator, limit, scenario, quick),
        node: await measure(generator, node, scenario, quick),
      }
      rows.push({ scenario, ...both, ratio: both.node.sendsPerSecond / both.limit.sendsPerSecond })
      printScenarios(say, rows.slice(-1), rows.length === 1)
    }
    return rows
  } finally {
    generator.stop()
    await node.stop()
    await limit.stop()
  }
}

async function measure(
  generator: Generator,
  target: Target,
  scenario: Row['scenario'],
  quick: boolean,
): Promise<Figures> {
  const plan = await target.plan(scenario)
  const { result, spent } = await generator.run(
    {
      ...plan,
      observers: Math.max(10, scenario.rooms),
      ratePerSecond: scenario.ratePerSecond,
      warmUpMs: quick ? 1000 : 2000,
      measureMs: quick ? 2500 : 5000,
    },
    () => target.cpu(),
  )
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

await main(process.argv.slice(2))
