import { afterAll, beforeAll, expect, test } from 'vitest'
import { changePassword } from '#spec/api/client/account.ts'
import { deleteDevice } from '#spec/api/client/devices.ts'
import { register } from '#spec/api/client/register.ts'
import { addPerson, goodPassword, logInAgain, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { setupToken } from './setup.ts'

let node: ServedSlices
let ayse: Person
beforeAll(async () => {
  node = await servePeople({ HEARTH_TERMS_URL: 'https://example.org/terms' })
  const body = { username: 'ayse', password: goodPassword }
  const first = await node.call(register, { body: { ...body, auth: { type: 'm.login.dummy' } } })
  const auth = { type: 'm.login.terms', session: first.body.session }
  const made = (await node.call(register, { body: { ...body, auth } })).body
  ayse = { userId: made.user_id!, deviceId: made.device_id!, token: made.access_token! }
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const tryRegister = (body: object) => node.call(register, { body })
const wish = (username: string) => ({ username, password: goodPassword })
const begin = async (body: object) => (await tryRegister(body)).body.session!
const terms = (session?: string) => ({ type: 'm.login.terms', session })
const dummy = (session?: string) => ({ type: 'm.login.dummy', session })

test('steps cannot be taken out of order', async () => {
  const session = await begin(wish('hasty'))
  const { status, body } = await tryRegister({ ...wish('hasty'), auth: terms(session) })
  expect({ status, code: body.errcode }).toEqual({ status: 401, code: 'M_FORBIDDEN' })
  expect(body.session).toBe(session)
  expect(body.completed ?? []).toEqual([])
})

test('a step that no flow has is refused', async () => {
  const { status, body } = await tryRegister({ ...wish('odd'), auth: { type: 'm.login.recaptcha' } })
  expect({ status, code: body.errcode }).toEqual({ status: 401, code: 'M_FORBIDDEN' })
})

test('a step that was done counts as done when it is sent again', async () => {
  const session = await begin(wish('twice'))
  for (let i = 0; i < 2; i++) {
    const { status, body } = await tryRegister({ ...wish('twice'), auth: dummy(session) })
    expect({ status, completed: body.completed }).toEqual({ status: 401, completed: ['m.login.dummy'] })
    expect(body).not.toHaveProperty('errcode')
  }
  expect((await tryRegister({ ...wish('twice'), auth: { session } })).body.completed).toEqual(['m.login.dummy'])
  expect((await tryRegister({ ...wish('twice'), auth: terms(session) })).status).toBe(200)
})

test('a session serves one request only', async () => {
  const session = await begin(wish('original'))
  await tryRegister({ ...wish('original'), auth: dummy(session) })
  for (const other of [
    wish('changed'),
    { ...wish('original'), password: 'another good one' },
    { ...wish('original'), device_id: 'X' },
  ]) {
    const { status, body } = await tryRegister({ ...other, auth: terms(session) })
    expect({ status, code: body.errcode }).toEqual({ status: 403, code: 'M_FORBIDDEN' })
  }
  const elsewhere = { new_password: 'another good one', auth: terms(session) }
  expect((await node.call(changePassword, { token: ayse.token, body: elsewhere })).status).toBe(403)
  expect((await tryRegister({ ...wish('original'), auth: terms(session) })).status).toBe(200)
})

test('a session is over when it has served', async () => {
  const session = await begin(wish('single'))
  await tryRegister({ ...wish('single'), auth: dummy(session) })
  await tryRegister({ ...wish('single'), auth: terms(session) })
  const again = await tryRegister({ ...wish('single'), auth: terms(session) })
  expect(again.body.errcode).toBe('M_USER_IN_USE')
  const left = await node.deps.sql`select 1 from auth_sessions where completed like '%terms%'`
  expect(left).toHaveLength(0)
})

test('of ten that take the last step at once, one is let through', async () => {
  const wish = { password: goodPassword, inhibit_login: true }
  const session = await begin(wish)
  await tryRegister({ ...wish, auth: dummy(session) })
  const answers = await Promise.all(Array.from({ length: 10 }, () => tryRegister({ ...wish, auth: terms(session) })))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(9).fill(401)])
})

test('a token that is wrong leaves the session where it was', async () => {
  const session = await begin(wish('invited'))
  const token = (await setupToken(node.deps))!
  const give = (text: string) => ({ type: 'm.login.registration_token', token: text, session })
  const wrong = await tryRegister({ ...wish('invited'), auth: give('wrong') })
  expect(wrong).toMatchObject({ status: 401, body: { errcode: 'M_FORBIDDEN', session } })
  const right = await tryRegister({ ...wish('invited'), auth: give(token) })
  expect(right.body.completed).toEqual(['m.login.registration_token'])
  expect((await tryRegister({ ...wish('invited'), auth: terms(session) })).status).toBe(200)
  expect(await setupToken(node.deps)).toBeUndefined()
})

test('a session of one user is nothing to another', async () => {
  const phone = await logInAgain(node, 'ayse')
  const params = { deviceId: phone.deviceId }
  const { session } = (await node.call(deleteDevice, { token: ayse.token, params, body: {} })).body
  const strict = { ...wish('stranger') }
  const first = (await tryRegister({ ...strict, auth: dummy() })).body.session
  const made = await tryRegister({ ...strict, auth: terms(first) })
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: 'stranger' },
    password: goodPassword,
    session,
  }
  const tried = await node.call(deleteDevice, { token: made.body.access_token, params, body: { auth } })
  expect(tried.status).toBe(403)
})

test('a session ends after an hour, and says so', async () => {
  const session = await begin(wish('slow'))
  node.clock.advance(3_600_001)
  const { status, body } = await tryRegister({ ...wish('slow'), auth: dummy(session) })
  expect({ status, code: body.errcode }).toEqual({ status: 401, code: 'M_UNKNOWN' })
  expect(body.session).not.toBe(session)
  expect(await node.deps.sql`select 1 from auth_sessions where expires_at <= ${node.clock.now()}`).toHaveLength(0)
})

test('nothing of a password or a session id stands in the database', async () => {
  const session = await begin(wish('secretive'))
  const rows = await node.deps.sql`select auth_sessions::text as row from auth_sessions`
  const text = rows.map(({ row }) => String(row)).join()
  expect(rows.length).toBeGreaterThan(0)
  for (const secret of [session, goodPassword, 'secretive']) expect(text).not.toContain(secret)
})

test.each([['text'], [[]], [17]])('auth that is %j is refused', async (auth) => {
  expect((await tryRegister({ ...wish('malformed'), auth })).body.errcode).toBe('M_BAD_JSON')
})

test('auth without a type asks where the session stands', async () => {
  const { status, body } = await tryRegister({ ...wish('asking'), auth: {} })
  expect(status).toBe(401)
  expect(body).not.toHaveProperty('errcode')
  await expect(addPerson(node, 'asking')).rejects.toThrow()
})
