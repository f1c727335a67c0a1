import { afterAll, beforeAll, expect, test } from 'vitest'
import { changePassword, whoami } from '#spec/api/client/account.ts'
import { getLoginToken, login, refresh } from '#spec/api/client/login.ts'
import { addPerson, goodPassword, logInAgain, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { onRevoked } from './revoked.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await servePeople()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const next = 'a dog in the garden'
const prove = (user: string, password = goodPassword) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password,
})
const change = (who: Person, body: object) =>
  node.call(changePassword, { token: who.token, body: { new_password: next, ...body } })
const statusOf = async (who: Person) => (await node.call(whoami, { token: who.token })).status
const canLogIn = async (user: string, password: string) =>
  (await node.call(login, { body: { ...prove(user, password) } })).status === 200

test('the present password is asked for', async () => {
  const ayse = await addPerson(node, 'ayse')
  const asked = await change(ayse, {})
  expect(asked).toMatchObject({ status: 401, body: { flows: [{ stages: ['m.login.password'] }] } })
  const { session } = asked.body
  const wrong = await change(ayse, { auth: { ...prove('ayse', 'wrong'), session } })
  expect(wrong).toMatchObject({ status: 401, body: { errcode: 'M_FORBIDDEN', session } })
  expect(await canLogIn('ayse', goodPassword)).toBe(true)
  expect((await change(ayse, { auth: { ...prove('ayse'), session } })).status).toBe(200)
  expect([await canLogIn('ayse', goodPassword), await canLogIn('ayse', next)]).toEqual([false, true])
})

test("another user's name and password prove nothing", async () => {
  const victim = await addPerson(node, 'victim')
  await addPerson(node, 'mallory')
  expect((await change(victim, { auth: prove('mallory') })).status).toBe(401)
  expect(await canLogIn('victim', goodPassword)).toBe(true)
})

test('the other devices are logged out at once, this one is not', async () => {
  const here = await addPerson(node, 'baris')
  const there = await logInAgain(node, 'baris')
  expect(await statusOf(there)).toBe(200)
  const heard: string[] = []
  const stop = onRevoked(node.deps, ({ deviceIds }) => heard.push(...deviceIds))
  expect((await change(here, { auth: prove('baris') })).status).toBe(200)
  stop()
  expect([await statusOf(here), await statusOf(there)]).toEqual([200, 401])
  expect(heard).toEqual([there.deviceId])
})

test('what would let another device in goes, whether the others stay or not', async () => {
  const here = await addPerson(node, 'gul')
  const prompt = { ...prove('gul'), refresh_token: true }
  for (const [logout_devices, password] of [
    [false, goodPassword],
    [true, next],
  ] as const) {
    const there = (await node.call(login, { body: { ...prompt, password } })).body.refresh_token!
    const link = await node.call(getLoginToken, { token: here.token, body: { auth: prove('gul', password) } })
    const new_password = password === next ? 'a bird in the garden' : next
    const answer = await change(here, { auth: prove('gul', password), logout_devices, new_password })
    expect(answer.status).toBe(200)
    const body = { type: 'm.login.token', token: link.body.login_token! }
    expect((await node.call(login, { body })).body.errcode).toBe('M_FORBIDDEN')
    expect((await node.call(refresh, { body: { refresh_token: there } })).status).toBe(logout_devices ? 401 : 200)
  }
})

test('the other devices stay if that is asked for', async () => {
  const here = await addPerson(node, 'cem')
  const there = await logInAgain(node, 'cem')
  await change(here, { auth: prove('cem'), logout_devices: false })
  expect([await statusOf(here), await statusOf(there)]).toEqual([200, 200])
})

test('what was under way with the old password is over', async () => {
  const deniz = await addPerson(node, 'deniz')
  await change(deniz, {})
  await change(deniz, { auth: prove('deniz') })
  expect(await node.deps.sql`select 1 from auth_sessions where user_id = '@deniz:localhost'`).toHaveLength(0)
})

test.each([
  [{ new_password: 'short' }, 'M_WEAK_PASSWORD'],
  [{ new_password: 'password1' }, 'M_WEAK_PASSWORD'],
  [{ new_password: 'x'.repeat(2_000) }, 'M_INVALID_PARAM'],
  [{ new_password: 17 }, 'M_BAD_JSON'],
  [{ new_password: undefined }, 'M_BAD_JSON'],
  [{ logout_devices: 'yes' }, 'M_BAD_JSON'],
])('what cannot be a new password is refused (%#)', async (body, code) => {
  const who = await logInAgain(node, 'cem', { password: next })
  const answer = await change(who, { auth: prove('cem', next), ...body })
  expect({ status: answer.status, code: answer.body.errcode }).toEqual({ status: 400, code })
})

test('without a login there is nothing to change', async () => {
  expect((await node.call(changePassword, { body: { new_password: next } })).body.errcode).toBe('M_MISSING_TOKEN')
})
