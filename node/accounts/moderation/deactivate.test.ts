import { afterAll, beforeAll, expect, test } from 'vitest'
import { setAccountData } from '#spec/api/client/account-data.ts'
import { deactivateAccount, whoami } from '#spec/api/client/account.ts'
import { getLoginToken, login, refresh } from '#spec/api/client/login.ts'
import { getProfile, setProfileField } from '#spec/api/client/profile.ts'
import { checkUsernameAvailability, register } from '#spec/api/client/register.ts'
import { requestOpenIdToken } from '#spec/api/client/openid.ts'
import { addPerson, goodPassword, logInAgain, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { userOfOpenIdToken } from '../short-tokens/openid.ts'
import { onDeactivation } from './deactivate.ts'
import { erasedAt } from './erased.ts'
import type { UserId } from '#spec/ids.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await servePeople()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const auth = (user: string) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password: goodPassword,
})
const end = (person: Person, user: string, more: object = {}) =>
  node.call(deactivateAccount, { token: person.token, body: { auth: auth(user), ...more } })

test('the password is asked for, and a token', async () => {
  const ayse = await addPerson(node, 'careful')
  const asked = await node.call(deactivateAccount, { token: ayse.token, body: {} })
  expect({ status: asked.status, flows: asked.body.flows }).toEqual({
    status: 401,
    flows: [{ stages: ['m.login.password'] }],
  })
  const body = { auth: { ...auth('careful'), password: 'wrong' } }
  expect((await node.call(deactivateAccount, { token: ayse.token, body })).status).toBe(401)
  expect(await node.call(deactivateAccount, { body: { auth: auth('careful') } })).toMatchObject({
    status: 401,
    body: { errcode: 'M_MISSING_TOKEN' },
  })
  expect((await node.call(whoami, { token: ayse.token })).status).toBe(200)
})

test('a session that was opened for another body is not good', async () => {
  const ayse = await addPerson(node, 'bound')
  const { body } = await node.call(deactivateAccount, { token: ayse.token, body: {} })
  const session = body.session
  const answer = await end(ayse, 'bound', { erase: true, auth: { ...auth('bound'), session } })
  expect(answer).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
})

test('every way in is closed, and the name is never free again', async () => {
  const ayse = await addPerson(node, 'ayse')
  const phone = await logInAgain(node, 'ayse')
  const short = await node.call(login, { body: { ...auth('ayse'), refresh_token: true } })
  const linked = await node.call(getLoginToken, { token: ayse.token, body: { auth: auth('ayse') } })
  const params = { userId: ayse.userId }
  const openId = await node.call(requestOpenIdToken, { token: ayse.token, params, body: {} })
  await node.call(setProfileField, {
    token: ayse.token,
    params: { ...params, keyName: 'displayname' },
    body: { displayname: 'Ayşe' },
  })
  expect(await end(ayse, 'ayse')).toMatchObject({ status: 200, body: { id_server_unbind_result: 'success' } })

  for (const { token } of [ayse, phone]) expect((await node.call(whoami, { token })).status).toBe(401)
  expect((await node.call(refresh, { body: { refresh_token: short.body.refresh_token! } })).status).toBe(401)
  const withToken = { type: 'm.login.token', token: linked.body.login_token }
  expect((await node.call(login, { body: withToken })).status).toBe(403)
  const wrong = await node.call(login, { body: { ...auth('nobody') } })
  expect((await node.call(login, { body: auth('ayse') })).body).toEqual(wrong.body)
  expect(await userOfOpenIdToken(node.deps, openId.body.access_token!)).toBeUndefined()
  expect((await node.call(getProfile, { params })).status).toBe(404)
  const again = { username: 'ayse', password: goodPassword, auth: { type: 'm.login.dummy' } }
  expect((await node.call(register, { body: again })).body.errcode).toBe('M_USER_IN_USE')
  expect((await node.call(checkUsernameAvailability, { query: { username: 'ayse' } })).body.errcode).toBe(
    'M_USER_IN_USE',
  )
})

test('account data go with an erasure, and stay without', async () => {
  for (const [name, erase] of [
    ['kept', false],
    ['erased', true],
  ] as const) {
    const person = await addPerson(node, name)
    const params = { userId: person.userId, type: 'org.example.a' }
    await node.call(setAccountData, { token: person.token, params, body: { a: 1 } })
    await end(person, name, { erase })
    const rows = await node.deps.sql`select 1 from account_data where user_id = ${person.userId}`
    expect([rows.length, erasedAt(node.deps, person.userId as UserId) !== undefined]).toEqual([erase ? 0 : 1, erase])
  }
})

test('what belongs to the account elsewhere goes in the same transaction', async () => {
  const person = await addPerson(node, 'owner')
  const forget = onDeactivation(node.deps, () => Promise.reject(new TypeError('not to be deleted')))
  const log = node.deps.log
  const level = log.level
  log.level = 'silent'
  expect((await end(person, 'owner')).status).toBe(500)
  log.level = level
  forget()
  expect((await node.call(whoami, { token: person.token })).status).toBe(200)
  const heard: unknown[] = []
  const forgetAgain = onDeactivation(node.deps, (_, ending) => Promise.resolve(void heard.push(ending)))
  expect((await end(person, 'owner')).status).toBe(200)
  forgetAgain()
  expect(heard).toEqual([{ userId: person.userId, erase: false }])
})
