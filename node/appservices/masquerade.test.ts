import { afterAll, beforeAll, expect, test } from 'vitest'
import { whoami } from '#spec/api/client/account.ts'
import { deleteDevice, updateDevice } from '#spec/api/client/devices.ts'
import { getEvent, sendEvent, sendStateEvent } from '#spec/api/client/events.ts'
import { deleteRoomAlias, setRoomAlias } from '#spec/api/client/room-directory.ts'
import { createRoom, joinRoom } from '#spec/api/client/rooms.ts'
import { addTalker, type Talker } from '#node/sync/testing/talk.ts'
import type { CallInput, ServedSlices } from '#test/serve-slices.ts'
import { Bridge, serveBridges, told } from './testing/bridge.ts'

const irc = new Bridge('irc')
const slow = new Bridge('slow')
let node: ServedSlices
let ayse: Talker
let ghost: Talker
let roomId: string
beforeAll(async () => {
  const namespaces = {
    users: [{ exclusive: true, regex: '@_irc_.*:localhost' }],
    aliases: [{ exclusive: true, regex: '#_irc_.*:localhost' }],
  }
  const files = [await irc.open({ namespaces }), await slow.open({ rate_limited: true })]
  node = await serveBridges(files, { settings: { HEARTH_RATE_LIMITS: 'on' } })
  ayse = await addTalker(node, 'ayse')
  ghost = await irc.user(node, 'ghost')
  roomId = await ayse.createRoom({ preset: 'public_chat' })
  await ghost.join(roomId)
})
afterAll(async () => {
  await told(node)
  await node.stop()
  await node.database.drop()
  await Promise.all([irc.close(), slow.close()])
})

const say = (who: Talker, txnId: string, query: CallInput['query'] = {}) =>
  who.tryTo(sendEvent, { params: { roomId, eventType: 'm.room.message', txnId }, query, body: { body: txnId } })
const timeOf = async (eventId: string | undefined) =>
  (await ayse.do(getEvent, { params: { roomId, eventId: eventId! } })).origin_server_ts

test('a service says when something was said, in messages and state; nobody else can', async () => {
  const ts = '1500000000000'
  expect(await timeOf((await say(ghost, 'old', { ts })).body.event_id)).toBe(1_500_000_000_000)
  const params = { roomId, eventType: 'm.room.member', stateKey: ghost.id }
  const state = await ghost.do(sendStateEvent, {
    params,
    query: { ts },
    body: { membership: 'join', displayname: 'G' },
  })
  expect(await timeOf(state.event_id)).toBe(1_500_000_000_000)
  const now = node.clock.now()
  expect(await timeOf((await say(ayse, 'now', { ts })).body.event_id)).toBeGreaterThan(now - 60_000)
  for (const wrong of ['-1', 'x', '1.5', '', '99999999999999999'])
    expect(await say(ghost, `wrong ${wrong}`, { ts: wrong })).toMatchObject({
      status: 400,
      body: { errcode: 'M_INVALID_PARAM' },
    })
})

test('it acts as its own users only, and as those that it has made', async () => {
  const as = (user: string, token = irc.asToken) => node.call(whoami, { token, query: { user_id: user } })
  expect(await as(ghost.id)).toMatchObject({ status: 200, body: { user_id: ghost.id } })
  for (const user of [ayse.id, '@_irc_unmade:localhost', '@_irc_a:elsewhere.example', '@_slow_bot:localhost'])
    expect(await as(user)).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  // Whoever is no application service is who they are, whatever they say.
  expect((await as(ghost.id, ayse.person.token)).body.user_id).toBe(ayse.id)
  const call = { params: { roomId }, body: {} }
  expect((await node.call(joinRoom, { token: irc.asToken, ...call })).status).toBe(200)
})

test('names of rooms in its namespace are its own, and it has no others', async () => {
  const set = (who: Talker, roomAlias: string) =>
    who.tryTo(setRoomAlias, { params: { roomAlias }, body: { room_id: roomId } })
  const exclusive = { status: 400, body: { errcode: 'M_EXCLUSIVE' } }
  expect(await set(ayse, '#_irc_a:localhost')).toMatchObject(exclusive)
  expect(await set(ghost, '#free:localhost')).toMatchObject(exclusive)
  expect(await ghost.tryTo(createRoom, { body: { room_alias_name: 'free' } })).toMatchObject(exclusive)
  expect(await ayse.tryTo(createRoom, { body: { room_alias_name: '_irc_b' } })).toMatchObject(exclusive)
  expect((await set(ghost, '#_irc_a:localhost')).status).toBe(200)
  const remove = (who: Talker) => who.tryTo(deleteRoomAlias, { params: { roomAlias: '#_irc_a:localhost' } })
  expect(await remove(ayse)).toMatchObject(exclusive)
  expect((await remove(await irc.user(node, 'other'))).status).toBe(200)
})

test('it makes devices, acts as them, and takes them away with its token alone', async () => {
  const params = { deviceId: 'BRIDGED' }
  expect((await ghost.tryTo(updateDevice, { params, body: { display_name: 'Bridge' } })).status).toBe(201)
  const device_id = 'BRIDGED'
  expect((await ghost.do(whoami, { query: { device_id } })).device_id).toBe(device_id)
  expect((await ghost.tryTo(deleteDevice, { params, body: {} })).status).toBe(200)
  expect(await ghost.tryTo(whoami, { query: { device_id } })).toMatchObject({
    status: 400,
    body: { errcode: 'M_UNKNOWN_DEVICE' },
  })
})

test('one that is not limited may send as much as it likes, and one that is may not', async () => {
  const flood = async (who: Talker) => {
    const statuses: number[] = []
    for (let n = 0; n < 80; n++) statuses.push((await say(who, `flood ${n}`)).status)
    return new Set(statuses)
  }
  expect(await flood(ghost)).toEqual(new Set([200]))
  const limited = await slow.user(node, 'ghost')
  await limited.join(roomId)
  expect(await flood(limited)).toEqual(new Set([200, 429]))
})
