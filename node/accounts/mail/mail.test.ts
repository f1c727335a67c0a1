import { afterAll, beforeAll, expect, test } from 'vitest'
import { changePassword, deactivateAccount, whoami } from '#spec/api/client/account.ts'
import { getCapabilities } from '#spec/api/client/capabilities.ts'
import * as email from '#spec/api/client/email.ts'
import { login } from '#spec/api/client/login.ts'
import { register } from '#spec/api/client/register.ts'
import * as ids from '#spec/api/client/third-party-ids.ts'
import { startMailServer, type MailServer } from '#test/mail-server.ts'
import { addPerson, goodPassword, logInAgain, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { validationLifeMs } from './validate-address.ts'

let mailServer: MailServer
let node: ServedSlices
beforeAll(async () => {
  mailServer = await startMailServer()
  node = await servePeople({ HEARTH_SMTP_URL: mailServer.url })
})
afterAll(async () => {
  await node.stop()
  await mailServer.stop()
  await node.database.drop()
})

/** All three look the same from outside. */
type Asking = typeof email.requestEmailForRegister
const secret = 'a-secret_of.mine='
const newPassword = 'another cat in the garden'

/** The text of a mail, as its reader sees it. */
function textOf(raw: string): string {
  const [, part = ''] = raw.split(/Content-Type: text\/plain[^]*?\r\n\r\n/)
  return part
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
}

async function ask(asking: Asking, address: string, more: object = {}): Promise<string> {
  const answer = await node.call(asking, { body: { client_secret: secret, email: address, send_attempt: 1, ...more } })
  expect(answer).toMatchObject({ status: 200 })
  return answer.body.sid!
}

/** The path of the link in a mail. */
async function linkTo(address: string, count = 1): Promise<string> {
  const text = textOf((await mailServer.mailTo(address, count)).raw)
  const link = /^http\S+$/m.exec(text.split('----')[0]!.replaceAll('\r', ''))
  return new URL(link![0]).pathname
}

async function press(path: string): Promise<string> {
  const response = await fetch(node.address + path, { method: 'POST' })
  expect(response.status).toBe(200)
  return response.text()
}

/** A validation that is complete. */
async function show(asking: Asking, address: string): Promise<string> {
  const sid = await ask(asking, address)
  expect(await press(await linkTo(address))).toContain('Thank you')
  return sid
}

const byMail = (sid: string, client_secret = secret) => ({
  type: 'm.login.email.identity',
  threepid_creds: { sid, client_secret },
})
const byPassword = (user: string) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password: goodPassword,
})
const reset = (sid: string, more: object = {}) =>
  node.call(changePassword, { body: { new_password: newPassword, auth: byMail(sid), ...more } })
const add = (person: Person, user: string, sid: string, client_secret = secret) =>
  node.call(ids.addThirdPartyId, { token: person.token, body: { sid, client_secret, auth: byPassword(user) } })
const addressesOf = async ({ token }: Person) =>
  (await node.call(ids.getThirdPartyIds, { token })).body.threepids!.map(({ address }) => address)
const logInBy = (address: string, password: string, more: object = {}) =>
  node.call(login, {
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.thirdparty', medium: 'email', address },
      password,
      ...more,
    },
  })

async function withAddress(user: string, address = `${user}@one.example`): Promise<Person> {
  const person = await addPerson(node, user)
  expect(await add(person, user, await show(email.requestEmailForAccount, address))).toMatchObject({ status: 200 })
  return person
}

test('somebody registers with an address, and logs in by it', async () => {
  const body = { username: 'newcomer', password: goodPassword }
  const flows = (await node.call(register, { body })).body.flows
  expect(flows).toContainEqual({ stages: ['m.login.email.identity'] })
  const sid = await ask(email.requestEmailForRegister, 'New.Comer@One.example')
  const early = await node.call(register, { body: { ...body, auth: byMail(sid) } })
  expect(early).toMatchObject({ status: 401, body: { errcode: 'M_UNAUTHORIZED' } })
  await press(await linkTo('new.comer@one.example'))
  const auth = { ...byMail(sid), session: early.body.session }
  const made = await node.call(register, { body: { ...body, auth } })
  expect(made).toMatchObject({ status: 200, body: { user_id: '@newcomer:localhost' } })
  const person = { userId: made.body.user_id!, deviceId: made.body.device_id!, token: made.body.access_token! }
  const { body: own } = await node.call(ids.getThirdPartyIds, { token: person.token })
  expect(own.threepids).toEqual([
    {
      medium: 'email',
      address: 'new.comer@one.example',
      validated_at: expect.any(Number),
      added_at: expect.any(Number),
    },
  ])
  expect(await logInBy('NEW.comer@one.example', goodPassword)).toMatchObject({
    status: 200,
    body: { user_id: person.userId },
  })
  const replayed = await node.call(register, {
    body: { username: 'second', password: goodPassword, auth: byMail(sid) },
  })
  expect(replayed).toMatchObject({ status: 401, body: { errcode: 'M_UNAUTHORIZED' } })
})

test('an address is added to an account, where its password is given, and taken off again', async () => {
  const person = await addPerson(node, 'adder')
  const sid = await ask(email.requestEmailForAccount, 'adder@one.example')
  expect(await add(person, 'adder', sid)).toMatchObject({ status: 400, body: { errcode: 'M_THREEPID_AUTH_FAILED' } })
  await press(await linkTo('adder@one.example'))
  const asked = await node.call(ids.addThirdPartyId, { token: person.token, body: { sid, client_secret: secret } })
  expect({ status: asked.status, flows: asked.body.flows }).toEqual({
    status: 401,
    flows: [{ stages: ['m.login.password'] }],
  })
  expect((await add(person, 'adder', sid, 'wrong')).body.errcode).toBe('M_THREEPID_AUTH_FAILED')
  expect(await add(person, 'adder', sid)).toMatchObject({ status: 200, body: {} })
  expect((await add(person, 'adder', sid)).body.errcode).toBe('M_THREEPID_AUTH_FAILED')
  expect(await addressesOf(person)).toEqual(['adder@one.example'])
  const gone = await node.call(ids.deleteThirdPartyId, {
    token: person.token,
    body: { medium: 'email', address: 'ADDER@one.example' },
  })
  expect(gone).toMatchObject({ status: 200, body: { id_server_unbind_result: 'no-support' } })
  expect(await addressesOf(person)).toEqual([])
  expect((await logInBy('adder@one.example', goodPassword)).status).toBe(403)
})

test('an address belongs to one account: of two that add it at once one gets it', async () => {
  const [one, two] = [await addPerson(node, 'twin1'), await addPerson(node, 'twin2')]
  const first = await show(email.requestEmailForAccount, 'twins@one.example')
  const second = await ask(email.requestEmailForAccount, 'twins@one.example', { client_secret: 'other' })
  await press(await linkTo('twins@one.example', 2))
  const answers = await Promise.all([add(one, 'twin1', first), add(two, 'twin2', second, 'other')])
  expect(answers.map((answer) => answer.body.errcode ?? 'added').toSorted()).toEqual(['M_THREEPID_IN_USE', 'added'])
  expect([...(await addressesOf(one)), ...(await addressesOf(two))]).toEqual(['twins@one.example'])
})

test('who has an address stays between the server and its owner', async () => {
  await withAddress('known')
  for (const asking of [email.requestEmailForRegister, email.requestEmailForAccount]) {
    await ask(asking, 'known@one.example', { client_secret: asking.path.replace(/[^a-z]/g, '') })
    const free = await node.call(asking, {
      body: { client_secret: secret, email: 'free@one.example', send_attempt: 1 },
    })
    expect(Object.keys(free.body)).toEqual(['sid'])
  }
  for (const count of [2, 3]) {
    const text = textOf((await mailServer.mailTo('known@one.example', count)).raw)
    expect(text).toContain('@known:localhost')
    expect(text).not.toContain('/_hearth/email/')
  }
  const sid = await ask(email.requestEmailForPassword, 'stranger@one.example')
  expect(textOf((await mailServer.mailTo('stranger@one.example')).raw)).toContain('no account there has it')
  expect((await reset(sid)).status).toBe(401)
  const wrong = await logInBy('known@one.example', 'wrong')
  expect([wrong.status, wrong.body]).toEqual([403, (await logInBy('nobody@one.example', 'wrong')).body])
})

test('a forgotten password is replaced by mail, and every device is logged out', async () => {
  const person = await withAddress('forgetful')
  const phone = await logInAgain(node, 'forgetful')
  const sid = await ask(email.requestEmailForPassword, 'forgetful@one.example')
  const early = await reset(sid)
  expect({ status: early.status, flows: early.body.flows }).toEqual({
    status: 401,
    flows: [{ stages: ['m.login.email.identity'] }],
  })
  const other = await ask(email.requestEmailForPassword, 'forgetful@one.example', { client_secret: 'other' })
  await press(await linkTo('forgetful@one.example', 2))
  await press(await linkTo('forgetful@one.example', 3))
  expect((await reset(sid, { auth: byMail(sid, 'wrong') })).status).toBe(401)
  expect((await reset(sid, { new_password: 'short' })).body.errcode).toBe('M_WEAK_PASSWORD')
  const answers = await Promise.all([reset(sid), reset(sid)])
  expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1)
  for (const { token } of [person, phone]) expect((await node.call(whoami, { token })).status).toBe(401)
  expect((await logInBy('forgetful@one.example', goodPassword)).status).toBe(403)
  expect((await logInBy('forgetful@one.example', newPassword)).status).toBe(200)
  // What was begun with the old password ends with it.
  expect((await reset(other, { auth: byMail(other, 'other') })).status).toBe(401)
})

test('devices stay where they are to stay', async () => {
  const person = await withAddress('keeper')
  await ask(email.requestEmailForPassword, 'keeper@one.example')
  const sid = await ask(email.requestEmailForPassword, 'keeper@one.example')
  await press(await linkTo('keeper@one.example', 2))
  expect((await reset(sid, { logout_devices: false })).status).toBe(200)
  expect((await node.call(whoami, { token: person.token })).status).toBe(200)
})

test('a validation serves what it was begun for and nothing else', async () => {
  const person = await withAddress('purpose')
  const sid = await show(email.requestEmailForRegister, 'purpose2@one.example')
  expect((await add(person, 'purpose', sid)).body.errcode).toBe('M_THREEPID_AUTH_FAILED')
  expect((await reset(sid)).status).toBe(401)
})

test('an account that ends takes its addresses with it', async () => {
  const person = await withAddress('ending')
  const sid = await ask(email.requestEmailForPassword, 'ending@one.example')
  await press(await linkTo('ending@one.example', 2))
  await node.call(deactivateAccount, { token: person.token, body: { auth: byPassword('ending') } })
  expect((await reset(sid)).status).toBe(401)
  expect(await node.deps.sql`select 1 from threepids where user_id = ${person.userId}`).toHaveLength(0)
})

test('a mail is sent for a higher attempt only, and each link is good', async () => {
  const address = 'again@one.example'
  const sid = await ask(email.requestEmailForAccount, address)
  const first = await linkTo(address)
  expect(await ask(email.requestEmailForAccount, address)).toBe(sid)
  expect(await ask(email.requestEmailForAccount, address, { send_attempt: 2 })).toBe(sid)
  const second = await linkTo(address, 2)
  await node.worker.idle()
  expect(mailServer.mails().filter((mail) => mail.to.includes(address))).toHaveLength(2)
  expect(second).not.toBe(first)
  expect(await press(first)).toContain('Thank you')
  expect(await press(second)).toContain('Thank you')
})

test('only hashes of links and secrets are kept', async () => {
  await ask(email.requestEmailForAccount, 'hashes@one.example')
  const token = (await linkTo('hashes@one.example')).split('/').at(-1)!
  const rows = await node.deps.sql`
    select to_jsonb(v)::text || to_jsonb(l)::text as text from mail_validations v join mail_links l using (sid)`
  const jobs = await node.deps.sql`select to_jsonb(j)::text as text from jobs j`
  const kept = [...rows, ...jobs].map((row) => String(row['text'])).join()
  expect(kept).toContain('hashes@one.example')
  expect(kept).not.toContain(token)
  expect(kept).not.toContain(secret)
})

test('opening a link changes nothing, and its page does nothing but ask', async () => {
  const sid = await ask(email.requestEmailForAccount, 'scanned@one.example')
  const path = await linkTo('scanned@one.example')
  const page = await fetch(node.address + path)
  const html = await page.text()
  const evil = await (await fetch(`${node.address}/_hearth/email/x/y?"><script>alert(1)</script>`)).text()
  expect(evil).toBe(html)
  expect(html).not.toMatch(/<script|\son\w+=|javascript:/i)
  expect(html).toContain('<form method="post">')
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    ),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  const person = await addPerson(node, 'scanned')
  expect((await add(person, 'scanned', sid)).body.errcode).toBe('M_THREEPID_AUTH_FAILED')
  expect(await press(path.replace(/.$/, '_'))).toContain('not good')
})

test.each([
  ['javascript:alert(1)', undefined],
  ['https://evil.example/', undefined],
  ['http://localhost:8008@evil.example/', undefined],
  ['//evil.example', undefined],
  [
    'http://localhost:8008/"><script>alert(1)</script>&x',
    'http://localhost:8008/&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#38;x',
  ],
])('the way on to %s leads nowhere else', async (next_link, href) => {
  const address = `next${next_link.length}@one.example`
  await ask(email.requestEmailForAccount, address, { next_link })
  const html = await press(await linkTo(address))
  expect(html).not.toContain('<script')
  expect(/<a href="([^"]*)"/.exec(html)?.[1]).toBe(href)
})

test.each(['a@one.example\r\nBcc: spy@one.example', 'a@one.example,spy@one.example', '<a@one.example>', 'nobody'])(
  'no mail is sent to %j',
  async (address) => {
    await node.worker.idle()
    const before = mailServer.mails().length
    for (const asking of [email.requestEmailForRegister, email.requestEmailForPassword, email.requestEmailForAccount])
      expect(
        await node.call(asking, { body: { client_secret: secret, email: address, send_attempt: 1 } }),
      ).toMatchObject({ status: 400, body: { errcode: 'M_INVALID_PARAM' } })
    expect(await node.deps.sql`select 1 from jobs where kind = 'mail a validation'`).toHaveLength(0)
    expect(mailServer.mails()).toHaveLength(before)
  },
)

test('a mail server that is away for a moment is asked again', async () => {
  mailServer.refuseWith(451)
  const level = node.deps.log.level
  node.deps.log.level = 'silent'
  await ask(email.requestEmailForAccount, 'later@one.example')
  await node.worker.idle()
  mailServer.refuseWith(0)
  node.clock.advance(5_000)
  expect(await press(await linkTo('later@one.example'))).toContain('Thank you')
  node.deps.log.level = level
})

test('phones and identity servers are not for this server', async () => {
  const { token } = await addPerson(node, 'plain')
  const phone = { client_secret: secret, country: 'TR', phone_number: '5550100', send_attempt: 1 }
  for (const asking of [email.requestPhoneForRegister, email.requestPhoneForPassword, email.requestPhoneForAccount])
    expect(await node.call(asking, { body: phone })).toMatchObject({
      status: 400,
      body: { errcode: 'M_THREEPID_MEDIUM_NOT_SUPPORTED' },
    })
  const body = { client_secret: secret, sid: 'x', id_server: 'id.example', id_access_token: 'x' }
  expect((await node.call(ids.bindThirdPartyId, { token, body })).body.errcode).toBe('M_SERVER_NOT_TRUSTED')
  const unbind = { medium: 'email', address: 'a@one.example' }
  expect((await node.call(ids.unbindThirdPartyId, { token, body: unbind })).body.id_server_unbind_result).toBe(
    'no-support',
  )
})

test('without a mail server all of it is refused clearly, and nobody is offered it', async () => {
  const bare = await servePeople({})
  const person = await addPerson(bare, 'ayse')
  const capabilities = async (on: ServedSlices, token: string) =>
    (await on.call(getCapabilities, { token })).body.capabilities!['m.3pid_changes']
  expect(await capabilities(bare, person.token)).toEqual({ enabled: false })
  expect(await capabilities(node, (await addPerson(node, 'capable')).token)).toEqual({ enabled: true })
  const body = { client_secret: secret, email: 'a@one.example', send_attempt: 1 }
  expect((await bare.call(email.requestEmailForAccount, { body })).body.errcode).toBe('M_THREEPID_MEDIUM_NOT_SUPPORTED')
  expect(await bare.call(changePassword, { body: { new_password: newPassword } })).toMatchObject({
    status: 401,
    body: { errcode: 'M_MISSING_TOKEN' },
  })
  const flows = (await bare.call(register, { body: { username: 'x', password: goodPassword } })).body.flows!
  expect(flows.flatMap(({ stages }) => stages)).not.toContain('m.login.email.identity')
  await bare.stop()
  await bare.database.drop()
})

test('mistakes with an address are counted by it, those with a name by the name', async () => {
  await withAddress('guessed')
  const limited = await servePeople({ HEARTH_SMTP_URL: mailServer.url, HEARTH_RATE_LIMITS: 'on' }, node.database)
  const statuses = async (body: (i: number) => object) => {
    const all: number[] = []
    for (let i = 0; i < 11; i++) {
      limited.clock.advance(5_000)
      all.push(
        (await limited.call(login, { body: { type: 'm.login.password', password: 'wrong', ...body(i) } })).status,
      )
    }
    return all
  }
  const tries = [...Array.from({ length: 10 }, () => 403), 429]
  const by = (address: string) => () => ({ identifier: { type: 'm.id.thirdparty', medium: 'email', address } })
  // An address beside a name is not looked at.
  expect(await statuses((i) => ({ user: 'guessed', medium: 'email', address: `${i}@one.example` }))).toEqual(tries)
  expect(await statuses(by('guessed@one.example'))).toEqual(tries)
  expect(await statuses(by('unguessed@one.example'))).toEqual(tries)
  const asked: number[] = []
  for (let i = 0; i < 11; i++) {
    limited.clock.advance(5_000)
    const body = { client_secret: `s${i}`, email: 'flooded@one.example', send_attempt: 1 }
    asked.push((await limited.call(email.requestEmailForPassword, { body })).status)
  }
  expect(asked).toEqual([...Array.from({ length: 10 }, () => 200), 429])
  await limited.stop()
})

test('links and validations expire', async () => {
  const person = await addPerson(node, 'late')
  const sid = await ask(email.requestEmailForAccount, 'late@one.example')
  const path = await linkTo('late@one.example')
  node.clock.advance(validationLifeMs)
  expect(await press(path)).toContain('not good')
  expect(await ask(email.requestEmailForAccount, 'late@one.example')).not.toBe(sid)
  const again = await ask(email.requestEmailForAccount, 'late@one.example')
  await press(await linkTo('late@one.example', 2))
  node.clock.advance(validationLifeMs)
  expect((await add(person, 'late', again)).body.errcode).toBe('M_THREEPID_AUTH_FAILED')
})
