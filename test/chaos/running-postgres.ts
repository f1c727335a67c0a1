import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCluster, roleName, type Cluster } from '#node/db/cluster.ts'
import { connect, type Sql } from '#node/db/connect.ts'
import { isServerOf, readLeftover } from '#node/db/postmaster.ts'

/** Opens connections, as the superuser, to the Postgres that a node runs on its data folder. */
export function connectTo(dataDir: string, connections = 1): Sql {
  const cluster = clusterOf(dataDir)
  const tcpPort = readLeftover(cluster.folder)?.tcpPort
  const login = `postgres://${roleName}:${cluster.password}`
  const url =
    tcpPort === undefined
      ? `${login}@localhost:5432/postgres?host=${encodeURIComponent(cluster.folder)}`
      : `${login}@127.0.0.1:${tcpPort}/postgres`
  return connect(url, { max: connections, onnotice: () => undefined })
}

function clusterOf(dataDir: string): Cluster {
  const cluster = findCluster(dataDir)
  if (!cluster) throw new Error(`There is no Postgres in ${dataDir}.`)
  return cluster
}

/** Ends the whole Postgres of a data folder as by `kill -9`, the server and what serves its connections. Answers whether there was one. */
export function killPostgres(dataDir: string): boolean {
  const folder = join(dataDir, 'postgres')
  const server = readLeftover(folder)?.pid
  if (server === undefined || !isServerOf(folder, server)) return false
  const children = childrenOf(server).filter((pid) => isServerOf(folder, pid))
  // The server first, so that it cannot put anything in order when it sees its children die.
  for (const pid of [server, ...children]) killIfThere(pid)
  return true
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** Where there is no /proc, the children are left to find out for themselves that their server is gone. */
function childrenOf(parent: number): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number)
}

function parentOf(pid: string): number | undefined {
  try {
    // The name stands in parentheses and may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')
