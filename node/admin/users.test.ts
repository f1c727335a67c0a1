import { afterAll, beforeAll, expect, test } from 'vitest'
import * as devices from '#spec/api/admin/devices.ts'
import * as users from '#spec/api/admin/users.ts'
import { whoami } from '#spec/api/client/account.ts'
import { getLock } from '#spec/api/client/admin.ts'
import { getProfile } from '#spec/api/client/profile.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { addCaller, ok, refusal, type Caller } from '#node/rooms/testing/caller.ts'
import { logInAgain, type Person } from '#test/people.ts'
import type { CallInput, ServedSlices } from '#test/serve-slices.ts'
import { makeAdmin, serveAdmin } from './testing/serve-admin.ts'

let node: ServedSlices
let root: Person
let ayse: Caller
beforeAll(async () => {
  node = await serveAdmin({ HEARTH_REGISTRATION: 'open' })
  root = await makeAdmin(node, 'root')
  ayse = await addCaller(node, 'ayse')
  await addCaller(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const call = <E extends Endpoint>(endpoint: E, input: CallInput) => node.call(endpoint, { token: root.token, ...input })
const idOf = (name: string) => ({ userId: `@${name}:localhost` })
const put = (name: string, body: object) => call(users.putUser, { params: idOf(name), body })
const get = (name: string) => call(users.getUser, { params: idOf(name) })
const list = async (query: Record<string, string>) => {
  const { users: found, total, next_token: next } = ok(await call(users.listUsers, { query }))
  return { names: found!.map(({ name }) => name.slice(1).split(':')[0]), total, next }
}
const isIn = async ({ token }: Person) => (await node.call(whoami, { token })).status

test('all of it is for administrators', async () => {
  for (const endpoint of [...Object.values(users), ...Object.values(devices)]) {
    if (!('method' in endpoint)) continue
    const params = { userId: ayse.id, deviceId: ayse.person.deviceId }
    const answer = await node.call(endpoint as Endpoint, {
      token: ayse.person.token,
      params,
      ...(endpoint.method !== 'GET' && { body: {} }),
    })
    expect(refusal(answer), endpoint.path).toBe('403 M_FORBIDDEN')
  }
})

test('an account is made, and changed, as it is wanted', async () => {
  const made = ok(await put('made', { password: 'short', displayname: 'Made', admin: true }))
  expect(made).toMatchObject({ name: '@made:localhost', displayname: 'Made', admin: true, deactivated: false })
  const phone = await logInAgain(node, 'made', { password: 'short' })
  expect((await node.call(users.listUsers, { token: phone.token })).status).toBe(200)
  expect(ok(await put('made', { admin: false, avatar_url: 'mxc://localhost/a', displayname: '' }))).toMatchObject({
    admin: false,
    avatar_url: 'mxc://localhost/a',
    displayname: null,
  })
  expect((await node.call(users.listUsers, { token: phone.token })).status).toBe(403)
  await put('made', { password: 'another', logout_devices: false })
  expect(await isIn(phone)).toBe(200)
  await call(users.resetPassword, { params: idOf('made'), body: { new_password: 'a third' } })
  expect(await isIn(phone)).toBe(401)
  expect(await isIn(await logInAgain(node, 'made', { password: 'a third' }))).toBe(200)
  ok(await put('made', { locked: true }))
  expect(ok(await call(getLock, { params: idOf('made') }))).toEqual({ locked: true })
  ok(await put('made', { locked: false }))
})

test('what cannot be is refused, and changes nothing', async () => {
  const before = ok(await get('mert'))
  for (const [name, body, expected] of [
    ['mert', { displayname: 'x', threepids: [{ medium: 'email', address: 'a@b.example' }] }, '403 M_THREEPID_DENIED'],
    ['mert', { displayname: 'x', external_ids: [{}] }, '400 M_INVALID_PARAM'],
    ['mert', { displayname: 'x', admin: true, locked: true }, '403 M_FORBIDDEN'],
    ['mert', { displayname: 'x', avatar_url: 'https://a.example/' }, '400 M_BAD_JSON'],
    ['mert', { displayname: 'x', password: 'x'.repeat(2_000) }, '400 M_INVALID_PARAM'],
    ['mert', { displayname: 'x', password: '' }, '400 M_BAD_JSON'],
    ['root', { admin: false }, '400 M_INVALID_PARAM'],
    ['root', { deactivated: true }, '400 M_INVALID_PARAM'],
    ['root', { locked: true }, '403 M_FORBIDDEN'],
    ['No Name', {}, '400 M_INVALID_USERNAME'],
  ] as const)
    expect(refusal(await put(name, body)), JSON.stringify(body).slice(0, 99)).toBe(expected)
  expect(ok(await get('mert'))).toEqual(before)
  const elsewhere = { userId: '@a:elsewhere.example' }
  expect(refusal(await call(users.putUser, { params: elsewhere, body: {} }))).toBe('400 M_INVALID_PARAM')
  expect(refusal(await call(users.getUser, { params: elsewhere }))).toBe('400 M_INVALID_PARAM')
  expect(refusal(await get('nothing'))).toBe('404 M_NOT_FOUND')
})

test('an account that was ended is gone for good, out of its rooms', async () => {
  const gone = await addCaller(node, 'gone')
  const roomId = await ayse.createRoom({ preset: 'public_chat' })
  ok(await gone.join(roomId))
  expect(ok(await call(users.getRoomsOfUser, { params: idOf('gone') }))).toEqual({ joined_rooms: [roomId], total: 1 })
  ok(await call(users.endAccount, { params: idOf('gone'), body: { erase: true } }))
  expect(await isIn(gone.person)).toBe(401)
  await node.worker.idle()
  expect(ok(await call(users.getRoomsOfUser, { params: idOf('gone') }))).toEqual({ joined_rooms: [], total: 0 })
  expect((await node.call(getProfile, { params: idOf('gone') })).status).toBe(404)
  expect(ok(await get('gone'))).toMatchObject({ deactivated: true, erased: true })
  for (const again of [put('gone', { deactivated: false }), call(users.endAccount, { params: idOf('root'), body: {} })])
    expect(refusal(await again)).toBe('400 M_INVALID_PARAM')
  for (const again of [
    call(users.endAccount, { params: idOf('gone'), body: {} }),
    call(users.resetPassword, { params: idOf('gone'), body: { new_password: 'x' } }),
  ])
    expect(refusal(await again)).toBe('404 M_NOT_FOUND')
})

test('accounts are found, sorted and given in pages', async () => {
  await put('zoe', { displayname: 'A%b', password: 'x' })
  await put('locked', { locked: true })
  expect((await list({})).names).toEqual(['ayse', 'made', 'mert', 'root', 'zoe'])
  expect((await list({ deactivated: 'true', locked: 'true' })).names).toEqual([
    'ayse',
    'gone',
    'locked',
    'made',
    'mert',
    'root',
    'zoe',
  ])
  expect((await list({ admins: 'true' })).names).toEqual(['root'])
  expect((await list({ dir: 'b', limit: '2' })).names).toEqual(['zoe', 'root'])
  expect(await list({ from: '2', limit: '2' })).toEqual({ names: ['mert', 'root'], total: 5, next: '4' })
  expect(await list({ from: '4' })).toEqual({ names: ['zoe'], total: 5, next: undefined })
  expect((await list({ order_by: 'creation_ts', dir: 'b', limit: '1' })).names).toEqual(['zoe'])
  for (const [name, found] of [
    ['a%B', ['zoe']],
    ['%', ['zoe']],
    ['_', []],
    ["'; drop table accounts; --", []],
    ['ER', ['mert']],
    ['localhost', []],
  ] as const)
    expect((await list({ name })).names, name).toEqual(found)
  expect((await list({ user_id: 'localhost', limit: '1' })).total).toBe(5)
})

test.each(['name; drop table accounts', 'password_hash', '(select 1)', '1', 'constructor', ''])(
  'nothing is sorted by %s',
  async (order_by) => {
    expect(refusal(await call(users.listUsers, { query: { order_by } }))).toBe('400 M_INVALID_PARAM')
  },
)

test.each(users.userOrder.options)('accounts can be sorted by %s, both ways', async (order_by) => {
  for (const dir of ['f', 'b']) expect((await list({ order_by, dir })).names.length).toBe(5)
})

test('devices of others are shown, named and ended', async () => {
  const phone = await logInAgain(node, 'mert')
  const params = { ...idOf('mert'), deviceId: phone.deviceId }
  ok(await call(devices.updateDeviceOfUser, { params, body: { display_name: 'Stolen' } }))
  expect(ok(await call(devices.getDeviceOfUser, { params }))).toMatchObject({
    device_id: phone.deviceId,
    display_name: 'Stolen',
    user_id: '@mert:localhost',
  })
  expect(ok(await call(devices.getDevicesOfUser, { params })).total).toBe(2)
  ok(await call(devices.deleteDeviceOfUser, { params }))
  expect(await isIn(phone)).toBe(401)
  expect(refusal(await call(devices.getDeviceOfUser, { params }))).toBe('404 M_NOT_FOUND')
  const [rest] = ok(await call(devices.getDevicesOfUser, { params })).devices!
  ok(await call(devices.deleteDevicesOfUser, { params, body: { devices: [rest!.device_id, 'NOTHING'] } }))
  expect(ok(await call(devices.getDevicesOfUser, { params })).total).toBe(0)
  for (const endpoint of [devices.getDevicesOfUser, users.getPushersOfUser, users.getSessionsOfUser])
    expect(refusal(await call(endpoint, { params: idOf('nothing') }))).toBe('404 M_NOT_FOUND')
})

test('who is logged in from where is told', async () => {
  expect(Object.keys(ok(await call(users.getSessionsOfUser, { params: { userId: ayse.id } })).devices!)).toEqual([
    ayse.person.deviceId,
  ])
  expect(ok(await call(users.getPushersOfUser, { params: { userId: ayse.id } }))).toEqual({ pushers: [], total: 0 })
  expect(refusal(await call(users.checkUsername, { query: { username: 'ayse' } }))).toBe('400 M_USER_IN_USE')
  expect(ok(await call(users.checkUsername, { query: { username: 'free' } }))).toEqual({ available: true })
})
