import { afterAll, beforeAll, expect, test } from 'vitest'
import { whoami } from '#spec/api/client/account.ts'
import { getLock, getSuspension, getWhoIs, setLock, setSuspension } from '#spec/api/client/admin.ts'
import { getCapabilities } from '#spec/api/client/capabilities.ts'
import { getDevices } from '#spec/api/client/devices.ts'
import { login, logout, refresh } from '#spec/api/client/login.ts'
import { setProfileField } from '#spec/api/client/profile.ts'
import { addPerson, goodPassword, logInAgain, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { onRevoked } from '../revoked.ts'

let node: ServedSlices
let admin: Person
let ayse: Person
beforeAll(async () => {
  node = await servePeople()
  admin = await addPerson(node, 'admin')
  ayse = await addPerson(node, 'ayse')
  await addPerson(node, 'second')
  await node.deps.sql`update accounts set is_admin = true where user_id in ('@admin:localhost', '@second:localhost')`
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const refusal = ({ status, body }: { status: number; body: object }) =>
  `${status} ${(body as { errcode?: string }).errcode}`
const lock = (userId: string, locked: boolean, by = admin) =>
  node.call(setLock, { token: by.token, params: { userId }, body: { locked } })
const suspend = (userId: string, suspended: boolean, by = admin) =>
  node.call(setSuspension, { token: by.token, params: { userId }, body: { suspended } })

test('only administrators lock, and nobody without that right learns who exists', async () => {
  for (const userId of ['@admin:localhost', '@nobody:localhost', '@a:elsewhere.example'])
    for (const call of [
      lock(userId, true, ayse),
      suspend(userId, true, ayse),
      node.call(getLock, { token: ayse.token, params: { userId } }),
      node.call(getSuspension, { token: ayse.token, params: { userId } }),
    ])
      expect(refusal(await call)).toBe('403 M_FORBIDDEN')
})

test.each([
  ['@admin:localhost', '403 M_FORBIDDEN'],
  ['@second:localhost', '403 M_FORBIDDEN'],
  ['@nobody:localhost', '404 M_NOT_FOUND'],
  ['@a:elsewhere.example', '400 M_INVALID_PARAM'],
])('%s can be neither locked nor suspended: %s', async (userId, expected) => {
  expect([refusal(await lock(userId, true)), refusal(await suspend(userId, true))]).toEqual([expected, expected])
})

test('a locked user can do nothing but log out, and goes on when the lock is lifted', async () => {
  const spare = await logInAgain(node, 'ayse')
  const short = await node.call(login, {
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: 'ayse' },
      password: goodPassword,
      refresh_token: true,
    },
  })
  const closed: string[] = []
  const end = onRevoked(node.deps, ({ tokenHashes, deviceIds }) => closed.push(...tokenHashes, ...deviceIds))
  expect((await lock(ayse.userId, true)).body).toEqual({ locked: true })
  end()
  expect(closed).toHaveLength(3)
  expect((await node.call(getLock, { token: admin.token, params: { userId: ayse.userId } })).body).toEqual({
    locked: true,
  })
  const answer = await node.call(getDevices, { token: ayse.token })
  expect([refusal(answer), answer.body.soft_logout]).toEqual(['401 M_USER_LOCKED', true])
  const identifier = { type: 'm.id.user', user: 'ayse' }
  const again = await node.call(login, { body: { type: 'm.login.password', identifier, password: goodPassword } })
  expect([refusal(again), again.body.soft_logout]).toEqual(['401 M_USER_LOCKED', true])
  expect(refusal(await node.call(refresh, { body: { refresh_token: short.body.refresh_token! } }))).toBe(
    '401 M_USER_LOCKED',
  )
  expect((await node.call(logout, { token: spare.token, body: {} })).status).toBe(200)

  await lock(ayse.userId, false)
  expect((await node.call(getDevices, { token: ayse.token })).status).toBe(200)
  expect(refusal(await node.call(whoami, { token: spare.token }))).toBe('401 M_UNKNOWN_TOKEN')
})

test('a wrong password does not tell that an account is locked', async () => {
  await lock(ayse.userId, true)
  const identifier = { type: 'm.id.user', user: 'ayse' }
  const answer = await node.call(login, { body: { type: 'm.login.password', identifier, password: 'wrong' } })
  expect(refusal(answer)).toBe('403 M_FORBIDDEN')
  await lock(ayse.userId, false)
})

test('a suspended user logs in and reads, but does not change the profile', async () => {
  expect((await suspend(ayse.userId, true)).body).toEqual({ suspended: true })
  const phone = await logInAgain(node, 'ayse')
  expect((await node.call(getDevices, { token: phone.token })).status).toBe(200)
  const change = () =>
    node.call(setProfileField, {
      token: phone.token,
      params: { userId: ayse.userId, keyName: 'displayname' },
      body: { displayname: 'A' },
    })
  expect(refusal(await change())).toBe('403 M_USER_SUSPENDED')
  await suspend(ayse.userId, false)
  expect((await change()).status).toBe(200)
})

test('locks and suspensions outlive a restart', async () => {
  await lock(ayse.userId, true)
  await suspend(ayse.userId, true)
  await node.stop()
  node = await servePeople({}, node.database)
  expect(refusal(await node.call(whoami, { token: ayse.token }))).toBe('401 M_USER_LOCKED')
  expect((await node.call(getSuspension, { token: admin.token, params: { userId: ayse.userId } })).body).toEqual({
    suspended: true,
  })
  await lock(ayse.userId, false)
  await suspend(ayse.userId, false)
})

test('who is logged in from where is for the user, and for administrators', async () => {
  const ask = (by: Person, userId: string) => node.call(getWhoIs, { token: by.token, params: { userId } })
  const { status, body } = await ask(ayse, ayse.userId)
  expect(status).toBe(200)
  expect(body.devices![ayse.deviceId]!.sessions[0]!.connections[0]).toMatchObject({
    ip: '127.0.0.1',
    last_seen: expect.any(Number) as number,
  })
  expect((await ask(admin, ayse.userId)).body).toEqual(body)
  expect(refusal(await ask(ayse, admin.userId))).toBe('403 M_FORBIDDEN')
  expect(refusal(await ask(ayse, '@nobody:localhost'))).toBe('403 M_FORBIDDEN')
})

test('administrators are told that they can do so', async () => {
  const moderationOf = async ({ token }: Person) =>
    (await node.call(getCapabilities, { token })).body.capabilities!['m.account_moderation']
  expect(await moderationOf(admin)).toEqual({ suspend: true, lock: true })
  expect(await moderationOf(ayse)).toBeUndefined()
})
