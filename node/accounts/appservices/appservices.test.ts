import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deactivateAccount, whoami } from '#spec/api/client/account.ts'
import { deleteDevice, getDevices, updateDevice } from '#spec/api/client/devices.ts'
import { getLoginFlows, getLoginToken, login } from '#spec/api/client/login.ts'
import { setProfileField } from '#spec/api/client/profile.ts'
import { checkUsernameAvailability, register } from '#spec/api/client/register.ts'
import type { RoomAlias, UserId } from '#spec/ids.ts'
import { StartError } from '#node/config.ts'
import { addPerson, goodPassword, servePeople, type Person } from '#test/people.ts'
import type { CallInput, ServedSlices } from '#test/serve-slices.ts'
import { appservicesOf, checkAliasNotExclusive, exclusiveOwner, isInterestedInUser } from './appservices.ts'
import { readRegistrations } from './registration.ts'
import { serverName } from '#spec/ids.ts'

const irc = `
id: irc
url: http://127.0.0.1:9999/
as_token: the-as-token-of-irc
hs_token: the-hs-token-of-irc
sender_localpart: _irc_bot
rate_limited: false
protocols: [irc]
de.sorunome.msc2409.push_ephemeral: true
namespaces:
  users:
    - { exclusive: true, regex: '@_irc_.*:localhost' }
    - { exclusive: false, regex: '@shared_.*:localhost' }
  aliases:
    - { exclusive: true, regex: '#_irc_.*:localhost' }
`
const other = JSON.stringify({
  id: 'other',
  url: null,
  as_token: 'the-as-token-of-other',
  hs_token: 'x',
  sender_localpart: 'otherbot',
  namespaces: {},
})

let folder: string
let node: ServedSlices
let ayse: Person
const file = async (name: string, content: string) => {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-appservices-'))
  const files = [await file('irc.yaml', irc), await file('other.json', other)]
  node = await servePeople({ HEARTH_APPSERVICES: files.join(','), HEARTH_RATE_LIMITS: 'on' })
  ayse = await addPerson(node, 'ayse')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
  await rm(folder, { recursive: true })
})

const token = 'the-as-token-of-irc'
const who = (query?: CallInput['query']) => node.call(whoami, { token, ...(query && { query }) })
const registerAs = (username: string, more: object = {}, by = token) =>
  node.call(register, {
    token: by,
    body: { type: 'm.login.application_service', username, inhibit_login: true, ...more },
  })
const refusal = ({ status, body }: { status: number; body: { errcode?: unknown } }) =>
  `${status} ${String(body.errcode)}`

test('what the file says is known', () => {
  const [first] = appservicesOf(node.deps)
  expect(first).toMatchObject({
    id: 'irc',
    url: 'http://127.0.0.1:9999',
    isRateLimited: false,
    receivesEphemeral: true,
    receivesEncryption: false,
    protocols: ['irc'],
    sender: '@_irc_bot:localhost',
  })
  expect(isInterestedInUser(first!, '@_irc_x:localhost' as UserId)).toBe(true)
  expect(isInterestedInUser(first!, '@ayse:localhost' as UserId)).toBe(false)
  expect(exclusiveOwner(node.deps, 'users', '@shared_x:localhost')).toBeUndefined()
})

test('with its token it is its own user, without a device', async () => {
  expect((await who()).body).toEqual({ user_id: '@_irc_bot:localhost', is_guest: false })
  const keyName = 'displayname'
  const params = { userId: '@_irc_bot:localhost', keyName }
  expect((await node.call(setProfileField, { token, params, body: { displayname: 'IRC' } })).status).toBe(200)
})

test('it registers users of its namespaces, and acts as them', async () => {
  expect(refusal(await who({ user_id: '@_irc_mert:localhost' }))).toBe('403 M_FORBIDDEN')
  expect((await registerAs('_irc_mert')).body).toEqual({ user_id: '@_irc_mert:localhost' })
  expect(refusal(await registerAs('_irc_mert'))).toBe('400 M_USER_IN_USE')
  expect((await who({ user_id: '@_irc_mert:localhost' })).body).toMatchObject({ user_id: '@_irc_mert:localhost' })
  expect((await registerAs('shared_a')).status).toBe(200)
  expect((await who({ user_id: '@shared_a:localhost' })).status).toBe(200)
})

test('it acts as nobody else', async () => {
  for (const user_id of ['@ayse:localhost', '@otherbot:localhost', '@_irc_a:elsewhere.example'])
    expect(refusal(await who({ user_id }))).toBe('403 M_FORBIDDEN')
  expect(refusal(await who({ user_id: 'ayse' }))).toBe('400 M_INVALID_PARAM')
  expect(refusal(await registerAs('zeynep'))).toBe('400 M_EXCLUSIVE')
  expect(refusal(await registerAs('_irc_x', {}, 'the-as-token-of-other'))).toBe('400 M_EXCLUSIVE')
  expect(refusal(await registerAs('_irc_x', {}, ayse.token))).toBe('401 M_UNKNOWN_TOKEN')
})

test("a person's token acts as nobody but the person", async () => {
  const query = { user_id: '@_irc_bot:localhost' }
  expect((await node.call(whoami, { token: ayse.token, query })).body.user_id).toBe(ayse.userId)
})

test('nobody else takes a name that is kept for it', async () => {
  const body = { username: '_irc_thief', password: goodPassword, auth: { type: 'm.login.dummy' } }
  expect(refusal(await node.call(register, { body }))).toBe('400 M_EXCLUSIVE')
  expect(refusal(await node.call(checkUsernameAvailability, { query: { username: '_irc_thief' } }))).toBe(
    '400 M_EXCLUSIVE',
  )
  expect((await node.call(register, { body: { ...body, username: 'shared_b' } })).status).toBe(200)
  const alias = '#_irc_room:localhost' as RoomAlias
  expect(() => checkAliasNotExclusive(node.deps, alias, ayse.userId as UserId)).toThrow('kept')
  expect(() => checkAliasNotExclusive(node.deps, alias, '@_irc_mert:localhost' as UserId)).not.toThrow()
})

test('it logs its users in', async () => {
  await registerAs('_irc_can')
  const logIn = (user: string, by: string | undefined) =>
    node.call(login, {
      ...(by !== undefined && { token: by }),
      body: { type: 'm.login.application_service', identifier: { type: 'm.id.user', user } },
    })
  const { body } = await logIn('_irc_can', token)
  expect((await node.call(whoami, { token: body.access_token })).body).toMatchObject({
    user_id: '@_irc_can:localhost',
    device_id: body.device_id,
  })
  expect(refusal(await logIn('_irc_nobody', token))).toBe('403 M_FORBIDDEN')
  expect(refusal(await logIn('ayse', token))).toBe('400 M_EXCLUSIVE')
  expect(refusal(await logIn('_irc_can', undefined))).toBe('403 M_FORBIDDEN')
  expect(refusal(await logIn('_irc_can', ayse.token))).toBe('403 M_FORBIDDEN')
  expect((await node.call(getLoginFlows)).body.flows).toContainEqual({ type: 'm.login.application_service' })
})

test('registering can log in at once', async () => {
  const { body } = await registerAs('_irc_deniz', { inhibit_login: false, device_id: 'BRIDGE' })
  expect((await node.call(whoami, { token: body.access_token })).body.device_id).toBe('BRIDGE')
})

test('it makes devices for its users, acts with them, and deletes them, without a password', async () => {
  await registerAs('_irc_elif')
  const user_id = '@_irc_elif:localhost'
  const deviceId = 'PHONE'
  expect(refusal(await who({ user_id, device_id: deviceId }))).toBe('400 M_UNKNOWN_DEVICE')
  const put = () =>
    node.call(updateDevice, { token, params: { deviceId }, query: { user_id }, body: { display_name: 'Bridge' } })
  expect([(await put()).status, (await put()).status]).toEqual([201, 200])
  expect((await who({ user_id, 'org.matrix.msc3202.device_id': deviceId })).body.device_id).toBe(deviceId)
  expect((await who({ user_id, device_id: deviceId })).body.device_id).toBe(deviceId)
  expect((await node.call(deleteDevice, { token, params: { deviceId }, query: { user_id }, body: {} })).status).toBe(
    200,
  )
  expect(refusal(await who({ user_id, device_id: deviceId }))).toBe('400 M_UNKNOWN_DEVICE')
  expect((await node.call(getDevices, { token, query: { user_id } })).body.devices).toEqual([])
})

test('it ends the accounts of its users, whose names stay taken', async () => {
  await registerAs('_irc_gone')
  const query = { user_id: '@_irc_gone:localhost' }
  expect((await node.call(deactivateAccount, { token, query, body: {} })).status).toBe(200)
  expect(refusal(await who(query))).toBe('403 M_FORBIDDEN')
  expect(refusal(await registerAs('_irc_gone'))).toBe('400 M_USER_IN_USE')
})

test('it needs no login tokens, and is not held up by limits unless its file says so', async () => {
  expect(refusal(await node.call(getLoginToken, { token, body: {} }))).toBe('403 M_FORBIDDEN')
  const many = await Promise.all(Array.from({ length: 350 }, () => who()))
  expect(many.filter(({ status }) => status !== 200)).toEqual([])
  const limited = await Promise.all(
    Array.from({ length: 350 }, () => node.call(whoami, { token: 'the-as-token-of-other' })),
  )
  expect(limited.some(({ status }) => status === 429)).toBe(true)
})

test.each([
  ['no file', undefined, /cannot be read/],
  ['no YAML', 'a: [', /cannot be read/],
  ['no registration', 'id: x', /url/],
  ['a wrong address', irc.replace('http:', 'gopher:'), /url/],
  ['a pattern that cannot be', irc.replace('@_irc_.*', '@_irc_('), /pattern/],
  ['a pattern that looks around', irc.replace('@_irc_.*', '(?=@)'), /pattern/],
  ['a sender that is no name', irc.replace('_irc_bot', 'İrc'), /sender_localpart/],
  ['exclusive that is no yes or no', irc.replace('exclusive: true', 'exclusive: maybe'), /namespaces/],
])('%s keeps the node from starting', async (name, content, expected) => {
  const path = content === undefined ? join(folder, 'absent.yaml') : await file(`${name}.yaml`, content)
  const read = () => readRegistrations([path], serverName.parse('localhost'))
  expect(read).toThrow(StartError)
  expect(read).toThrow(expected)
})

test.each([
  ['id', irc.replace('the-as-token-of-irc', 'y').replace('_irc_bot', 'b')],
  ['as_token', irc.replace('id: irc', 'id: y').replace('_irc_bot', 'b')],
  ['sender_localpart', irc.replace('id: irc', 'id: y').replace('the-as-token-of-irc', 'y')],
])('two with the same %s keep the node from starting', async (field, content) => {
  const paths = [await file('a.yaml', irc), await file('b.yaml', content)]
  expect(() => readRegistrations(paths, serverName.parse('localhost'))).toThrow(field)
})
