import { afterAll, beforeAll, expect, test } from 'vitest'
import { whoami } from '#spec/api/client/account.ts'
import { login, logout, refresh } from '#spec/api/client/login.ts'
import { addPerson, goodPassword, servePeople } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { accessTokenLifeMs } from './open-session.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await servePeople()
  await addPerson(node, 'ayse')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

interface Tokens {
  readonly access: string
  readonly refresh: string
}
const tokensOf = (body: { access_token?: string | undefined; refresh_token?: string | undefined }): Tokens => ({
  access: body.access_token!,
  refresh: body.refresh_token!,
})

async function start(device?: string): Promise<Tokens> {
  const identifier = { type: 'm.id.user', user: 'ayse' }
  const wish = { type: 'm.login.password', identifier, password: goodPassword, refresh_token: true, device_id: device }
  return tokensOf((await node.call(login, { body: wish })).body)
}
const tryRefresh = (token: string) => node.call(refresh, { body: { refresh_token: token } })
async function renew(token: string): Promise<Tokens> {
  const { status, body } = await tryRefresh(token)
  expect({ status, body }).toMatchObject({ status: 200, body: { expires_in_ms: accessTokenLifeMs } })
  return tokensOf(body)
}
const use = async (token: string) => (await node.call(whoami, { token })).status

test('an access token that can be renewed lives an hour, and says that it only expired', async () => {
  const first = await start()
  node.clock.advance(accessTokenLifeMs - 60_000)
  expect(await use(first.access)).toBe(200)
  node.clock.advance(60_001)
  const { status, body } = await node.call(whoami, { token: first.access })
  expect({ status, body }).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', soft_logout: true } })
  const second = await renew(first.refresh)
  expect(await use(second.access)).toBe(200)
})

test('the old tokens hold until one of the new ones is used', async () => {
  const first = await start()
  const second = await renew(first.refresh)
  expect(await use(first.access)).toBe(200)
  expect(await use(second.access)).toBe(200)
  expect(await use(first.access)).toBe(401)
  const spent = await tryRefresh(first.refresh)
  expect(spent).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', soft_logout: true } })
})

test('an answer that got lost costs nothing', async () => {
  let tokens = await start()
  for (let i = 0; i < 5; i++) {
    await tryRefresh(tokens.refresh)
    await tryRefresh(tokens.refresh)
    tokens = await renew(tokens.refresh)
    if (i % 2) expect(await use(tokens.access)).toBe(200)
  }
  expect(await use(tokens.access)).toBe(200)
})

test('using the new refresh token ends the old one too', async () => {
  const first = await start()
  const second = await renew(first.refresh)
  const third = await renew(second.refresh)
  expect((await tryRefresh(first.refresh)).status).toBe(401)
  expect(await use(third.access)).toBe(200)
})

test('of fifty exchanges at once, the one that is used first lives on alone', async () => {
  const first = await start()
  const answers = await Promise.all(Array.from({ length: 50 }, () => tryRefresh(first.refresh)))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const statuses = await Promise.all(answers.map(({ body }) => use(body.access_token!)))
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  const winner = answers[statuses.indexOf(200)]!.body
  expect(await use((await renew(winner.refresh_token!)).access)).toBe(200)
})

test('tokens that nobody uses do not pile up', async () => {
  const first = await start('HOARDER')
  for (let i = 0; i < 60; i++) await tryRefresh(first.refresh)
  const rows = await node.deps.sql`select 1 from token_pairs where device_id = 'HOARDER'`
  expect(rows).toHaveLength(51)
  expect(await use((await renew(first.refresh)).access)).toBe(200)
})

test('an access token that expired unused does not end the refresh token that it came from', async () => {
  const first = await start()
  const second = await renew(first.refresh)
  node.clock.advance(accessTokenLifeMs + 1)
  expect(await use(second.access)).toBe(401)
  expect(await use((await renew(first.refresh)).access)).toBe(200)
})

test('after logout a refresh token is dead, and not softly', async () => {
  const first = await start()
  await node.call(logout, { token: first.access, body: {} })
  const { status, body } = await tryRefresh(first.refresh)
  expect({ status, body }).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } })
  expect(body).not.toHaveProperty('soft_logout')
})

test('logging in anew on a device ends its refresh token', async () => {
  const first = await start('SAME')
  const second = await start('SAME')
  expect((await tryRefresh(first.refresh)).status).toBe(401)
  expect(await use((await renew(second.refresh)).access)).toBe(200)
})

test.each([[17], [null], [undefined], [['x']]])('a refresh token that is %j is refused', async (token) => {
  const { status, body } = await node.call(refresh, { body: { refresh_token: token } })
  expect({ status, code: body.errcode }).toEqual({ status: 400, code: 'M_BAD_JSON' })
})

test('an access token renews nothing', async () => {
  const first = await start()
  expect((await tryRefresh(first.access)).body.errcode).toBe('M_UNKNOWN_TOKEN')
})
