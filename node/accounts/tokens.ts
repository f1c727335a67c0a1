import { createHmac, hash } from 'node:crypto'
import type { DeviceId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'

/** A token's prefix says what it is to whoever finds it in a log, and to scanners for leaked secrets. */
const prefixes = {
  access: 'hearth_at_',
  refresh: 'hearth_rt_',
  login: 'hearth_lt_',
  openId: 'hearth_oi_',
  mail: 'hearth_mt_',
} as const

const secret = (deps: Deps, bytes: number): string => Buffer.from(deps.random.bytes(bytes)).toString('base64url')

/** A token of 256 random bits. */
export const newToken = (deps: Deps, kind: keyof typeof prefixes): string => prefixes[kind] + secret(deps, 32)

/** True for what could be an access token of ours: anything else costs no look into the database. */
export const looksLikeAccessToken = (token: string): boolean => /^hearth_at_[A-Za-z0-9_-]{43}$/.test(token)

/** A token for registration, 192 random bits: short enough to be read out in need. */
export const newRegistrationToken = (deps: Deps): string => secret(deps, 24)

/** A name that cannot be guessed. */
export const newId = (deps: Deps): string => secret(deps, 12)

/** The id of a session of user-interactive authentication. */
export const newAuthSession = (deps: Deps): string => secret(deps, 32)

/** What is kept of a token: SHA-256, in base64. With 256 random bits behind it, nothing slower is needed. */
export const hashToken = (token: string): string => hash('sha256', token, 'base64')

/** A digest of `text` that only the holder of `key` can make or check. */
export const macOf = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('base64')

/** Ten letters, as other servers make them: 47 bits are enough to tell one user's devices apart. */
export function newDeviceId(deps: Deps): DeviceId {
  const letters = Array.from(deps.random.bytes(10), (byte) => String.fromCharCode(65 + (byte % 26)))
  return letters.join('') as DeviceId
}

const localpartLetters = 'abcdefghijkmnpqrstuvwxyz23456789'

/** A user name for somebody who gave none; its letters cannot be taken for each other. */
export const newLocalpart = (deps: Deps): string =>
  Array.from(deps.random.bytes(12), (byte) => localpartLetters[byte % localpartLetters.length]).join('')
