import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { basename, join } from 'node:path'
import { StartError } from '../config.ts'
import type { Binaries } from './binaries.ts'
import { type SystemUser, systemUser } from './system-user.ts'

/** The files of one Postgres: where they are, who owns them, and the password of its one role. */
export interface Cluster {
  readonly folder: string
  readonly user: SystemUser | undefined
  readonly password: string
}

/** The one role of the cluster, and its one database. */
export const roleName = 'hearth'

const majorVersion = '18'

/**
 * On Linux a process may stand in a folder that it could not walk to, so for the system user Postgres is given "where you stand"
 * in place of a path: the data folder may then lie below a folder that only root may enter.
 */
export const clusterArgument = (cluster: Pick<Cluster, 'folder' | 'user'>): string =>
  cluster.user ? '/proc/self/cwd' : cluster.folder

/** The cluster in `dataDir`, if there is one. */
export function findCluster(dataDir: string): Cluster | undefined {
  const folder = join(dataDir, 'postgres')
  if (!existsSync(join(folder, 'PG_VERSION'))) return undefined
  const version = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim()
  if (version !== majorVersion) {
    throw new StartError(
      `${folder} was written by Postgres ${version} and this version of Hearth brings Postgres ${majorVersion}: start the version of Hearth that wrote it, or set HEARTH_DATA_DIR to another folder.`,
    )
  }
  return { folder, user: ownerOf(folder), password: readFileSync(passwordFile(dataDir), 'utf8').trim() }
}

/** Root runs Postgres as whoever owns the files; another user must own them. */
function ownerOf(folder: string): SystemUser | undefined {
  const { uid, gid } = statSync(folder)
  const me = process.getuid?.()
  if (me === undefined || me === uid) return undefined
  if (me === 0) return { uid, gid }
  throw new StartError(
    `${folder} belongs to another user (${uid}): start Hearth as that user or as root, or set HEARTH_DATA_DIR to another folder.`,
  )
}

const passwordFile = (dataDir: string): string => join(dataDir, 'postgres-password')

/** Makes a new cluster in `dataDir`. It appears under its name only when it is whole, so that one cut short is made again. */
export async function createCluster(dataDir: string, binaries: Binaries): Promise<Cluster> {
  const user = systemUser()
  const folder = join(dataDir, 'postgres')
  const unfinished = join(dataDir, 'postgres-unfinished')
  const password = randomBytes(24).toString('base64url')
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  writeFileSync(passwordFile(dataDir), `${password}\n`, { mode: 0o600 })
  chmodSync(passwordFile(dataDir), 0o600)
  for (const path of [unfinished, passwordFile(dataDir)]) if (user) chownSync(path, user.uid, user.gid)
  await initdb(binaries, { folder: unfinished, user, password }, passwordFile(dataDir))
  renameSync(unfinished, folder)
  syncFolder(dataDir)
  return { folder, user, password }
}

async function initdb(binaries: Binaries, cluster: Cluster, passwordPath: string): Promise<void> {
  // The password goes in as standard input: the system user may not be able to walk to the file.
  const windows = process.platform === 'win32'
  const input = openSync(passwordPath, 'r')
  const options = [
    `--username=${roleName}`,
    '--auth=scram-sha-256',
    `--pwfile=${windows ? passwordPath : '/dev/stdin'}`,
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--data-checksums',
    '--no-instructions',
  ]
  try {
    await run(binaries.initdb, [`--pgdata=${clusterArgument(cluster)}`, ...options], cluster, input)
  } finally {
    closeSync(input)
  }
}

function run(program: string, args: string[], cluster: Cluster, input: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: cluster.folder,
      env: { LC_ALL: 'C' },
      stdio: [input, 'ignore', 'pipe'],
      ...cluster.user,
    })
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(refusal(program, said))))
  })
}

function refusal(program: string, said: string): StartError {
  if (said.includes('No space left on device')) {
    return new StartError(
      'The disk of the data folder is full: free some space, or set HEARTH_DATA_DIR to another disk.',
    )
  }
  const reason = /(?:FATAL|PANIC|error): +(.+)/.exec(said)?.[1] ?? said.trim().split('\n').at(-1)
  return new StartError(`Postgres could not make its files (${basename(program)}: ${reason}).`)
}

/** Makes a rename in the folder outlive a power cut. Windows has no such call, and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
