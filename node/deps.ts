import { createPublicKey, hash, randomBytes, sign, verify, type KeyObject } from 'node:crypto'
import pino from 'pino'
import type { Sql } from '#node/db/connect.ts'
import type { Crypto, SigningKey } from '#spec/sign.ts'
import type { Config } from '#node/config.ts'
import type { OutsideFetch } from '#node/outside/outside-call.ts'
import type { OnEvents } from '#node/slice.ts'
import type { Stream } from '#node/stream/commit.ts'

/** Time, as the node sees it. Simulations bring their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Calls `run` after `ms`; the answer cancels it. A pending call never keeps the process alive. */
  after(ms: number, run: () => void): () => void
  /** Calls `run` when what this turn of the event loop has to do is done: for work that can wait for more of its kind. */
  soon(run: () => void): void
}

/** Chance, as the node sees it. */
export interface Random {
  bytes(length: number): Uint8Array
}

/** The key that this node signs with, and the primitives that `spec/` is handed. */
export interface Keys {
  readonly signing: SigningKey
  readonly crypto: Crypto
}

/** Everything a slice is given. It knows nothing of the slices themselves. */
export interface Deps {
  readonly sql: Sql
  readonly config: Config
  readonly log: pino.Logger
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  /** How anything outside is called: nothing else opens a connection to another machine. */
  readonly fetch: OutsideFetch
  /** What later slices add to the transaction that stores events, in slice order. */
  readonly onEvents: readonly OnEvents[]
  readonly stream: Stream
}

/**
 * In-memory state that belongs to one running node: `const roomsOf = perNode(() => new Map())`, then `roomsOf(deps)`.
 * Several nodes live in one process in the tests, so a module must never hold such state itself.
 */
export function perNode<State>(make: (deps: Deps) => State): (deps: Deps) => State {
  const states = new WeakMap<Deps, State>()
  return (deps) => {
    const found = states.get(deps)
    if (found !== undefined) return found
    const made = make(deps)
    states.set(deps, made)
    return made
  }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
  soon: (run) => void setImmediate(run),
}

export const systemRandom: Random = { bytes: (length) => randomBytes(length) }

const ed25519SpkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * Keys as node:crypto wants them, by their bytes. Making one takes about as long as verifying with it, and a server signs all its events
 * with one key.
 */
const publicKeys = new Map<string, KeyObject>()
const maxPublicKeys = 1000

function publicKeyOf(bytes: Uint8Array): KeyObject {
  const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const known = publicKeys.get(name)
  if (known !== undefined) return known
  const der = Buffer.concat([ed25519SpkiPrefix, bytes])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  // The one that has been here longest goes: a key in use is soon made again.
  if (publicKeys.size >= maxPublicKeys) publicKeys.delete(publicKeys.keys().next().value!)
  publicKeys.set(name, key)
  return key
}

/** node:crypto is twelve times faster than any ed25519 written in JavaScript. */
export const systemCrypto: Crypto = {
  // By way of a text, because a buffer that node:crypto hands out is memory of its own each time, and dear to collect.
  sha256: (bytes) => Buffer.from(hash('sha256', bytes, 'binary'), 'binary'),
  verify: (publicKey, message, signature) =>
    publicKey.length === 32 && signature.length === 64 && verify(null, message, publicKeyOf(publicKey), signature),
}

export const signWith = (key: KeyObject, message: Uint8Array): Uint8Array => sign(null, message, key)

export const createLogger = (level: string): pino.Logger =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
