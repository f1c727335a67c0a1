import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { StartError } from '../config.ts'

/** The ids that a child process takes on. */
export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

const userName = 'hearth'

/** Postgres refuses to run as root. For root this gives the system user that it runs as instead, made on the first call; for others nothing. */
export function systemUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  return findUser() ?? createUser()
}

function findUser(): SystemUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${userName}:`))
  if (line === undefined) return undefined
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

function createUser(): SystemUser {
  const attempts: [string, ...string[]][] = [
    [
      'useradd',
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/bin/false',
      userName,
    ],
    ['adduser', '-S', '-D', '-H', '-s', '/bin/false', userName],
  ]
  for (const [program, ...args] of attempts) {
    spawnSync(program, args, { stdio: 'ignore' })
    const user = findUser()
    if (user) return user
  }
  throw new StartError(
    `Postgres does not run as root, and the system user "${userName}" could not be made: start Hearth as an ordinary user, or set DATABASE_URL.`,
  )
}
