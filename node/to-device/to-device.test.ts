import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteDevice } from '#spec/api/client/devices.ts'
import { sendToDevice } from '#spec/api/client/to-device.ts'
import { StreamClient } from '#node/sync/testing/stream-client.ts'
import { addDevice, addTalker, serveTalk, type Talker } from '#node/sync/testing/talk.ts'
import { goodPassword } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker
beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

let txn = 0
const to = (who: Talker, content: object, device = who.person.deviceId) => ({ [who.id]: { [device]: content } })
const trySend = (messages: object, txnId = `${++txn}`, eventType = 'org.example.a') =>
  ali.tryTo(sendToDevice, { params: { eventType, txnId }, body: { messages } })
const send = async (messages: object, txnId?: string) =>
  expect(await trySend(messages, txnId)).toMatchObject({ status: 200 })

type Answer = Awaited<ReturnType<Talker['sync']>>
const contents = ({ to_device }: Answer) => (to_device?.events ?? []).map((event) => event.content)
const numbers = (answer: Answer) => contents(answer).map((content) => content['n'])
const kept = async () => (await node.deps.sql`select 1 from to_device_messages`).length

test('a message reaches a device that waits, and is kept until the device comes with the token', async () => {
  await ali.createRoom()
  const { next_batch: since } = await bea.sync()
  const waiting = bea.sync({ since, timeout: 10_000, filter: { presence: { types: [] } } })
  await send(to(bea, { n: 1 }))
  const first = await waiting
  expect(first.to_device).toEqual({ events: [{ type: 'org.example.a', sender: ali.id, content: { n: 1 } }] })
  // The answer may have been lost: it is told again.
  expect(numbers(await bea.sync({ since }))).toEqual([1])
  expect(numbers(await bea.sync())).toEqual([1])
  expect(await kept()).toBe(1)
  const next = await bea.sync({ since: first.next_batch })
  expect(numbers(next)).toEqual([])
  expect(await kept()).toBe(0)
})

test('messages go to the devices that are named, or to all of a user; not to others, nor to those that are not', async () => {
  const [cem, tablet] = [await addTalker(node, 'cem'), await addDevice(node, 'ali')]
  const phone = await addDevice(node, 'cem')
  const messages = {
    [cem.id]: { '*': { n: 1 }, [phone.person.deviceId]: { n: 2 }, NOSUCH: { n: 3 } },
    '@nobody:localhost': { '*': { n: 4 } },
    '@far:away.test': { A: { n: 5 } },
  }
  await send(messages)
  expect(await Promise.all([cem, phone, tablet].map(async (one) => numbers(await one.sync())))).toEqual([[1], [2], []])
})

test('the same transaction sends nothing a second time, at once or after a start of the node', async () => {
  const dan = await addTalker(node, 'dan')
  await Promise.all([1, 2, 3].map(() => send(to(dan, { n: 1 }), 'once')))
  await node.stop()
  node = await serveTalk(node.database)
  for (const who of [ali, bea, dan]) who.node = node
  await send(to(dan, { n: 2 }), 'once')
  expect((await trySend(to(dan, { n: 3 }), 'once', 'org.example.b')).status).toBe(200)
  expect(numbers(await dan.sync())).toEqual([1, 3])
})

test(
  'many messages come a hundred at a time, in order, and none is lost where an answer is',
  { timeout: 60_000 },
  async () => {
    const eda = await addTalker(node, 'eda')
    for (let n = 0; n < 250; n++) await send(to(eda, { n }))
    const seen: unknown[] = []
    let since: string | undefined
    for (;;) {
      const lost = await eda.sync({ since, timeout: 10_000 })
      const answer = await eda.sync({ since, timeout: 10_000 })
      expect(numbers(answer)).toEqual(numbers(lost))
      expect(numbers(answer).length).toBeLessThanOrEqual(100)
      seen.push(...numbers(answer))
      since = answer.next_batch
      if (seen.length >= 250) break
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, n) => n))
    expect(numbers(await eda.sync({ since }))).toEqual([])
  },
)

test('the stream tells each message once, and they are kept until it is acknowledged', async () => {
  const [fay, other] = [await addTalker(node, 'fay'), await addDevice(node, 'fay')]
  for (let n = 0; n < 150; n++) await send(to(fay, { n }))
  const stream = await StreamClient.start(fay)
  const frames = [await stream.next(), await stream.next()]
  expect(frames.map((frame) => numbers(frame).length)).toEqual([100, 50])
  await send(to(fay, { n: 150 }))
  frames.push(await stream.next())
  expect(frames.flatMap(numbers)).toEqual(Array.from({ length: 151 }, (_, n) => n))
  const count = async () =>
    (await node.deps.sql`select 1 from to_device_messages where device_id = ${fay.person.deviceId}`).length
  expect(await count()).toBe(151)
  stream.say({ type: 'ack', next_batch: frames[1]!.next_batch })
  stream.say({ type: 'ping', id: 1 })
  await stream.until(() => stream.others.length > 0)
  await send(to(fay, { n: 151 }))
  await stream.next()
  expect(await count()).toBe(2)
  stream.close()
  // Whoever opens again from an earlier frame is told again what came after it.
  const again = await StreamClient.start(fay, { since: frames[1]!.next_batch })
  expect(numbers(await again.next())).toEqual([150, 151])
  again.close()
  expect(numbers(await other.sync())).toEqual([])
})

test('what was sent to a device goes with it', async () => {
  const gus = await addTalker(node, 'gus')
  const lost = await addDevice(node, 'gus')
  await send(to(lost, { n: 1 }))
  const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'gus' }, password: goodPassword }
  await gus.do(deleteDevice, { params: { deviceId: lost.person.deviceId }, body: { auth } })
  expect(await node.deps.sql`select 1 from to_device_messages where device_id = ${lost.person.deviceId}`).toEqual([])
  await send(to(lost, { n: 2 }))
  expect(await node.deps.sql`select 1 from to_device_messages where device_id = ${lost.person.deviceId}`).toEqual([])
})

test('what is too large, or for too many, is refused whole', async () => {
  const hal = await addTalker(node, 'hal')
  const large = { filling: 'x'.repeat(65_536) }
  expect((await trySend({ ...to(hal, { n: 1 }), ...to(bea, large) })).body.errcode).toBe('M_TOO_LARGE')
  await node.deps.sql`
    insert into devices (user_id, device_id, created_at) select ${hal.id}, 'D' || n, 0 from generate_series(1, 5001) n`
  expect((await trySend({ [hal.id]: { '*': { n: 1 } } })).body.errcode).toBe('M_TOO_LARGE')
  for (const messages of [{ [hal.id]: [] }, { [hal.id]: { A: 'x' } }, { hal: { A: {} } }])
    expect((await trySend(messages)).body.errcode).toBe('M_BAD_JSON')
  expect((await trySend(to(hal, {}), 'x'.repeat(256))).body.errcode).toBe('M_INVALID_PARAM')
  expect(numbers(await hal.sync())).toEqual([])
})
