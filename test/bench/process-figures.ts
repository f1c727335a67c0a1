import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/*
 * What the system says of processes. Only Linux says it in /proc; elsewhere the figures are left out.
 */

const canMeasure = existsSync('/proc/self/stat')
/** The unit of times in /proc: sysconf(_SC_CLK_TCK), 100 a second on every Linux that Node runs on. */
const microsPerTick = 10_000

interface Stat {
  readonly parent: number
  readonly ticks: number
  /** Of children that have ended. */
  readonly childTicks: number
}

function readStat(pid: number | string): Stat | undefined {
  const path = `/proc/${pid}/stat`
  if (!existsSync(path)) return undefined
  try {
    // The name stands in parentheses and may hold anything.
    const text = readFileSync(path, 'utf8')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    return { parent: fields[1]!, ticks: fields[11]! + fields[12]!, childTicks: fields[13]! + fields[14]! }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')

/** CPU time of a process so far, all threads, in microseconds. */
export const cpuMicros = (pid: number): number => (readStat(pid)?.ticks ?? 0) * microsPerTick

/** CPU time so far of a Postgres and all its processes, those that have ended included, in microseconds. */
export function postgresCpuMicros(dataDir: string): number {
  const server = postmasterOf(dataDir)
  const own = server === undefined ? undefined : readStat(server)
  if (!own) return 0
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readStat)
    .filter((stat) => stat?.parent === server)
  const ticks = children.reduce((sum, stat) => sum + (stat?.ticks ?? 0), own.ticks + own.childTicks)
  return ticks * microsPerTick
}

/** The process id of the Postgres of a data folder. */
export function postmasterOf(dataDir: string): number | undefined {
  const file = join(dataDir, 'postgres', 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  return pid > 1 ? pid : undefined
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number | undefined {
  if (!canMeasure) return undefined
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}
