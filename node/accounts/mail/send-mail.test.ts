import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMailServer, type MailServer } from '#test/mail-server.ts'
import { servePeople } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { composeMail } from './compose-mail.ts'
import { checkEmail } from './email-address.ts'
import { canSendMail, MailFailed, sendMail } from './send-mail.ts'

let mailServer: MailServer
let node: ServedSlices
beforeAll(async () => {
  mailServer = await startMailServer()
  node = await servePeople({ HEARTH_SMTP_URL: mailServer.url, HEARTH_MAIL_FROM: 'Home <home@one.example>' })
})
afterAll(async () => {
  await node.stop()
  await mailServer.stop()
  await node.database.drop()
})

/** What sending throws, where it must. */
const failureOf = (sending: Promise<void>): Promise<MailFailed> =>
  sending.then(
    () => expect.unreachable('this was sent'),
    (error: unknown) => error as MailFailed,
  )

test('a mail arrives as text and as HTML in which nobody’s words are markup', async () => {
  const words = '<img src=x onerror=alert(1)>"\'&\r\nBcc: all@one.example'
  await sendMail(
    node.deps,
    'ayse@one.example',
    composeMail(`Hi\r\nBcc: spy@one.example ${words}`, [words, { link: 'https://one.example/?a="b"&c' }]),
  )
  const mail = await mailServer.mailTo('ayse@one.example')
  expect({ from: mail.from, to: mail.to }).toEqual({ from: 'home@one.example', to: ['ayse@one.example'] })
  const headers = mail.raw.slice(0, mail.raw.indexOf('\r\n\r\n'))
  expect(headers).toMatch(/^From: Home <home@one\.example>$/m)
  expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m)
  expect(headers).not.toMatch(/^Bcc:/im)
  const { html, text, subject } = composeMail(words, [words, { link: 'https://one.example/?a="b"&c' }])
  expect(html).not.toMatch(/<img|onerror=alert\(1\)>|="b"/)
  expect(html).toContain('&#60;img src=x')
  expect(text).toContain('https://one.example/?a="b"&c')
  expect(subject).not.toContain('\n')
})

test('a refusal says whether the mail server will take it another time, and not whom it was for', async () => {
  const mail = composeMail('Hello', ['Hello'])
  for (const [code, isFinal] of [
    [550, true],
    [451, false],
  ] as const) {
    mailServer.refuseWith(code)
    const failure = await failureOf(sendMail(node.deps, 'secret@one.example', mail))
    expect({ name: failure.name, isFinal: failure.isFinal }).toEqual({ name: 'MailFailed', isFinal })
    expect(failure.message).not.toContain('secret')
  }
  mailServer.refuseWith(0)
  await expect(sendMail(node.deps, 'secret@one.example', mail)).resolves.toBeUndefined()
})

test('a password is not sent to a server without TLS', async () => {
  const url = mailServer.url.replace('//', '//user:p%40ss@')
  const deps = { ...node.deps, config: { ...node.deps.config, smtpUrl: url } }
  const failure = await failureOf(sendMail(deps, 'plain@one.example', composeMail('Hello', ['Hello'])))
  expect({ name: failure.name, isFinal: failure.isFinal }).toEqual({ name: 'MailFailed', isFinal: false })
  expect(mailServer.mails().some((mail) => mail.to.includes('plain@one.example'))).toBe(false)
})

test('without a mail server nothing is sent', async () => {
  const deps = { ...node.deps, config: { ...node.deps.config, smtpUrl: undefined } }
  expect(canSendMail(deps)).toBe(false)
  expect((await failureOf(sendMail(deps, 'a@one.example', composeMail('a', ['a'])))).name).toBe('MailFailed')
})

test.each(['ayse@one.example', 'Ayşe.Öz+home@Öne.example', "o'neil@one.example", 'a@localhost'])(
  '%s is an address',
  (address) => {
    expect(checkEmail(address)).toBe(address.normalize('NFC').toLowerCase())
  },
)

test.each([
  'a@b\r\nBcc: c@d.example',
  'a\r\nRCPT TO:<b@c>@one.example',
  'a@b.example, c@d.example',
  'a@b.example;c@d.example',
  '<a@b.example>',
  '"a b"@one.example',
  'a@b@c.example',
  '@one.example',
  'a@',
  'a@-',
  'a@one..example',
  'a\u0000@one.example',
  'a\u202e@one.example',
  'a@[127.0.0.1]',
  `${'a'.repeat(65)}@one.example`,
  `a@${'b.'.repeat(150)}example`,
])('%j is no address', (address) => {
  expect(() => checkEmail(address)).toThrow(expect.objectContaining({ code: 'M_INVALID_PARAM' }))
})
