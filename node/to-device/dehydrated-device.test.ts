import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteDevice, getDevices } from '#spec/api/client/devices.ts'
import * as api from '#spec/api/client/dehydrated-device.ts'
import { logoutAll } from '#spec/api/client/login.ts'
import { sendToDevice } from '#spec/api/client/to-device.ts'
import { CryptoPerson } from '#node/keys/testing/crypto-person.ts'
import { addDevice, addTalker, serveTalk, Talker } from '#node/sync/testing/talk.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
beforeAll(async () => {
  node = await serveTalk()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

/** A device of the same person that has no session. */
const dehydrate = (owner: CryptoPerson, deviceId: string) =>
  new CryptoPerson(new Talker(node, { ...owner.talker.person, deviceId }))
const upload = (device: CryptoPerson, more: object = {}) =>
  device.talker.tryTo(api.putDehydratedDevice, {
    body: {
      device_id: device.deviceId,
      device_data: { algorithm: 'org.example.pickle', pickle: 'secret' },
      initial_device_display_name: 'Dehydrated',
      device_keys: device.deviceKeys({ dehydrated: true }),
      one_time_keys: device.oneTimeKeys(['1']),
      ...more,
    },
  })
const find = ({ talker }: CryptoPerson) => talker.tryTo(api.getDehydratedDevice)
const send = async (from: CryptoPerson, whom: CryptoPerson, n: number, device = '*') => {
  const params = { eventType: 'org.example.a', txnId: `${from.id} ${n}` }
  await from.talker.do(sendToDevice, { params, body: { messages: { [whom.id]: { [device]: { n } } } } })
}
const numbersIn = (events: readonly { content: object }[] | undefined) =>
  events!.map(({ content }) => (content as { n: number }).n)

test('it is found by others like a device, receives, and is opened by the next device of its owner', async () => {
  const [ali, bea] = [new CryptoPerson(await addTalker(node, 'ali')), new CryptoPerson(await addTalker(node, 'bea'))]
  expect((await find(ali)).body.errcode).toBe('M_NOT_FOUND')
  const sleeping = dehydrate(ali, 'SLEEPING')
  expect(await upload(sleeping)).toMatchObject({ status: 200, body: { device_id: 'SLEEPING' } })
  const { device_keys } = await bea.query([ali.id])
  expect(device_keys).toMatchObject({
    [ali.id]: { SLEEPING: { dehydrated: true, unsigned: { device_display_name: 'Dehydrated' } } },
  })
  expect((await ali.talker.do(getDevices)).devices!.map((one) => one.device_id)).toEqual([ali.deviceId])
  expect(await bea.claimName(sleeping)).toBe('signed_curve25519:1')
  await ali.talker.do(logoutAll, { body: {} })
  for (let n = 0; n < 130; n++) await send(bea, ali, n, n % 2 === 0 ? '*' : 'SLEEPING')

  const next = new CryptoPerson(await addDevice(node, 'ali'))
  expect((await find(next)).body).toEqual({
    device_id: 'SLEEPING',
    device_data: { algorithm: 'org.example.pickle', pickle: 'secret' },
  })
  const params = { deviceId: 'SLEEPING' }
  const all = Array.from({ length: 130 }, (_, n) => n)
  for (let round = 0; round < 2; round++) {
    const first = await next.talker.do(api.postDehydratedEvents, { params, body: {} })
    const second = await next.talker.do(api.postDehydratedEvents, { params, body: { next_batch: first.next_batch } })
    const last = await next.talker.do(api.postDehydratedEvents, { params, body: { next_batch: second.next_batch } })
    expect([...numbersIn(first.events), ...numbersIn(second.events), ...numbersIn(last.events)]).toEqual(all)
    expect(last.events).toEqual([])
  }
  const page = await next.talker.do(api.getDehydratedEvents, { params })
  const rest = await next.talker.do(api.getDehydratedEvents, { params, query: { from: page.next_batch! } })
  expect([...numbersIn(page.events), ...numbersIn(rest.events)]).toEqual(all)
  expect(rest.next_batch).toBeUndefined()
})

test('another takes its place, with nothing of the one before', async () => {
  const [cem, dan] = [new CryptoPerson(await addTalker(node, 'cem')), new CryptoPerson(await addTalker(node, 'dan'))]
  const [first, second] = [dehydrate(cem, 'FIRST'), dehydrate(cem, 'SECOND')]
  await upload(first)
  await send(dan, cem, 1)
  await upload(second)
  expect(Object.keys((await dan.query([cem.id])).device_keys![cem.id as never]!)).toEqual(['SECOND'])
  expect(await dan.claimName(first)).toBeUndefined()
  const read = (deviceId: string) => cem.talker.tryTo(api.postDehydratedEvents, { params: { deviceId }, body: {} })
  expect((await read('FIRST')).status).toBe(404)
  expect((await read(cem.deviceId)).status).toBe(403)
  expect(numbersIn((await read('SECOND')).body.events)).toEqual([])
  expect((await dan.talker.tryTo(api.postDehydratedEvents, { params: { deviceId: 'SECOND' }, body: {} })).status).toBe(
    404,
  )
  await cem.talker.do(deleteDevice, { params: { deviceId: 'SECOND' }, body: { auth: cem.proof() } })
  expect((await find(cem)).status).toBe(200)
  expect((await cem.talker.do(api.deleteDehydratedDevice, { body: {} })).device_id).toBe('SECOND')
  expect((await cem.talker.tryTo(api.deleteDehydratedDevice, { body: {} })).status).toBe(404)
  expect((await dan.query([cem.id])).device_keys).toEqual({ [cem.id]: {} })
})

test('it has keys of its own, signed by itself, and no session', async () => {
  const eda = new CryptoPerson(await addTalker(node, 'eda'))
  const sleeping = dehydrate(eda, 'SLEEPING')
  expect((await upload(sleeping, { device_keys: undefined })).body.errcode).toBe('M_BAD_JSON')
  expect((await upload(sleeping, { device_keys: eda.deviceKeys() })).body.errcode).toBe('M_INVALID_PARAM')
  expect((await upload(eda)).body.errcode).toBe('M_INVALID_PARAM')
  expect((await find(eda)).status).toBe(404)
})
