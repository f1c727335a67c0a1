import { afterAll, beforeAll, expect, test } from 'vitest'
import { whoami } from '#spec/api/client/account.ts'
import { deleteDevice, deleteDevices, getDevice, getDevices, updateDevice } from '#spec/api/client/devices.ts'
import { addPerson, goodPassword, logInAgain, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

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

const prove = (user: string) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password: goodPassword,
})
const list = async (who: Person) => (await node.call(getDevices, { token: who.token })).body.devices!
const find = (who: Person, deviceId: string) => node.call(getDevice, { token: who.token, params: { deviceId } })
const rename = (who: Person, deviceId: string, body: object) =>
  node.call(updateDevice, { token: who.token, params: { deviceId }, body })
const remove = (who: Person, deviceId: string, body?: object) =>
  node.call(deleteDevice, { token: who.token, params: { deviceId }, ...(body && { body }) })
const statusOf = async (who: Person) => (await node.call(whoami, { token: who.token })).status

test('a user sees the own devices, with when and where they were last seen', async () => {
  const phone = await logInAgain(node, 'ayse', { device_id: 'PHONE', initial_device_display_name: 'Phone' })
  await statusOf(phone)
  const devices = await list(ayse)
  expect(devices.map((one) => one.device_id).toSorted()).toEqual([ayse.deviceId, 'PHONE'].toSorted())
  const one = (await find(ayse, 'PHONE')).body
  expect(one).toEqual({
    device_id: 'PHONE',
    display_name: 'Phone',
    last_seen_ip: '127.0.0.1',
    last_seen_ts: expect.any(Number),
  })
  expect(node.clock.now() - Number(one.last_seen_ts)).toBeLessThan(10_000)
})

test('last seen is written in a minute without being asked for', async () => {
  const seen = await addPerson(node, 'seen')
  await statusOf(seen)
  const read = async () => (await node.deps.sql`select last_seen_at from devices where user_id = ${seen.userId}`)[0]!
  expect(await read()).toEqual({ last_seen_at: null })
  node.clock.advance(60_000)
  await expect.poll(read).toEqual({ last_seen_at: expect.any(Number) })
})

test('a device gets another name', async () => {
  await rename(ayse, ayse.deviceId, { display_name: 'Kitchen tablet' })
  expect((await find(ayse, ayse.deviceId)).body.display_name).toBe('Kitchen tablet')
  await rename(ayse, ayse.deviceId, {})
  expect((await find(ayse, ayse.deviceId)).body.display_name).toBe('Kitchen tablet')
  expect((await rename(ayse, ayse.deviceId, { display_name: 'x'.repeat(256) })).body.errcode).toBe('M_BAD_JSON')
})

test("other users' devices do not exist", async () => {
  const mallory = await addPerson(node, 'mallory')
  expect((await find(mallory, ayse.deviceId)).status).toBe(404)
  expect((await rename(mallory, ayse.deviceId, { display_name: 'Owned' })).status).toBe(404)
  expect((await rename(mallory, ayse.deviceId, {})).status).toBe(404)
  expect((await remove(mallory, ayse.deviceId, { auth: prove('mallory') })).status).toBe(200)
  expect(await statusOf(ayse)).toBe(200)
})

test('deleting a device asks for the password, and logs it out', async () => {
  const lost = await logInAgain(node, 'ayse')
  const asked = await remove(ayse, lost.deviceId)
  expect(asked).toMatchObject({ status: 401, body: { flows: [{ stages: ['m.login.password'] }] } })
  const { session } = asked.body
  const wrong = await remove(ayse, lost.deviceId, { auth: { ...prove('ayse'), password: 'wrong', session } })
  expect(wrong.status).toBe(401)
  expect(await statusOf(lost)).toBe(200)
  expect((await remove(ayse, lost.deviceId, { auth: { ...prove('ayse'), session } })).status).toBe(200)
  expect(await statusOf(lost)).toBe(401)
  expect((await find(ayse, lost.deviceId)).status).toBe(404)
  expect((await remove(ayse, lost.deviceId, { auth: prove('ayse') })).status).toBe(200)
})

test('a proof for one device does not delete another', async () => {
  const one = await logInAgain(node, 'ayse')
  const { session } = (await remove(ayse, one.deviceId)).body
  const other = await remove(ayse, ayse.deviceId, { auth: { ...prove('ayse'), session } })
  expect(other).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  expect(await statusOf(ayse)).toBe(200)
})

test('several devices are deleted at once, those that are gone are passed over', async () => {
  const lost = [await logInAgain(node, 'ayse'), await logInAgain(node, 'ayse')]
  const devices = [...lost.map((one) => one.deviceId), 'NOSUCH']
  const { status } = await node.call(deleteDevices, { token: ayse.token, body: { devices, auth: prove('ayse') } })
  expect(status).toBe(200)
  expect(await Promise.all([...lost, ayse].map(statusOf))).toEqual([401, 401, 200])
})

test('deleting the calling device ends this session', async () => {
  const here = await logInAgain(node, 'ayse')
  expect((await remove(here, here.deviceId, { auth: prove('ayse') })).status).toBe(200)
  expect(await statusOf(here)).toBe(401)
})

test.each([[{ devices: 'A' }], [{ devices: [1] }], [{}], [{ devices: Array(1001).fill('A') }]])(
  'the list is refused if it is none (%#)',
  async (body) => {
    expect((await node.call(deleteDevices, { token: ayse.token, body })).body.errcode).toBe('M_BAD_JSON')
  },
)
