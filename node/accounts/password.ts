import { argon2, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { limitExceeded } from '#spec/errors.ts'
import { isLongerThan, utf8 } from '#spec/limits.ts'
import { perNode, type Deps } from '#node/deps.ts'

/** What one argon2id hash takes: memory in KiB, passes over it, lanes. */
export interface PasswordCost {
  readonly memory: number
  readonly passes: number
  readonly lanes: number
}

/** 64 MiB and about 0.2 s of one core: dear for whoever steals the table, unnoticed by a person who logs in. */
const standardCost: PasswordCost = { memory: 65_536, passes: 3, lanes: 1 }
/** argon2 runs in libuv's pool of four threads: one stays free for files and names. */
const maxRunning = Math.min(availableParallelism(), 3)
/** Beyond this, people are asked to come back: fifty already wait several seconds. */
const maxWaiting = 50
const saltBytes = 16
const tagBytes = 32
/** The longest password, in bytes of UTF-8. */
export const maxPasswordBytes = 1_024

const hasherOf = perNode(() => ({ cost: standardCost, running: 0, begun: 0, waiting: [] as (() => void)[] }))

/** For tests, which make many accounts: hashes cost next to nothing from now on. No setting leads here. */
export function lowerPasswordCost(deps: Deps, cost: PasswordCost = { memory: 64, passes: 1, lanes: 1 }): void {
  hasherOf(deps).cost = cost
}

/** How many hashes have been begun since the start: what may not be told by the time that an answer takes. */
export const hashesBegun = (deps: Deps): number => hasherOf(deps).begun

/** The password as a PHC string of argon2id. It must not be too long. Throws M_LIMIT_EXCEEDED while too many wait. */
export async function hashPassword(deps: Deps, password: string): Promise<string> {
  if (isTooLong(password)) throw new RangeError('a password that is too long was not refused')
  const { cost } = hasherOf(deps)
  const salt = deps.random.bytes(saltBytes)
  return toPhc(cost, salt, await tagOf(deps, password, salt, cost))
}

export interface Verified {
  readonly matches: boolean
  /** The hash was made at another cost: time for a new one. */
  readonly isOutdated: boolean
}

/** Compares a password with its hash. Without a hash it takes the same time and does not match. Throws M_LIMIT_EXCEEDED while too many wait. */
export async function verifyPassword(deps: Deps, password: string, phc: string | undefined): Promise<Verified> {
  const { cost } = hasherOf(deps)
  const kept = phc === undefined ? undefined : fromPhc(phc)
  const tag = await tagOf(deps, password, kept?.salt ?? new Uint8Array(saltBytes), kept?.cost ?? cost)
  const isPossible = kept !== undefined && kept.tag.length === tag.length && !isTooLong(password)
  const matches = isPossible && timingSafeEqual(kept.tag, tag)
  return { matches, isOutdated: matches && phc!.split('$')[3] !== costText(cost) }
}

/** NFKC, so that the same password typed on two keyboards is the same bytes. */
const bytesOf = (password: string): Uint8Array => utf8(password.normalize('NFKC'))

/** True for a password too long to be anybody's. The first look spares normalising a megabyte. */
export const isTooLong = (password: string): boolean =>
  isLongerThan(password, maxPasswordBytes) || bytesOf(password).length > maxPasswordBytes

function tagOf(deps: Deps, password: string, salt: Uint8Array, cost: PasswordCost): Promise<Buffer> {
  hasherOf(deps).begun++
  const message = isTooLong(password) ? new Uint8Array() : bytesOf(password)
  return inTurn(deps, () => argon2id(message, salt, cost))
}

function argon2id(message: Uint8Array, nonce: Uint8Array, cost: PasswordCost): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const parameters = {
    message,
    nonce,
    parallelism: cost.lanes,
    tagLength: tagBytes,
    memory: cost.memory,
    passes: cost.passes,
  }
  argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)))
  return promise
}

async function inTurn<T>(deps: Deps, work: () => Promise<T>): Promise<T> {
  const hasher = hasherOf(deps)
  if (hasher.running >= maxRunning) {
    if (hasher.waiting.length >= maxWaiting) throw limitExceeded(5_000)
    await new Promise<void>((resolve) => hasher.waiting.push(resolve))
  } else hasher.running++
  try {
    return await work()
  } finally {
    const next = hasher.waiting.shift()
    if (next) next()
    else hasher.running--
  }
}

const costText = (cost: PasswordCost): string => `m=${cost.memory},t=${cost.passes},p=${cost.lanes}`
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')

const toPhc = (cost: PasswordCost, salt: Uint8Array, tag: Uint8Array): string =>
  `$argon2id$v=19$${costText(cost)}$${base64(salt)}$${base64(tag)}`

const phcForm = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

function fromPhc(phc: string): { cost: PasswordCost; salt: Buffer; tag: Buffer } {
  const [, memory, passes, lanes, salt, tag] = phcForm.exec(phc) ?? []
  if (tag === undefined || salt === undefined) throw new Error('a stored password hash is not a PHC string of argon2id')
  return {
    cost: { memory: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}
