import { afterAll, beforeAll, expect, test } from 'vitest'
import { whoami } from '#spec/api/client/account.ts'
import { login } from '#spec/api/client/login.ts'
import { deleteDevice } from '#spec/api/client/devices.ts'
import { addPerson, goodPassword, servePeople } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { checkPassword } from './check-password.ts'
import { failureWindowMs, maxFailures } from './login-attempts.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await servePeople({ HEARTH_RATE_LIMITS: 'on' })
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const tryFrom = (address: string, name: string, password: string) =>
  checkPassword(node.deps, { name, password, address })
const limited = { code: 'M_LIMIT_EXCEEDED', extra: { retry_after_ms: expect.any(Number) } }

test('after ten wrong passwords the right one has to wait too, at that address', async () => {
  await addPerson(node, 'ayse')
  for (let i = 0; i < maxFailures; i++) {
    await expect(tryFrom('192.0.2.1', 'ayse', `guess ${i}`)).rejects.toMatchObject({ code: 'M_FORBIDDEN' })
  }
  await expect(tryFrom('192.0.2.1', 'AYSE', goodPassword)).rejects.toMatchObject(limited)
  await expect(tryFrom('192.0.2.1', '@ayse:localhost', goodPassword)).rejects.toMatchObject(limited)
  expect(await tryFrom('192.0.2.2', 'ayse', goodPassword)).toBe('@ayse:localhost')
  node.clock.advance(failureWindowMs)
  expect(await tryFrom('192.0.2.1', 'ayse', goodPassword)).toBe('@ayse:localhost')
})

test('guesses that come at the same time all count', async () => {
  await addPerson(node, 'crowded')
  const guesses = Array.from({ length: 30 }, (_, i) => tryFrom('192.0.2.3', 'crowded', `guess ${i}`))
  const codes = (await Promise.allSettled(guesses)).map((one) => one.status === 'rejected' && one.reason.code)
  expect(codes.filter((code) => code === 'M_FORBIDDEN')).toHaveLength(maxFailures)
  expect(codes.filter((code) => code === 'M_LIMIT_EXCEEDED')).toHaveLength(20)
})

test('the right password clears the count', async () => {
  await addPerson(node, 'clumsy')
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < maxFailures - 1; i++)
      await expect(tryFrom('192.0.2.4', 'clumsy', 'oops')).rejects.toMatchObject({ code: 'M_FORBIDDEN' })
    expect(await tryFrom('192.0.2.4', 'clumsy', goodPassword)).toBe('@clumsy:localhost')
  }
})

test('an account that does not exist is limited in the same way', async () => {
  for (let i = 0; i < maxFailures; i++) {
    await expect(tryFrom('192.0.2.5', 'nobody', 'x')).rejects.toMatchObject({ code: 'M_FORBIDDEN' })
  }
  await expect(tryFrom('192.0.2.5', 'nobody', 'x')).rejects.toMatchObject(limited)
})

test('the count survives a restart, and what is old is swept', async () => {
  const again = await servePeople({ HEARTH_RATE_LIMITS: 'on' }, node.database)
  const tried = checkPassword(again.deps, { name: 'nobody', password: 'x', address: '192.0.2.5' })
  await expect(tried).rejects.toMatchObject(limited)
  await again.stop()
  node.clock.advance(failureWindowMs * 2)
  await expect(tryFrom('192.0.2.6', 'somebody', 'x')).rejects.toMatchObject({ code: 'M_FORBIDDEN' })
  expect(await node.deps.sql`select account from login_failures`).toEqual([{ account: '@somebody:localhost' }])
})

test('the password that a deletion asks for is counted like that of a login', async () => {
  const { token, deviceId } = await addPerson(node, 'guarded')
  const guess = (password: string) => {
    const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'guarded' }, password }
    return node.call(deleteDevice, { token, params: { deviceId }, body: { auth } })
  }
  for (let i = 0; i < maxFailures; i++) expect((await guess('wrong')).status).toBe(401)
  const { status, body, headers } = await guess(goodPassword)
  expect({ status, code: body.errcode }).toEqual({ status: 429, code: 'M_LIMIT_EXCEEDED' })
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(60)
})

test('trying one password on many accounts is limited by address', async () => {
  const statuses: number[] = []
  for (let i = 0; i < 25; i++) {
    const body = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: `one of many ${i}` },
      password: 'x',
    }
    statuses.push((await node.call(login, { body })).status)
  }
  expect(new Set(statuses)).toEqual(new Set([403, 429]))
  expect(statuses.filter((status) => status === 403).length).toBeLessThanOrEqual(20)
})

test('trying tokens is limited by address, and a token that is known is not in the way of it', async () => {
  const { token } = await addPerson(node, 'known')
  const statusOf = async (of: string) => (await node.call(whoami, { token: of })).status
  expect(await statusOf(token)).toBe(200)
  const statuses: number[] = []
  while (statuses.at(-1) !== 429 && statuses.length < 1_000)
    statuses.push(await statusOf(`hearth_at_${String(statuses.length).padStart(43, 'x')}`))
  expect(new Set(statuses)).toEqual(new Set([401, 429]))
  expect(await statusOf(token)).toBe(200)
})
