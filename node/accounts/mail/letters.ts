import { composeMail, type Mail } from './compose-mail.ts'

/** What a mail to an address is for. */
export type Letter =
  | { readonly kind: 'validate'; readonly purpose: 'register' | 'password' | 'add'; readonly link: string }
  /** Somebody wants to use an address that an account has already. */
  | { readonly kind: 'taken'; readonly userId: string }
  /** Somebody wants to reset the password of an account with an address that no account has. */
  | { readonly kind: 'unknown' }

const asked = {
  register: 'Somebody, most likely you, is making an account with this address',
  password: 'Somebody, most likely you, wants to set a new password for the account with this address',
  add: 'Somebody, most likely you, wants to add this address to an account',
} as const

const harmless = 'If it was not you, there is nothing that you need to do: nothing has changed.'

export function writeLetter(letter: Letter, serverName: string): Mail {
  const subject = `Your address on ${serverName}`
  if (letter.kind === 'validate')
    return composeMail(letter.purpose === 'password' ? `A new password for ${serverName}` : subject, [
      `${asked[letter.purpose]} on ${serverName}. To go on, open this page within an hour, and press the button there:`,
      { link: letter.link },
      harmless,
    ])
  if (letter.kind === 'taken')
    return composeMail(subject, [
      `Somebody wants to use this address for an account on ${serverName}. It belongs to ${letter.userId} there already. If that is you and you cannot get in, ask for a new password instead.`,
      harmless,
    ])
  return composeMail(subject, [
    `Somebody asked for a new password on ${serverName} with this address, but no account there has it. Perhaps you have another address, or an account on another server.`,
    harmless,
  ])
}
