import { invalidParam, MatrixError } from '#spec/errors.ts'
import { isTooLong, maxPasswordBytes } from './password.ts'
import { commonPasswords } from './common-passwords.ts'

/** The shortest password, in characters. Client-Server API, "Password management" recommends as much. */
export const minPasswordLength = 8

/**
 * Refuses a password that guessing finds in its first few thousand tries. Length and the commonest choices are all that is asked:
 * rules about kinds of characters only make passwords alike.
 * Throws M_WEAK_PASSWORD; M_INVALID_PARAM for one that is too long.
 */
export function checkNewPassword(password: string, localpart: string | undefined): void {
  if (isTooLong(password)) throw invalidParam(`A password may have at most ${maxPasswordBytes} bytes.`)
  const plain = password.normalize('NFKC').toLowerCase()
  const problem = problemOf(plain, localpart)
  if (problem !== undefined) throw new MatrixError('M_WEAK_PASSWORD', problem)
}

function problemOf(plain: string, localpart: string | undefined): string | undefined {
  if ([...plain].length < minPasswordLength) return `A password needs at least ${minPasswordLength} characters.`
  if (commonPasswords.has(plain)) return 'This password is one of the first that people guess. Please choose another.'
  if (new Set(plain).size <= 2) return 'This password repeats too few characters. Please choose another.'
  if (isRun(plain)) return 'This password only counts up or down. Please choose another.'
  if (localpart !== undefined && plain.replaceAll(localpart, '').length < 3 && plain.includes(localpart))
    return 'This password is hardly more than the user name. Please choose another.'
  return undefined
}

/** `abcdefgh`, `87654321`, `1234567890`. */
function isRun(plain: string): boolean {
  const steps = new Set([...plain].slice(1).map((c, i) => step(plain.charCodeAt(i), c.charCodeAt(0))))
  return steps.size === 1 && (steps.has(1) || steps.has(-1))
}

/** From 9 on to 0 counts as one up, as on a keyboard. */
const step = (from: number, to: number): number =>
  from === 0x39 && to === 0x30 ? 1 : from === 0x30 && to === 0x39 ? -1 : to - from
