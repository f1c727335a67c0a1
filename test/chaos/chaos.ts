import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { diceFrom } from './dice.ts'
import { mutantBlows, planBlows, type Blow } from './plan-blows.ts'
import { complaintsOf, figuresOf, isClean, tableOf, type ChaosFigures } from './report.ts'
import { runChaos, type ChaosResult } from './run-chaos.ts'

/*
 * npm run chaos [-- --cycles 100 --postgres-cycles 20 --seed N --quick --mutant --json FILE]
 *
 * Kills the node, and its Postgres, again and again under load, and checks that nothing acknowledged was lost, doubled or renamed. Then does
 * the same with a Postgres that acknowledges too early, and fails unless the check sees the loss: `--mutant` does that alone.
 */

const usage = 'npm run chaos [-- --cycles 100 --postgres-cycles 20 --seed N --quick --mutant --json FILE]'

interface Options {
  readonly cycles: number
  readonly postgresCycles: number
  readonly seed: number
  readonly mutantOnly: boolean
  readonly json: string | undefined
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cycles: { type: 'string' },
      'postgres-cycles': { type: 'string' },
      seed: { type: 'string' },
      quick: { type: 'boolean', default: false },
      mutant: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  })
  return {
    cycles: whole('--cycles', values.cycles, values.quick ? 10 : 100),
    postgresCycles: whole('--postgres-cycles', values['postgres-cycles'], values.quick ? 4 : 20),
    seed: whole('--seed', values.seed, Date.now() % 1_000_000),
    mutantOnly: values.mutant,
    json: values.json,
  }
}

class UsageError extends Error {
  override readonly name = 'UsageError'
}

function whole(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${name} takes a whole number.`)
  return Number(text)
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function main(args: readonly string[]): Promise<boolean> {
  const options = readOptions(args)
  const { seed } = options
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  const runs: ChaosFigures[] = []
  const run = async (name: string, blows: readonly Blow[], weakened: boolean) => {
    say(`${name}: ${blows.length} cycles, seed ${seed}`)
    const startedAt = performance.now()
    const onBlow = (dealt: number) => dealt % 10 === 0 && say(`  ${dealt} of ${blows.length}`)
    const result = await runChaos({ seed, blows, weakened, onBlow, signal: stop.signal })
    const figures = figuresOf(name, seed, blows, result, (performance.now() - startedAt) / 1000)
    runs.push(figures)
    return { result, figures }
  }

  const blows = planBlows(options.cycles, options.postgresCycles, diceFrom(seed))
  const clean = options.mutantOnly ? undefined : await run('synchronous_commit=on', blows, false)
  if (clean && !isClean(clean.figures)) sayComplaints(clean.result)
  const mutant = await run('synchronous_commit=off', mutantBlows(5), true)
  say(`\n${tableOf(runs)}\n`)
  report(options, runs)
  const isGood = clean === undefined || isClean(clean.figures)
  if (clean)
    say(isGood ? 'Nothing acknowledged was lost, doubled or renamed.' : 'THE NODE DID NOT KEEP WHAT IT ACKNOWLEDGED.')
  const isSeen = mutant.figures.lost > 0
  say(isSeen ? 'The planted fault was found, as it must be.' : 'THE CHECK IS BLIND: it did not find the planted fault.')
  return isGood && isSeen
}

const sayComplaints = (result: ChaosResult): void => say(`\n${complaintsOf(result)}`)

function report({ json }: Options, runs: readonly ChaosFigures[]): void {
  const text = JSON.stringify({ runs }, undefined, 2)
  if (json === undefined) say(`${text}\n`)
  else writeFileSync(json, `${text}\n`)
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1
} catch (error) {
  const { code, name, message } = error as NodeJS.ErrnoException
  const isUsage = name === 'UsageError' || String(code).startsWith('ERR_PARSE_ARGS')
  if (name !== 'AbortError' && !isUsage) throw error
  process.stderr.write(isUsage ? `${message}\n${usage}\n` : 'Stopped.\n')
  process.exitCode = 1
}
