import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { newLocalpartProblem, userIdOf, type ServerName, type UserId } from '#spec/ids.ts'
import { StartError } from '#node/config.ts'
import { hashToken } from '../tokens.ts'
import { linearPattern, PatternProblem } from './linear-pattern.ts'

/** Names that an application service has to do with. */
export interface Namespace {
  readonly isExclusive: boolean
  readonly covers: (id: string) => boolean
}

/** A bridge or a bot of its own kind, as its registration file describes it. Application Service API, "Registration". */
export interface Appservice {
  readonly id: string
  /** Where it is called; nothing: it is not to be called. */
  readonly url: string | undefined
  readonly tokenHash: string
  /** What this server says to it. */
  readonly hsToken: string
  /** The user that it is when it says no other. */
  readonly sender: UserId
  readonly isRateLimited: boolean
  readonly namespaces: {
    readonly users: readonly Namespace[]
    readonly aliases: readonly Namespace[]
    readonly rooms: readonly Namespace[]
  }
  readonly protocols: readonly string[]
  /** It is told of typing, receipts and presence. */
  readonly receivesEphemeral: boolean
  /** It is told of to-device messages, device lists and key counts (MSC3202). */
  readonly receivesEncryption: boolean
}

const token = z.string().check(z.minLength(1), z.maxLength(4_096))
const namespaceList = z.optional(
  z.array(z.looseObject({ exclusive: z.boolean(), regex: z.string() })).check(z.maxLength(1_000)),
)

const registrationFile = z.looseObject({
  id: z.string().check(z.minLength(1), z.maxLength(255)),
  url: z.nullable(z.string().check(z.refine((url) => url === '' || /^https?:\/\/[^?#]+$/.test(url), 'no address'))),
  as_token: token,
  hs_token: token,
  sender_localpart: z.string(),
  rate_limited: z.optional(z.boolean()),
  namespaces: z.looseObject({ users: namespaceList, aliases: namespaceList, rooms: namespaceList }),
  protocols: z.optional(z.nullable(z.array(z.string().check(z.maxLength(255))))),
  receive_ephemeral: z.optional(z.boolean()),
  'de.sorunome.msc2409.push_ephemeral': z.optional(z.boolean()),
  'org.matrix.msc3202': z.optional(z.boolean()),
})

/** Reads the registration files. Throws `StartError` on the first that is wrong, and where two have an id or a token in common. */
export function readRegistrations(paths: readonly string[], server: ServerName): Appservice[] {
  const read = paths.map((path) => ({ path, appservice: readRegistration(path, server) }))
  for (const field of ['id', 'tokenHash', 'sender'] as const) {
    const known = new Map<string, string>()
    for (const { path, appservice } of read) {
      const other = known.get(appservice[field])
      if (other !== undefined)
        throw new StartError(
          `${path} and ${other} have the same ${names[field]}: each application service needs its own.`,
        )
      known.set(appservice[field], path)
    }
  }
  return read.map(({ appservice }) => appservice)
}

const names = { id: 'id', tokenHash: 'as_token', sender: 'sender_localpart' } as const

function readRegistration(path: string, server: ServerName): Appservice {
  const parsed = registrationFile.safeParse(readFile(path))
  if (!parsed.success) {
    const { path: at, message } = parsed.error.issues[0]!
    throw new StartError(`${path} is no registration of an application service: ${at.join('.') || 'it'}: ${message}.`)
  }
  const file = parsed.data
  const problem = newLocalpartProblem(file.sender_localpart)
  if (problem !== undefined) throw new StartError(`${path}: sender_localpart cannot be a user name: ${problem}`)
  const namespaces = (kind: 'users' | 'aliases' | 'rooms') =>
    (file.namespaces[kind] ?? []).map(({ exclusive, regex }) => ({
      isExclusive: exclusive,
      covers: patternOf(path, kind, regex),
    }))
  return {
    id: file.id,
    url: file.url === null || file.url === '' ? undefined : file.url.replace(/(?<!\/)\/+$/, ''),
    tokenHash: hashToken(file.as_token),
    hsToken: file.hs_token,
    sender: userIdOf(file.sender_localpart, server),
    isRateLimited: file.rate_limited ?? true,
    namespaces: { users: namespaces('users'), aliases: namespaces('aliases'), rooms: namespaces('rooms') },
    protocols: file.protocols ?? [],
    receivesEphemeral: file.receive_ephemeral ?? file['de.sorunome.msc2409.push_ephemeral'] ?? false,
    receivesEncryption: file['org.matrix.msc3202'] ?? false,
  }
}

/** JSON is YAML too. */
function readFile(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 })
  } catch (error) {
    throw new StartError(`${path}, named in HEARTH_APPSERVICES, cannot be read: ${(error as Error).message}`)
  }
}

function patternOf(path: string, kind: string, regex: string): (id: string) => boolean {
  try {
    return linearPattern(regex)
  } catch (error) {
    if (error instanceof PatternProblem)
      throw new StartError(`${path}: the pattern ${regex.slice(0, 100)} in namespaces.${kind} ${error.message}.`)
    throw error
  }
}
