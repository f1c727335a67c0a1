import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { signal } from '#client-sdk/signal.ts'
import { when } from './when.ts'

/** A mail as it came, and whom the envelope says that it is for. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** Headers and body, as sent. */
  readonly raw: string
}

/** A real mail server that keeps what it is sent. */
export interface MailServer {
  /** For HEARTH_SMTP_URL. */
  readonly url: string
  mails(): readonly ReceivedMail[]
  /** The first mail to an address, or the one of that number, once it is there. */
  mailTo(address: string, count?: number): Promise<ReceivedMail>
  /** Refuses whatever comes with this code until it is called with 0. */
  refuseWith(code: number): void
  stop(): Promise<void>
}

export async function startMailServer(): Promise<MailServer> {
  const received = signal<readonly ReceivedMail[]>([])
  let refusal = 0
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo(_to, _session, done) {
      done(refusal === 0 ? null : Object.assign(new Error('Not now.'), { responseCode: refusal }))
    },
    onData(stream, { envelope }, done) {
      text(stream).then((raw) => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        received.set([...received.get(), { from, to: envelope.rcptTo.map((to) => to.address), raw }])
        done()
      }, done)
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails: () => received.get(),
    mailTo: (address, count = 1) =>
      when(
        received,
        (mails) => mails.filter((mail) => mail.to.includes(address))[count - 1],
        `mail ${count} to ${address}`,
      ),
    refuseWith(code) {
      refusal = code
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
