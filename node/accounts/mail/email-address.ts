import { invalidParam } from '#spec/errors.ts'

/** RFC 5321: 64 bytes before the sign, 255 behind; mail servers take 254 in all. */
const maxEmailLength = 254
/** What no mailbox that people have is without quotes, and what would end a line of a mail. */
const form = /^[^\s\p{C}@<>"(),:;\\[\]]{1,64}@[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*(\.[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*)*$/u

/** An address as it is compared and kept: in small letters. Appendices, "3PID Types". */
export const foldEmail = (address: string): string => address.normalize('NFC').toLowerCase()

/** The address as it is kept. Throws M_INVALID_PARAM. */
export function checkEmail(address: string): string {
  const folded = foldEmail(address)
  if (folded.length > maxEmailLength || !form.test(folded)) throw invalidParam('This is no e-mail address.')
  return folded
}
