import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { getPresence, maxStatusLength, setPresence } from '#spec/api/client/presence.ts'
import type { SyncResponse } from '#spec/api/client/sync.ts'
import { StreamClient } from '#node/sync/testing/stream-client.ts'
import { addDevice, addTalker, serveTalk, type Talker } from '#node/sync/testing/talk.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { gatherMs } from './announce.ts'
import { graceMs, idleAfterMs } from './people.ts'

let node: ServedSlices
let count = 0
let ali: Talker
let bea: Talker
let roomId: string

beforeAll(async () => {
  node = await serveTalk()
})
beforeEach(async () => {
  ;[ali, bea] = [await addTalker(node, `ali${++count}`), await addTalker(node, `bea${count}`)]
  roomId = await ali.createRoom({ preset: 'public_chat' })
  await bea.join(roomId)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

/** Puts the clock forward and lets what falls due be stored. */
async function pass(ms: number): Promise<void> {
  node.clock.advance(ms)
  await new Promise((resolve) => setTimeout(resolve, 30))
  node.clock.advance(gatherMs)
  await new Promise((resolve) => setTimeout(resolve, 30))
  await node.deps.stream.idle()
}

const presenceOf = (answer: SyncResponse, who: Talker) =>
  answer.presence?.events?.find((event) => (event as unknown as { sender: string }).sender === who.id)?.content
const quietly = (who: Talker, since?: string) => who.sync({ since, set_presence: 'offline' })
const status = (who: Talker, of: Talker) => who.tryTo(getPresence, { params: { userId: of.id } })
const set = (who: Talker, body: object, of = who) => who.tryTo(setPresence, { params: { userId: of.id }, body })

test('whoever syncs is there, whoever stops is not, and others are told once of each', async () => {
  const before = await quietly(bea)
  expect(presenceOf(before, ali)).toBeUndefined()
  await ali.sync()
  await pass(0)
  const come = await quietly(bea, before.next_batch)
  expect(presenceOf(come, ali)).toEqual({
    presence: 'online',
    currently_active: true,
    last_active_ago: expect.any(Number) as number,
  })
  await ali.sync()
  await ali.send(roomId, 'busy')
  await pass(0)
  const still = await quietly(bea, come.next_batch)
  expect(presenceOf(still, ali)).toBeUndefined()
  expect(presenceOf(await quietly(bea), ali)).toMatchObject({ presence: 'online' })
  await pass(graceMs)
  const gone = await quietly(bea, still.next_batch)
  expect(presenceOf(gone, ali)).toMatchObject({ presence: 'offline' })
  expect(presenceOf(await quietly(bea), ali)).toBeUndefined()
  expect(presenceOf(await quietly(ali), ali)).toBeUndefined()
})

test('a long poll keeps its device there, and wakes when somebody comes', async () => {
  const { next_batch: since } = await bea.sync()
  await pass(0)
  const waiting = bea.sync({ since, timeout: 30_000 })
  await new Promise((resolve) => setTimeout(resolve, 50))
  await ali.sync()
  await pass(0)
  expect(presenceOf(await waiting, ali)).toMatchObject({ presence: 'online' })
  expect((await status(ali, bea)).body).toMatchObject({ presence: 'online' })
})

test('idle after five minutes without doing anything, and back with the first thing done', async () => {
  const stream = await StreamClient.start(ali)
  await stream.next()
  await pass(0)
  await pass(idleAfterMs)
  expect((await status(bea, ali)).body).toEqual({
    presence: 'unavailable',
    last_active_ago: expect.any(Number) as number,
  })
  await ali.type(roomId, true)
  await pass(0)
  expect((await status(bea, ali)).body).toMatchObject({ presence: 'online' })
  stream.close()
})

test.each<[string, object, object, object]>([
  ['one is idle, one is not', { set_presence: 'unavailable' }, {}, { presence: 'online' }],
  ['both are idle', { set_presence: 'unavailable' }, { set_presence: 'unavailable' }, { presence: 'unavailable' }],
  ['both are unseen', { set_presence: 'offline' }, { set_presence: 'offline' }, { presence: 'offline' }],
  ['one is unseen', { set_presence: 'offline' }, { set_presence: 'unavailable' }, { presence: 'unavailable' }],
])('two devices: %s', async (_, phone, tablet, expected) => {
  const other = await addDevice(node, ali.id.slice(1, ali.id.indexOf(':')))
  await ali.sync({ ...phone })
  await other.sync({ ...tablet })
  await pass(0)
  expect((await status(bea, ali)).body).toMatchObject(expected)
})

test('set by hand, with a message that lasts', async () => {
  const { next_batch: since } = await quietly(bea)
  expect((await set(ali, { presence: 'unavailable', status_msg: 'in a meeting' })).status).toBe(200)
  const told = { presence: 'unavailable', status_msg: 'in a meeting' }
  expect((await status(bea, ali)).body).toMatchObject(told)
  expect(presenceOf(await quietly(bea, since), ali)).toMatchObject(told)
  await pass(graceMs)
  expect(presenceOf(await quietly(bea), ali)).toMatchObject({ ...told, presence: 'offline' })
  await set(ali, { presence: 'online' })
  expect((await status(bea, ali)).body).not.toHaveProperty('status_msg')
  await set(ali, { presence: 'offline' })
  expect((await status(ali, ali)).body).toMatchObject({ presence: 'offline' })
})

test('who may see and set what', async () => {
  const can = await addTalker(node, `can${count}`)
  expect(await status(can, ali)).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  expect(await can.tryTo(getPresence, { params: { userId: '@nobody:localhost' } })).toMatchObject({ status: 403 })
  expect(await status(bea, ali)).toMatchObject({ status: 200, body: { presence: 'offline' } })
  expect(await set(bea, { presence: 'online' }, ali)).toMatchObject({ status: 403 })
  expect(await set(ali, { presence: 'asleep' })).toMatchObject({ status: 400 })
  expect(await set(ali, { presence: 'online', status_msg: 'x'.repeat(maxStatusLength + 1) })).toMatchObject({
    status: 400,
  })
  await ali.sync()
  await pass(0)
  expect(presenceOf(await quietly(can), ali)).toBeUndefined()
})

test('people who meet are told of each other', async () => {
  const can = await addTalker(node, `can${count}`)
  const since = { ali: (await ali.sync()).next_batch, can: (await can.sync()).next_batch }
  await pass(0)
  await can.join(roomId)
  expect(presenceOf(await can.sync({ since: since.can }), ali)).toMatchObject({ presence: 'online' })
  expect(presenceOf(await ali.sync({ since: since.ali }), can)).toMatchObject({ presence: 'online' })
})

test('filters and ignored people', async () => {
  await ali.sync()
  await pass(0)
  const seen = async (filter: object) =>
    presenceOf(await bea.sync({ filter: { presence: filter }, set_presence: 'offline' }), ali) !== undefined
  expect(await seen({})).toBe(true)
  expect(await seen({ not_types: ['m.*'] })).toBe(false)
  expect(await seen({ not_senders: [ali.id] })).toBe(false)
  expect(await seen({ senders: [ali.id] })).toBe(true)
  await bea.setData('m.ignored_user_list', { ignored_users: { [ali.id]: {} } })
  expect(await seen({})).toBe(false)
})

test('on a stream: coming, going, and newcomers', async () => {
  const stream = await StreamClient.start(bea)
  await stream.next()
  await ali.sync()
  await pass(0)
  expect(presenceOf(await stream.next(), ali)).toMatchObject({ presence: 'online' })
  await ali.leave(roomId)
  await stream.next()
  await ali.join(roomId)
  const frame = await stream.next()
  expect(frame.rooms).toBeDefined()
  expect(presenceOf(frame, ali)).toMatchObject({ presence: 'online' })
  await pass(graceMs)
  expect(presenceOf(await stream.next(), ali)).toMatchObject({ presence: 'offline' })
  expect(stream.frames).toEqual([])
  stream.close()
  await stream.until(() => stream.closeCode !== undefined)
  await pass(graceMs)
  expect((await status(ali, bea)).body).toMatchObject({ presence: 'offline' })
})

test('people of a large room hear of each other only where they share a smaller one', async () => {
  const { sql } = node.deps
  await ali.sync()
  await pass(0)
  await sql`
    insert into members (room_id, user_id, membership, event_id, position, membership_position)
    select ${roomId}, '@crowd' || n || ':localhost', 'join', '$none', 1, 1 from generate_series(1, 200) n`
  expect(presenceOf(await quietly(bea), ali)).toBeUndefined()
  expect((await status(bea, ali)).body).toMatchObject({ presence: 'online' })
  const direct = await ali.createRoom({ preset: 'public_chat' })
  await bea.join(direct)
  expect(presenceOf(await quietly(bea), ali)).toMatchObject({ presence: 'online' })
})

test('those who were there when the node stopped are there when it starts, until they do not come back', async () => {
  await ali.sync()
  await pass(0)
  const { next_batch: since } = await quietly(bea)
  await node.stop()
  node = await serveTalk(node.database)
  ;[ali.node, bea.node] = [node, node]
  expect(presenceOf(await quietly(bea), ali)).toMatchObject({ presence: 'online' })
  expect((await quietly(bea, since)).presence).toBeUndefined()
  await pass(graceMs)
  expect(presenceOf(await quietly(bea, since), ali)).toMatchObject({ presence: 'offline' })
})

test('turned off', async () => {
  const off = await serveTalk(undefined, { HEARTH_PRESENCE: 'off' })
  const [can, dan] = [await addTalker(off, 'can'), await addTalker(off, 'dan')]
  const both = await can.createRoom({ preset: 'public_chat' })
  await dan.join(both)
  await can.sync()
  expect((await dan.sync()).presence).toBeUndefined()
  expect(await status(dan, can)).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  expect(await set(dan, { presence: 'online' })).toMatchObject({ status: 403 })
  await off.stop()
  await off.database.drop()
})
