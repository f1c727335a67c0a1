import { afterAll, beforeAll, expect, test } from 'vitest'
import { whoami } from '#spec/api/client/account.ts'
import { getLoginToken, login } from '#spec/api/client/login.ts'
import { addPerson, goodPassword, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { hashToken } from '../tokens.ts'
import { loginTokenLifeMs } from './login-token.ts'

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

const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'ayse' }, password: goodPassword }
async function makeToken(): Promise<string> {
  const { status, body } = await node.call(getLoginToken, { token: ayse.token, body: { auth } })
  expect({ status, body }).toMatchObject({ status: 200, body: { expires_in_ms: 120_000 } })
  return body.login_token!
}
const logIn = (token: string) => node.call(login, { body: { type: 'm.login.token', token } })

test('a token is given for the password only, each time anew', async () => {
  for (let i = 0; i < 2; i++) {
    const asked = await node.call(getLoginToken, { token: ayse.token, body: {} })
    expect({ status: asked.status, flows: asked.body.flows }).toEqual({
      status: 401,
      flows: [{ stages: ['m.login.password'] }],
    })
    await makeToken()
  }
  const wrong = await node.call(getLoginToken, { token: ayse.token, body: { auth: { ...auth, password: 'wrong' } } })
  expect(wrong).toMatchObject({ status: 401, body: { errcode: 'M_FORBIDDEN' } })
})

test('it opens one session, on another device', async () => {
  const token = await makeToken()
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => logIn(token)))
  const good = answers.filter(({ status }) => status === 200)
  expect(good).toHaveLength(1)
  const { body } = good[0]!
  expect(body).toMatchObject({ user_id: ayse.userId })
  expect(body.device_id).not.toBe(ayse.deviceId)
  expect((await node.call(whoami, { token: body.access_token })).status).toBe(200)
  expect(await logIn(token)).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
})

test('it is good for two minutes, and one that is too old is refused like one that never was', async () => {
  const [early, late] = [await makeToken(), await makeToken()]
  node.clock.advance(loginTokenLifeMs - 5_000)
  expect((await logIn(early)).status).toBe(200)
  node.clock.advance(5_001)
  const old = await logIn(late)
  expect(old.status).toBe(403)
  expect((await logIn('hearth_lt_never')).body).toEqual(old.body)
})

test('it is no access token, and only its hash is kept', async () => {
  const token = await makeToken()
  expect((await node.call(whoami, { token })).status).toBe(401)
  const rows = await node.deps.sql`select * from login_tokens`
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({ token_hash: hashToken(token) })
  expect(JSON.stringify(rows)).not.toContain(token)
})
