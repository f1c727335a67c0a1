import { invalidParam } from '#spec/errors.ts'

/** RFC 5321: 64 bytes before the sign, 255 behind; mail servers take 254 in all. */
const maxEmailLength = 254
/** What no mailbox that people have is without quotes, and what would end a line of a mail. */
const form = /^[^\s\p{C}@<>"(),:;\\[\]]{1,64}@[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*(\.[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*)*$/u

/** An address as it is compared and kept: in small letters. Appendices, "3PID Types". */
export const foldEmail = (address: string): string => address.normalize('NFC').toLowerCase()

export const isEmail = (address: string): boolean => address.length <= maxEmailLength && form.test(foldEmail(address))

/** The address as it is kept. Throws M_INVALID_PARAM. */
export function checkEmail(address: string): string {
  if (!isEmail(address)) throw invalidParam('This is no e-mail address.')
  return foldEmail(address)
}
