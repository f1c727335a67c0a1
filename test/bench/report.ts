import type { LoadResult } from './load-plan.ts'
import type { MemoryFigures } from './measure-memory.ts'
import type { ReaderRow } from './measure-readers.ts'
import type { StartFigures } from './measure-start.ts'
import type { RoomMachineRow } from './room-machine.ts'
import type { Scenario } from './scenarios.ts'

export interface Figures extends LoadResult {
  /** CPU time, in microseconds. */
  readonly microsPerMessage: { readonly process: number; readonly postgres: number; readonly generator: number }
}

/** One scenario: ours, the limit, and ours as a part of the limit. */
export interface Row {
  readonly scenario: Scenario
  readonly node: Figures
  readonly limit: Figures
  readonly ratio: number
}

type Say = (text: string) => void

const columns = [
  ['scenario', 10],
  ['load', 28],
  ['', 6],
  ['sends/s', 9],
  ['deliveries/s', 13],
  ['ratio', 6],
  ['ack p50/p99 ms', 15],
  ['receive p50/p99 ms', 19],
  ['CPU us node', 12],
  ['Postgres', 9],
  ['generator', 10],
] as const

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => (index < 3 ? cell.padEnd(columns[index]![1]) : cell.padStart(columns[index]![1])))
    .join(' ')

const whole = (value: number): string => Math.round(value).toLocaleString('en')
const both = ({ p50, p99 }: { p50: number; p99: number }): string => `${p50.toFixed(1)} / ${p99.toFixed(1)}`

export function printScenarios(say: Say, rows: readonly Row[], withHead: boolean): void {
  if (withHead) say(`\n${line(columns.map(([name]) => name))}`)
  for (const { scenario, node, limit, ratio } of rows) {
    say(lineOf([scenario.name, scenario.what, 'node'], node, `${Math.round(ratio * 100)} %`))
    say(lineOf(['', '', 'limit'], limit, ''))
  }
}

function lineOf(names: readonly string[], figures: Figures, ratio: string): string {
  const { process, postgres, generator } = figures.microsPerMessage
  const cells = [
    ...names,
    whole(figures.sendsPerSecond),
    whole(figures.deliveriesPerSecond),
    ratio,
    both(figures.ack),
    both(figures.receive),
    whole(process),
    whole(postgres),
    whole(generator),
  ]
  return line(cells) + complaints(figures)
}

/** What must not be: each makes the row worthless. */
function complaints({ refused, missed, doubled, closed, behind }: Figures): string {
  const counts = Object.entries({ refused, missed, doubled, closed, behind }).filter(([, count]) => count > 0)
  return counts.length === 0 ? '' : `  ! ${counts.map(([name, count]) => `${count} ${name}`).join(', ')}`
}

export function printStart(say: Say, { emptyFolderMs, withDataMs, afterKillMs }: StartFigures): void {
  say(
    `\nstart to ready: empty folder ${whole(emptyFolderMs)} ms, with data ${whole(withDataMs)} ms, after kill -9 ${whole(afterKillMs)} ms`,
  )
}

export function printMemory(say: Say, memory: MemoryFigures): void {
  const { started, idle, clients, perStream, perLongPoll } = memory
  const megabytes = (bytes: number | undefined) => (bytes === undefined ? 'unknown' : `${whole(bytes / 1e6)} MB`)
  const kilobytes = (bytes: number | undefined) => (bytes === undefined ? 'unknown' : `${(bytes / 1000).toFixed(1)} kB`)
  say(
    `node process, 50 people and 30 rooms: ${megabytes(started)} after start, ${megabytes(idle)} idle after everybody has synced`,
  )
  say(
    `each of ${whole(clients)} waiting clients: ${kilobytes(perStream)} on the stream, ${kilobytes(perLongPoll)} in a long poll`,
  )
}

export function printReaders(say: Say, rows: readonly ReaderRow[]): void {
  say('')
  for (const { what, value, unit, most } of rows) {
    const figure = value === undefined ? 'unknown' : `${value.toFixed(2)} ${unit}`
    say(`${what.padEnd(60)} ${figure.padStart(14)}   at most ${most}${value !== undefined && value > most ? ' !' : ''}`)
  }
}

const machineWidths = [48, 7, 9, 26, 9, 6, 14] as const

const machineLine = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => (index % 3 === 0 ? cell.padEnd(machineWidths[index]!) : cell.padStart(machineWidths[index]!)))
    .join(' ')

export function printRoomMachine(say: Say, rows: readonly RoomMachineRow[]): void {
  say(`\n${machineLine(['room machine', 'version', 'CPU ms', 'beside', 'CPU ms', 'ratio', 'aim'])}`)
  for (const { what, version, milliseconds, besides, besidesMilliseconds, ratio, aim } of rows) {
    const times = [milliseconds, besidesMilliseconds].map((time) => time.toFixed(2))
    const holds = 'least' in aim ? ratio >= aim.least : ratio <= aim.most
    const wanted = 'least' in aim ? `at least ${aim.least}` : `at most ${aim.most}`
    say(machineLine([what, version, times[0]!, besides, times[1]!, ratio.toFixed(2), `${wanted}${holds ? '' : ' !'}`]))
  }
}
