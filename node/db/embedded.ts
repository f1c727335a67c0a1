import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import { StartError } from '../config.ts'
import { findBinaries } from './binaries.ts'
import { type Cluster, clusterArgument, createCluster, findCluster, roleName } from './cluster.ts'
import { HeldElsewhere, holdDatabase } from './hold.ts'
import { pause } from './pause.ts'
import {
  clearLeftover,
  isServerOf,
  readLeftover,
  type ServerPlan,
  startPostmaster,
  stopPostmaster,
} from './postmaster.ts'

/** A Postgres of our own. */
export interface Embedded {
  readonly url: string
  stop(): Promise<void>
}

/** For a small node on a small machine. What decides about durability stands here too, where no `alter system` reaches it. */
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '50',
  shared_buffers: '64MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '512MB',
  random_page_cost: '1.1',
  max_wal_size: '512MB',
  min_wal_size: '80MB',
  wal_buffers: '8MB',
  io_method: 'sync',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_worker_processes: '4',
  max_logical_replication_workers: '0',
  autovacuum_max_workers: '2',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Errors of statements reach the node as exceptions; in a log they could carry people's data.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_line_prefix: '%m [%p] ',
}

const socketPort = 5432
/** A Unix socket's path has room for 107 bytes; the file name takes 18 of them. */
const longestSocketFolder = 88

export interface EmbeddedOptions {
  readonly dataDir: string
  readonly log: Logger
  /** Be reached on this port of 127.0.0.1 instead of through a socket. */
  readonly port?: number
  /** Settings of Postgres that differ from ours. */
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * Starts the Postgres 18 that came with npm on `dataDir`, making its files on the first start, and keeps it running until `stop`.
 * It is reached through a Unix socket in its own folder, or, where that cannot be (Windows, a very long path, `port` given), on 127.0.0.1.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { log } = options
  const dataDir = openDataDir(options.dataDir)
  const binaries = findBinaries(process.getuid?.() === 0)
  const cluster = findCluster(dataDir) ?? (await create(() => createCluster(dataDir, binaries), log))
  await refuseIfInUse(cluster, log)
  const tcpPort = options.port ?? (needsTcp(cluster.folder) ? await freePort() : undefined)
  const plan: ServerPlan = {
    program: binaries.postgres,
    cluster: cluster.folder,
    clusterArgument: clusterArgument(cluster),
    user: cluster.user,
    settings: {
      ...settings,
      ...options.settings,
      port: String(tcpPort ?? socketPort),
      listen_addresses: tcpPort === undefined ? '' : '127.0.0.1',
      unix_socket_directories: tcpPort === undefined ? '.' : '',
    },
  }
  const server = await keepRunning(() => start(plan, log), log)
  return { url: urlOf(cluster, tcpPort), stop: () => server.stop() }
}

async function create(make: () => Promise<Cluster>, log: Logger): Promise<Cluster> {
  log.info('making the database (once, a few seconds)')
  return await make()
}

function openDataDir(dataDir: string): string {
  try {
    makeFolder(dataDir)
    const probe = join(dataDir, '.writable')
    writeFileSync(probe, '')
    rmSync(probe)
    return realpathSync(dataDir)
  } catch (cause) {
    const full = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC'
    const why = full ? 'is on a full disk' : 'cannot be written'
    throw new StartError(`The data folder ${dataDir} ${why}: set HEARTH_DATA_DIR to a folder that can be.`, { cause })
  }
}

/** mkdir of Node with `recursive` never comes back from a file system that lets nobody make folders, such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

const needsTcp = (folder: string): boolean =>
  process.platform === 'win32' || Buffer.byteLength(folder) > longestSocketFolder

function urlOf(cluster: Cluster, tcpPort: number | undefined): string {
  const login = `postgres://${roleName}:${cluster.password}`
  if (tcpPort !== undefined) return `${login}@127.0.0.1:${tcpPort}/postgres`
  return `${login}@localhost:${socketPort}/postgres?host=${encodeURIComponent(cluster.folder)}`
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** A Postgres that a killed node left may be stopped; one that a living node uses must not be. */
async function refuseIfInUse(cluster: Cluster, log: Logger): Promise<void> {
  const leftover = readLeftover(cluster.folder)
  if (!leftover || !isServerOf(cluster.folder, leftover.pid)) return
  try {
    const hold = await holdDatabase(urlOf(cluster, leftover.tcpPort), log, () => undefined, { patience: '3s' })
    await hold.release()
  } catch (error) {
    if (error instanceof HeldElsewhere) {
      throw new StartError(
        `Another Hearth uses ${cluster.folder}: stop it first, or set HEARTH_DATA_DIR to another folder.`,
      )
    }
    log.warn({ err: error }, 'the Postgres that a killed node left does not answer')
  }
}

async function start(plan: ServerPlan, log: Logger): Promise<ChildProcess> {
  await clearLeftover(plan.cluster, log)
  for (let attempt = 1; ; attempt++) {
    try {
      return await startPostmaster(plan, log)
    } catch (error) {
      // What served the connections of a killed Postgres ends by itself, a moment later.
      const passing = error instanceof StartError && /shared memory block|lock file/.test(error.message)
      if (!passing || attempt === 40) throw error
      await pause(100)
    }
  }
}

/** Starts the server again whenever it ends without having been asked to. */
async function keepRunning(run: () => Promise<ChildProcess>, log: Logger): Promise<{ stop(): Promise<void> }> {
  let stopping = false
  let reviving = Promise.resolve()
  const revive = async () => {
    for (let attempt = 0; !stopping; attempt++) {
      try {
        child = await run()
        watch()
        return log.info({ postmaster: child.pid }, 'Postgres runs again')
      } catch (error) {
        log.error({ err: error }, 'Postgres does not start')
        await pause(Math.min(5000, 100 * 2 ** attempt))
      }
    }
  }
  const watch = () =>
    child.once('exit', (code, signal) => {
      if (stopping) return
      log.error({ code, signal }, 'Postgres ended')
      reviving = revive()
    })
  let child = await run()
  watch()
  const stopWithNode = () => child.kill('SIGINT')
  process.once('exit', stopWithNode)
  return {
    stop: async () => {
      stopping = true
      await reviving
      await stopPostmaster(child)
      process.off('exit', stopWithNode)
    },
  }
}
