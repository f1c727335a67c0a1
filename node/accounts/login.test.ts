import { afterAll, beforeAll, expect, test } from 'vitest'
import { changePassword, deactivateAccount, whoami } from '#spec/api/client/account.ts'
import { getDevices } from '#spec/api/client/devices.ts'
import { getLoginFlows, login, logout, logoutAll } from '#spec/api/client/login.ts'
import { addPerson, goodPassword, logInAgain, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { hashesBegun, lowerPasswordCost } from './password.ts'
import { onRevoked, type Revoked } from './revoked.ts'
import { newToken } from './tokens.ts'

let node: ServedSlices
let ayse: Person
beforeAll(async () => {
  node = await servePeople()
  ayse = await addPerson(node, 'ayse')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const tryLogin = (body: object) =>
  node.call(login, { body: { type: 'm.login.password', password: goodPassword, ...body } })
const named = (user: string) => ({ identifier: { type: 'm.id.user', user } })
const statusOf = async (token: string) => (await node.call(whoami, { token })).status

test('one logs in by password, or with a token that another device gives', async () => {
  expect((await node.call(getLoginFlows)).body).toEqual({
    flows: [{ type: 'm.login.password' }, { type: 'm.login.token', get_login_token: true }],
  })
})

test.each([named('ayse'), named('@ayse:localhost'), named('Ayse'), { user: 'ayse' }, { user: '@ayse:localhost' }])(
  '%j logs in',
  async (name) => {
    const { status, body } = await tryLogin(name)
    expect({ status, body }).toMatchObject({ status: 200, body: { user_id: '@ayse:localhost' } })
    expect(body.device_id).toMatch(/^[A-Z]{10}$/)
    expect(await statusOf(body.access_token!)).toBe(200)
  },
)

test('a wrong name and a wrong password get the same answer', async () => {
  const wrong = [
    await tryLogin({ ...named('ayse'), password: 'not this one' }),
    await tryLogin(named('nobody')),
    await tryLogin(named('@ayse:elsewhere.example')),
    await tryLogin(named('not a name!')),
    await tryLogin(named('')),
    await tryLogin({ ...named('ayse'), password: 'x'.repeat(5_000) }),
    await tryLogin({ identifier: { type: 'm.id.thirdparty', medium: 'email', address: 'a@example.org' } }),
  ]
  for (const { status, body } of wrong) expect({ status, body }).toEqual({ status: 403, body: wrong[0]!.body })
  expect(wrong[0]!.body).toMatchObject({ errcode: 'M_FORBIDDEN' })
})

test.each([
  [{ ...named('ayse'), type: 'm.login.token' }, 'M_MISSING_PARAM'],
  [{ ...named('ayse'), type: 'm.login.sso' }, 'M_UNKNOWN'],
  [{ ...named('ayse'), password: undefined }, 'M_MISSING_PARAM'],
  [{}, 'M_MISSING_PARAM'],
  [{ ...named('ayse'), password: ['a'] }, 'M_BAD_JSON'],
  [{ ...named('ayse'), password: { $ne: '' } }, 'M_BAD_JSON'],
  [{ ...named('ayse'), password: null }, 'M_BAD_JSON'],
  [{ ...named('ayse'), device_id: 'x'.repeat(256) }, 'M_BAD_JSON'],
  [{ ...named('ayse'), device_id: '' }, 'M_BAD_JSON'],
  [{ ...named('ayse'), initial_device_display_name: 'x'.repeat(256) }, 'M_BAD_JSON'],
  [{ ...named('ayse'), type: 17 }, 'M_BAD_JSON'],
])('what is no login is refused (%#)', async (body, code) => {
  const answer = await tryLogin(body)
  expect({ status: answer.status, code: answer.body.errcode }).toEqual({ status: 400, code })
})

test.each(['{', '', '[]', '{"type":"m.login.password","type":"x"}', '{"type":1.5}'])(
  'the body %j is refused',
  async (body) => {
    expect((await node.call(login, { body })).status).toBe(400)
  },
)

test('logging in to a known device ends its earlier tokens and keeps its name', async () => {
  const first = await logInAgain(node, 'ayse', { device_id: 'TABLET', initial_device_display_name: 'Tablet' })
  const second = await logInAgain(node, 'ayse', { device_id: 'TABLET', initial_device_display_name: 'Other' })
  expect([await statusOf(first.token), await statusOf(second.token)]).toEqual([401, 200])
  const devices = (await node.call(getDevices, { token: second.token })).body.devices!
  expect(devices.filter((d) => d.device_id === 'TABLET')).toMatchObject([{ display_name: 'Tablet' }])
})

test('logout ends one session at once, and whoever holds a socket hears of it', async () => {
  const heard: Revoked[] = []
  const stop = onRevoked(node.deps, (revoked) => heard.push(revoked))
  const here = await logInAgain(node, 'ayse')
  const there = await logInAgain(node, 'ayse')
  expect([await statusOf(here.token), await statusOf(there.token)]).toEqual([200, 200])
  expect((await node.call(logout, { token: here.token, body: {} })).status).toBe(200)
  stop()
  expect([await statusOf(here.token), await statusOf(there.token)]).toEqual([401, 200])
  expect(heard).toEqual([{ userId: '@ayse:localhost', tokenHashes: [expect.any(String)], deviceIds: [here.deviceId] }])
  expect((await node.call(logout, { token: here.token, body: {} })).body).toMatchObject({ errcode: 'M_UNKNOWN_TOKEN' })
})

test('logout everywhere ends all sessions of the user and nobody else', async () => {
  const baris = await addPerson(node, 'baris')
  const tokens = [baris, await logInAgain(node, 'baris'), await logInAgain(node, 'baris')].map((one) => one.token)
  for (const token of tokens) expect(await statusOf(token)).toBe(200)
  await node.call(logoutAll, { token: tokens[1], body: {} })
  for (const token of tokens) expect(await statusOf(token)).toBe(401)
  expect(await statusOf(ayse.token)).toBe(200)
  expect(await node.deps.sql`select 1 from devices where user_id = '@baris:localhost'`).toHaveLength(0)
})

test('no token is in the query string, and none is guessed by its form', async () => {
  const asked = await node.call(whoami, { query: { access_token: ayse.token } })
  expect(asked).toMatchObject({ status: 401, body: { errcode: 'M_MISSING_TOKEN' } })
  for (const token of ['x', `${ayse.token}x`, ayse.token.slice(0, -1), `hearth_at_${'A'.repeat(43)}`]) {
    expect((await node.call(whoami, { token })).body).toMatchObject({ errcode: 'M_UNKNOWN_TOKEN' })
  }
})

test('the database holds no token, and no password', async () => {
  const { refresh_token, access_token } = (await tryLogin({ ...named('ayse'), refresh_token: true })).body
  const tables = await node.deps.sql<{ row: string }[]>`
    select token_pairs::text as row from token_pairs union all select accounts::text from accounts union all select devices::text from devices`
  const text = tables.map(({ row }) => row).join('\n')
  for (const secret of [refresh_token!, access_token!, ayse.token, goodPassword]) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(secret.slice(-20))
  }
})

test('a password that was hashed at another cost is hashed anew when it is given', async () => {
  await addPerson(node, 'early')
  const hash = async () =>
    (await node.deps.sql`select password_hash from accounts where user_id = '@early:localhost'`)[0]![
      'password_hash'
    ] as string
  lowerPasswordCost(node.deps, { memory: 128, passes: 1, lanes: 1 })
  expect(await hash()).toContain('m=64,')
  await logInAgain(node, 'early')
  expect(await hash()).toContain('m=128,')
  await logInAgain(node, 'early')
  lowerPasswordCost(node.deps)
})

test('a name that nobody has costs as much work as a wrong password', async () => {
  const gone = await addPerson(node, 'gone')
  const auth = { type: 'm.login.password', password: goodPassword, ...named('gone') }
  await node.call(deactivateAccount, { token: gone.token, body: { auth } })
  const names = ['ayse', 'nobody', 'gone', '@ayse:localhost', '@ayse:elsewhere.example', 'not a name!', '']
  for (const name of names)
    for (const password of ['not this one', 'x'.repeat(5_000)]) {
      const before = hashesBegun(node.deps)
      expect((await tryLogin({ ...named(name), password })).status).toBe(403)
      expect(hashesBegun(node.deps) - before, name).toBe(1)
    }
})

test('what asks for the password again does not tell who else there is', async () => {
  const answers = []
  for (const name of ['nobody', 'other', '@other:localhost', '@other:elsewhere.example']) {
    if (name === 'other') await addPerson(node, name)
    const before = hashesBegun(node.deps)
    const auth = { type: 'm.login.password', password: goodPassword, ...named(name) }
    const body = { new_password: 'a dog in the garden', auth }
    const { status, body: answer } = await node.call(changePassword, { token: ayse.token, body })
    answers.push({ status, ...answer, session: undefined, hashes: hashesBegun(node.deps) - before })
  }
  for (const answer of answers) expect(answer).toEqual(answers[0])
  expect(answers[0]).toMatchObject({ status: 401, errcode: 'M_FORBIDDEN' })
})

test('ten thousand tokens are all different', async () => {
  const tokens = new Set(Array.from({ length: 10_000 }, () => newToken(node.deps, 'access')))
  expect(tokens.size).toBe(10_000)
})
