import { createTransport, type Transporter } from 'nodemailer'
import { perNode, type Deps } from '#node/deps.ts'
import type { Mail } from './compose-mail.ts'

/** How long the mail server may take for one step. */
const patienceMs = 20_000

/**
 * `smtps:` is TLS from the first byte. `smtp:` goes over to TLS where the server can. A password is sent over TLS only, to a server whose
 * certificate is good; without one there is nothing to keep from whoever could take the offer of TLS away, so any certificate will do.
 */

const transportOf = perNode<Transporter | undefined>(({ config: { smtpUrl } }) => {
  if (smtpUrl === undefined) return undefined
  const { protocol, hostname, port, username, password } = new URL(smtpUrl)
  const isTls = protocol === 'smtps:'
  const hasPassword = username !== ''
  return createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isTls ? 465 : 587) : Number(port),
    secure: isTls,
    ...(hasPassword && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    requireTLS: hasPassword,
    tls: { rejectUnauthorized: isTls || hasPassword },
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
})

/** True if there is a mail server to send by. */
export const canSendMail = (deps: Deps): boolean => deps.config.smtpUrl !== undefined

/** The mail was not taken. Says nothing of whom it was for: errors are logged. */
export class MailFailed extends Error {
  override readonly name = 'MailFailed'
  /** The mail server refuses this very mail, and will another time. */
  readonly isFinal: boolean
  constructor({ code, responseCode }: { code?: unknown; responseCode?: unknown }) {
    super(`the mail server did not take a mail: ${[code, responseCode].filter(Boolean).join(' ')}`)
    this.isFinal = (code === 'EENVELOPE' || code === 'EMESSAGE') && Number(responseCode) >= 500
  }
}

/**
 * Hands a mail to the mail server; resolves when that has taken it. Belongs into a job, whose transaction is the one that causes the mail:
 * a server that is away is asked again. `address` has gone through `checkEmail`. Throws `MailFailed`.
 */
export async function sendMail(deps: Deps, address: string, mail: Mail): Promise<void> {
  const transport = transportOf(deps)
  if (transport === undefined) throw new MailFailed({ code: 'none is set' })
  const from = deps.config.mailFrom ?? {
    name: 'Hearth',
    address: `noreply@${deps.config.serverName.replace(/:\d+$/, '')}`,
  }
  const headers = { 'Auto-Submitted': 'auto-generated' }
  try {
    await transport.sendMail({ ...mail, from, to: { name: '', address }, headers })
  } catch (error) {
    throw new MailFailed(error as { code?: unknown; responseCode?: unknown })
  }
}
