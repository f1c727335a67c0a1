import type { Blow } from './plan-blows.ts'
import type { ChaosResult } from './run-chaos.ts'

/** One run in figures. */
export interface ChaosFigures {
  readonly run: string
  readonly seed: number
  readonly nodeKills: number
  readonly postgresKills: number
  /** Node and Postgres at once. */
  readonly bothKills: number
  readonly acknowledged: number
  readonly retries: number
  readonly askedAgain: number
  /** Sent, and never acknowledged: the client had given up. */
  readonly unacknowledged: number
  readonly comingsAndGoings: number
  readonly roomsMade: number
  readonly lost: number
  readonly doubled: number
  readonly renamed: number
  /** Everything else that is wrong. */
  readonly broken: number
  readonly readyMs: Spread
  /** From the kill of Postgres to the first message stored after it. */
  readonly backMs: Spread
  readonly seconds: number
}

interface Spread {
  readonly p50: number
  readonly p95: number
}

export function figuresOf(
  run: string,
  seed: number,
  blows: readonly Blow[],
  { ledger, verdict, readyMs, backMs, faults }: ChaosResult,
  seconds: number,
): ChaosFigures {
  const kills = (target: Blow['target']) => blows.filter((blow) => blow.target === target).length
  const acknowledged = ledger.messages.filter(({ eventId }) => eventId !== undefined).length
  return {
    run,
    seed,
    nodeKills: kills('node'),
    postgresKills: kills('postgres'),
    bothKills: kills('both'),
    acknowledged,
    retries: ledger.retries,
    askedAgain: ledger.askedAgain,
    unacknowledged: ledger.messages.length - acknowledged,
    comingsAndGoings: ledger.visits.reduce((sum, visits) => sum + visits.acknowledged, 0),
    roomsMade: ledger.foundings.filter(({ roomId }) => roomId !== undefined).length,
    lost: verdict.lost.size,
    doubled: verdict.doubled.size,
    renamed: verdict.renamed.size,
    broken: verdict.broken.length + faults.length,
    readyMs: spread(readyMs),
    backMs: spread(backMs),
    seconds: Math.round(seconds),
  }
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { p50: at(0.5), p95: at(0.95) }
}

/** Nothing is lost, doubled, renamed, or wrong in any other way; and something was there to be lost. */
export const isClean = (figures: ChaosFigures): boolean =>
  figures.acknowledged > 0 && figures.lost + figures.doubled + figures.renamed + figures.broken === 0

const columns: readonly [name: string, cell: (figures: ChaosFigures) => string][] = [
  ['run', (f) => f.run],
  ['node', (f) => String(f.nodeKills)],
  ['Postgres', (f) => String(f.postgresKills)],
  ['both', (f) => String(f.bothKills)],
  ['acked', (f) => whole(f.acknowledged)],
  ['retries', (f) => whole(f.retries)],
  ['unacked', (f) => whole(f.unacknowledged)],
  ['joins', (f) => whole(f.comingsAndGoings)],
  ['rooms', (f) => whole(f.roomsMade)],
  ['lost', (f) => whole(f.lost)],
  ['doubled', (f) => whole(f.doubled)],
  ['renamed', (f) => whole(f.renamed)],
  ['broken', (f) => whole(f.broken)],
  ['ready p50/p95 ms', (f) => `${f.readyMs.p50} / ${f.readyMs.p95}`],
  ['Postgres back p50/p95 ms', (f) => `${f.backMs.p50} / ${f.backMs.p95}`],
  ['s', (f) => String(f.seconds)],
]

const whole = (value: number): string => value.toLocaleString('en')

export function tableOf(runs: readonly ChaosFigures[]): string {
  const rows = [columns.map(([name]) => name), ...runs.map((figures) => columns.map(([, cell]) => cell(figures)))]
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]!.length)))
  return rows.map((row) => row.map((cell, index) => cell.padStart(widths[index]!)).join('  ')).join('\n')
}

/** The first complaints, in words: there may be thousands. */
export function complaintsOf({ verdict, faults }: ChaosResult, most = 20): string {
  const all = [
    ...[...verdict.lost].map(({ txnId, eventId }) => `lost: ${txnId}, acknowledged as ${eventId}`),
    ...[...verdict.doubled].map(({ txnId }) => `doubled: ${txnId}`),
    ...[...verdict.renamed].map(({ txnId, eventId }) => `renamed: ${txnId}, acknowledged as ${eventId}`),
    ...faults,
    ...verdict.broken,
  ]
  const rest = all.length > most ? [`... and ${all.length - most} more`] : []
  return [...all.slice(0, most), ...rest].join('\n')
}
