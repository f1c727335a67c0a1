import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import * as tokens from '#spec/api/admin/registration-tokens.ts'
import { getRegistrationNonce, registerWithSecret } from '#spec/api/admin/shared-secret.ts'
import { whoami } from '#spec/api/client/account.ts'
import { getProfile } from '#spec/api/client/profile.ts'
import { register } from '#spec/api/client/register.ts'
import { nonceLifeMs } from '#node/admin/register-with-secret.ts'
import { refusal } from '#node/rooms/testing/caller.ts'
import { addPerson, goodPassword, logInAgain } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { makeAdmin, serveAdmin } from './testing/serve-admin.ts'

let node: ServedSlices
let root: string
let nobody: string
beforeAll(async () => {
  node = await serveAdmin({ HEARTH_REGISTRATION: 'open', HEARTH_REGISTRATION_SECRET: 'a secret' })
  root = (await makeAdmin(node, 'root')).token
  nobody = (await addPerson(node, 'nobody')).token
})
beforeEach(() => node.deps.sql`delete from admin_calls`)
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const nonce = async () => (await node.call(getRegistrationNonce)).body.nonce!
interface Wish {
  readonly nonce: string
  readonly username: string
  readonly password: string
  readonly admin?: boolean
  readonly user_type?: string
}
const macOf = ({ nonce, username, password, admin, user_type: type }: Wish, secret = 'a secret') =>
  createHmac('sha1', secret)
    .update([nonce, username, password, admin ? 'admin' : 'notadmin', ...(type ? [type] : [])].join('\0'))
    .digest('hex')
const signed = (wish: Wish, more: object = {}) =>
  node.call(registerWithSecret, { body: { ...wish, mac: macOf(wish), ...more } })
const fresh = async (username: string, more: object = {}): Promise<Wish> => ({
  nonce: await nonce(),
  username,
  password: 'short',
  ...more,
})

test('whoever knows the secret makes accounts, with any password, and administrators', async () => {
  const plain = await signed(await fresh('Pepper'))
  expect(plain).toMatchObject({ status: 200, body: { user_id: '@pepper:localhost', home_server: 'localhost' } })
  const who = await node.call(whoami, { token: plain.body.access_token! })
  expect(who.body).toMatchObject({ user_id: '@pepper:localhost', device_id: plain.body.device_id })
  expect(refusal(await node.call(tokens.getRegistrationTokens, { token: plain.body.access_token! }))).toBe(
    '403 M_FORBIDDEN',
  )
  const chief = await signed(await fresh('chief', { admin: true, user_type: 'bot' }), { displayname: 'The Chief' })
  expect((await node.call(tokens.getRegistrationTokens, { token: chief.body.access_token! })).status).toBe(200)
  const profileOf = async (userId: string) => (await node.call(getProfile, { params: { userId } })).body
  expect(await profileOf('@chief:localhost')).toEqual({ displayname: 'The Chief' })
  expect(await profileOf('@pepper:localhost')).toEqual({ displayname: 'Pepper' })
  expect((await logInAgain(node, 'chief', { password: 'short' })).userId).toBe('@chief:localhost')
  const quiet = await signed(await fresh('quiet'), { inhibit_login: true })
  expect(quiet.body).toEqual({ user_id: '@quiet:localhost', home_server: 'localhost' })
})

test('a mac is for one nonce, one name, one password and one rank', async () => {
  const wish = await fresh('mallory')
  for (const more of [
    { mac: macOf(wish, 'another secret') },
    { mac: macOf({ ...wish, password: 'another' }) },
    { mac: macOf({ ...wish, username: 'another' }) },
    { mac: macOf({ ...wish, nonce: 'another' }) },
    { admin: true },
    { user_type: 'bot' },
    { mac: '' },
    { mac: 'x'.repeat(40) },
    { mac: `${macOf(wish)}00` },
    { mac: 'ü'.repeat(20) },
  ]) {
    const again = { ...wish, nonce: await nonce() }
    const mac = 'mac' in more ? more.mac : macOf(again)
    const body = { ...again, ...more, mac }
    expect(refusal(await node.call(registerWithSecret, { body })), JSON.stringify(more)).toBe('403 M_FORBIDDEN')
  }
})

test('a nonce is good once, for a minute, and only one that was given', async () => {
  const used = await fresh('once')
  expect((await signed(used)).status).toBe(200)
  expect(refusal(await signed({ ...used, username: 'twice' }))).toBe('400 M_UNKNOWN')
  const tried = await fresh('tried')
  expect(refusal(await signed(tried, { mac: 'wrong' }))).toBe('403 M_FORBIDDEN')
  expect(refusal(await signed(tried))).toBe('400 M_UNKNOWN')
  const late = await fresh('late')
  node.clock.advance(nonceLifeMs)
  expect(refusal(await signed(late))).toBe('400 M_UNKNOWN')
  expect(refusal(await signed({ nonce: 'mine', username: 'own', password: 'short' }))).toBe('400 M_UNKNOWN')
})

test('names are as at every other door', async () => {
  expect(refusal(await signed(await fresh('root')))).toBe('400 M_USER_IN_USE')
  expect(refusal(await signed(await fresh('no way')))).toBe('400 M_INVALID_USERNAME')
  expect(refusal(await signed(await fresh('long', { password: 'x'.repeat(2_000) })))).toBe('400 M_INVALID_PARAM')
})

test('without a secret there is no such door', async () => {
  const closed = await serveAdmin({})
  expect(refusal(await closed.call(getRegistrationNonce))).toBe('404 M_UNRECOGNIZED')
  const body = {
    nonce: 'x',
    username: 'x',
    password: 'x',
    mac: macOf({ nonce: 'x', username: 'x', password: 'x' }, ''),
  }
  expect(refusal(await closed.call(registerWithSecret, { body }))).toBe('404 M_UNRECOGNIZED')
  await closed.stop()
  await closed.database.drop()
})

test('nonces are limited', async () => {
  const strict = await serveAdmin({ HEARTH_REGISTRATION_SECRET: 'a secret', HEARTH_RATE_LIMITS: 'on' })
  const statuses: number[] = []
  for (let i = 0; i < 21; i++) statuses.push((await strict.call(getRegistrationNonce)).status)
  expect(statuses.indexOf(429)).toBe(20)
  await strict.stop()
  await strict.database.drop()
})

const make = (body: object = {}) => node.call(tokens.createRegistrationToken, { token: root, body })
const look = (token: string) => node.call(tokens.getRegistrationToken, { token: root, params: { token } })
const change = (token: string, body: object) =>
  node.call(tokens.updateRegistrationToken, { token: root, params: { token }, body })
const list = async (query: Record<string, string> = {}) =>
  (await node.call(tokens.getRegistrationTokens, { token: root, query })).body.registration_tokens!.map(
    ({ token }) => token,
  )
const join = async (username: string, token: string) => {
  const auth = { type: 'm.login.registration_token', token }
  return (await node.call(register, { body: { username, password: goodPassword, auth } })).status
}

test('a registration token is used as often as it says, and ends when it says', async () => {
  const made = await make({ token: 'twice', uses_allowed: 2 })
  expect(made.body).toEqual({ token: 'twice', uses_allowed: 2, pending: 0, completed: 0, expiry_time: null })
  expect([await join('a1', 'twice'), await join('a2', 'twice'), await join('a3', 'twice')]).toEqual([200, 200, 401])
  expect((await look('twice')).body).toMatchObject({ completed: 2 })
  await change('twice', { uses_allowed: null })
  expect(await join('a3', 'twice')).toBe(200)
  await change('twice', { uses_allowed: 0 })
  expect(await join('a4', 'twice')).toBe(401)
  const until = node.clock.now() + 3_600_000
  expect((await change('twice', { uses_allowed: 9, expiry_time: until })).body).toMatchObject({ expiry_time: until })
  expect(await join('a4', 'twice')).toBe(200)
  node.clock.advance(3_600_000)
  expect(await join('a5', 'twice')).toBe(401)
  await make({ token: 'good' })
  expect([await list({ valid: 'true' }), await list({ valid: 'false' }), await list()]).toEqual([
    ['good'],
    ['twice'],
    ['twice', 'good'],
  ])
  expect((await node.call(tokens.deleteRegistrationToken, { token: root, params: { token: 'twice' } })).status).toBe(
    200,
  )
  expect(refusal(await look('twice'))).toBe('404 M_NOT_FOUND')
  expect(await join('a6', 'twice')).toBe(401)
})

test('registration tokens have names of their own, or chance gives them one', async () => {
  expect((await make()).body.token).toMatch(/^[\w-]{16}$/)
  expect((await make({ length: 64 })).body.token).toMatch(/^[\w-]{64}$/)
  await make({ token: 'taken' })
  for (const [body, expected] of [
    [{ token: 'taken' }, '400 M_INVALID_PARAM'],
    [{ token: 'new' }, '400 M_INVALID_PARAM'],
    [{ expiry_time: 1 }, '400 M_INVALID_PARAM'],
    [{ token: 'a b' }, '400 M_BAD_JSON'],
    [{ token: 'x'.repeat(65) }, '400 M_BAD_JSON'],
    [{ length: 0 }, '400 M_BAD_JSON'],
    [{ uses_allowed: -1 }, '400 M_BAD_JSON'],
  ] as const)
    expect(refusal(await make(body)), JSON.stringify(body)).toBe(expected)
  expect(refusal(await change('nothing', {}))).toBe('404 M_NOT_FOUND')
})

test('what administrators call is written down, and what others try is not done', async () => {
  await look('taken')
  await change('nothing', { uses_allowed: 1 })
  expect(refusal(await node.call(tokens.createRegistrationToken, { token: nobody, body: { token: 'x' } }))).toBe(
    '403 M_FORBIDDEN',
  )
  await signed(await fresh('written'))
  const rows = await node.deps.sql`select caller, method, path, target from admin_calls order by id`
  expect(rows).toEqual([
    { caller: '@root:localhost', method: 'GET', path: tokens.getRegistrationToken.path, target: 'taken' },
    { caller: '@root:localhost', method: 'PUT', path: tokens.getRegistrationToken.path, target: 'nothing' },
    { caller: null, method: 'POST', path: registerWithSecret.path, target: 'written' },
  ])
  expect(await list()).not.toContain('x')
})
