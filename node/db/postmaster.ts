import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { StartError } from '../config.ts'
import { pause } from './pause.ts'
import type { SystemUser } from './system-user.ts'

/** How one Postgres server is run. */
export interface ServerPlan {
  /** The program `postgres`. */
  readonly program: string
  /** The folder of the cluster; the process stands in it. */
  readonly cluster: string
  /** The folder as Postgres is told to find it. */
  readonly clusterArgument: string
  readonly user: SystemUser | undefined
  readonly settings: Readonly<Record<string, string>>
}

/** Starts Postgres, and resolves once it takes connections. A refusal to start is a `StartError`. */
export async function startPostmaster(plan: ServerPlan, log: Logger): Promise<ChildProcess> {
  const settings = Object.entries(plan.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // Detached: Ctrl-C in a terminal is meant for the node, which stops Postgres itself, after its last write.
  const child = spawn(plan.program, ['-D', plan.clusterArgument, ...settings], {
    cwd: plan.cluster,
    env: { LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    ...plan.user,
  })
  const ready = whenReady(child, log)
  void sayWhileWaiting(ready, log)
  await ready
  return child
}

function whenReady(child: ChildProcess, log: Logger): Promise<void> {
  return new Promise((resolve, reject) => {
    let refusal = ''
    const fail = (why: string) => reject(new StartError(`Postgres did not start: ${why}.`))
    child.once('error', (error) => fail(error.message))
    child.once('exit', () => fail(refusal || 'it ended at once'))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) {
        refusal ||= /(?:FATAL|PANIC): {2}(.+)/.exec(line)?.[1] ?? ''
        relay(line, log)
      }
      if (text.includes('ready to accept connections')) resolve()
    })
  })
}

/** Replaying the log of a long busy hour may take minutes, and must not be cut short: the next start would begin again. */
async function sayWhileWaiting(ready: Promise<void>, log: Logger): Promise<void> {
  let waiting = true
  const done = () => (waiting = false)
  ready.then(done, done)
  for (;;) {
    await pause(5000, { background: true })
    if (!waiting) return
    log.info('Postgres is not ready yet: it replays what it had not written when it was stopped')
  }
}

function relay(line: string, log: Logger): void {
  const [, severity, text] = /^(?:\S+ ){3}\[\d+\] (\w+): {2}(.*)$/.exec(line) ?? []
  if (text === undefined) return
  if (severity === 'PANIC') log.error({ severity, text }, 'postgres')
  else log.debug({ severity, text }, 'postgres')
}

/** Stops Postgres: rolls open transactions back, writes a checkpoint. After `patienceMs` it is ended as by a crash, which loses nothing either. */
export async function stopPostmaster(child: ChildProcess, patienceMs = 20_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGINT')
  await Promise.race([gone, pause(patienceMs, { background: true })])
  child.kill('SIGQUIT')
  await gone
}

/**
 * Clears away what a killed node or a killed Postgres left in a cluster, so that a new server can start on it:
 * a server that still runs is stopped; a pid file that names a process which is no server of this cluster is removed.
 */
export async function clearLeftover(cluster: string, log: Logger): Promise<void> {
  const pid = readLeftover(cluster)?.pid
  if (pid === undefined) return
  if (!isServerOf(cluster, pid)) {
    rmSync(join(cluster, 'postmaster.pid'), { force: true })
    return
  }
  log.info({ postmaster: pid }, 'stopping the Postgres that a killed node left')
  for (const [signal, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    process.kill(pid, signal)
    for (let waited = 0; waited < patienceMs; waited += 20) {
      if (!isServerOf(cluster, pid)) return
      await pause(20)
    }
  }
  throw new StartError(`Postgres (process ${pid}) still runs in ${cluster} and does not stop: end that process.`)
}

/** What the cluster's pid file says of the last server, whether that runs or not. */
export function readLeftover(cluster: string): { pid: number; tcpPort: number | undefined } | undefined {
  const file = join(cluster, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const [pid, , , port, socketFolder] = readFileSync(file, 'utf8').split('\n')
  if (!(Number(pid) > 1)) return undefined
  return { pid: Number(pid), tcpPort: socketFolder ? undefined : Number(port) }
}

/** Whether `pid` is a Postgres that stands in this cluster. A pid is soon given to another process, above all in a container. */
export function isServerOf(cluster: string, pid: number): boolean {
  if (!isAlive(pid)) return false
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster)
    } catch {
      return false // it ended meanwhile, or belongs to somebody else
    }
  }
  if (process.platform === 'win32') return true
  const ps = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return ps.stdout.includes(cluster)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
