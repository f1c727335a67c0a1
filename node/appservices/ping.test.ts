import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { pingAppservice, pingAppserviceUnstable, setNetworkVisibility } from '#spec/api/client/appservices.ts'
import { queryPublicRooms } from '#spec/api/client/room-directory.ts'
import { addTalker, type Talker } from '#node/sync/testing/talk.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { Bridge, serveBridges, told } from './testing/bridge.ts'

const irc = new Bridge('irc')
const mute = new Bridge('mute')
let node: ServedSlices
let ayse: Talker
beforeAll(async () => {
  node = await serveBridges([await irc.open(), await mute.open({ url: null })])
  ayse = await addTalker(node, 'ayse')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
  await Promise.all([irc.close(), mute.close()])
})
beforeEach(async () => {
  irc.fine()
  await told(node)
  irc.heard.length = 0
})

const ping = (token = irc.asToken, appserviceId = 'irc', endpoint = pingAppservice) =>
  node.call(endpoint, { token, params: { appserviceId }, body: { transaction_id: 'meow' } })

test('a service that asks is called, with the token that it knows and the id that it gave', async () => {
  for (const endpoint of [pingAppservice, pingAppserviceUnstable]) {
    const answer = await ping(irc.asToken, 'irc', endpoint as typeof pingAppservice)
    expect(answer).toMatchObject({ status: 200, body: { duration_ms: expect.any(Number) as number } })
  }
  const heard = { method: 'POST', path: '/_matrix/app/v1/ping', authorization: `Bearer ${irc.hsToken}` }
  expect(irc.heard).toEqual(Array(2).fill({ ...heard, body: { transaction_id: 'meow' } }))
})

test('nobody else can have it called', async () => {
  for (const token of [ayse.person.token, mute.asToken])
    expect(await ping(token)).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  expect(await ping(irc.asToken, 'nobody')).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  expect(irc.heard).toEqual([])
})

test('it is told why it was not reached', async () => {
  expect(await ping(mute.asToken, 'mute')).toMatchObject({ status: 400, body: { errcode: 'M_URL_NOT_SET' } })
  irc.reply = (response) => void response.writeHead(403).end('{"errcode":"M_FORBIDDEN"}')
  expect(await ping()).toMatchObject({
    status: 502,
    body: { errcode: 'M_BAD_STATUS', status: 403, body: '{"errcode":"M_FORBIDDEN"}' },
  })
  irc.reply = (response) => void response.writeHead(500).end('x'.repeat(1_000_000))
  expect(((await ping()).body as { body: string }).body.length).toBe(4_096)
  irc.reply = (response) => void response.socket?.destroy()
  expect(await ping()).toMatchObject({ status: 502, body: { errcode: 'M_CONNECTION_FAILED' } })
  irc.reply = () => node.clock.advance(10_000)
  expect(await ping()).toMatchObject({ status: 504, body: { errcode: 'M_CONNECTION_TIMEOUT' } })
})

test('who is back and says so need not wait to be told', async () => {
  const ghost = await irc.user(node, 'ghost')
  const roomId = await ayse.createRoom({ preset: 'public_chat' })
  await ghost.join(roomId)
  await told(node)
  irc.reply = (response) => void response.writeHead(502).end()
  await ayse.send(roomId, 'while you were away')
  await told(node)
  irc.fine()
  irc.heard.length = 0
  await told(node)
  expect(irc.messages).toEqual([])
  expect((await ping()).status).toBe(200)
  await told(node)
  expect(irc.messages).toEqual(['while you were away'])
})

test('it lists rooms of its own in the directory of a network, and only there', async () => {
  const ghost = await irc.user(node, 'lister')
  const [own, strange, ours] = [
    await ayse.createRoom({ preset: 'public_chat', name: 'own' }),
    await ayse.createRoom({ preset: 'public_chat', name: 'strange' }),
    await ayse.createRoom({ preset: 'public_chat', name: 'ours', visibility: 'public' }),
  ]
  await ghost.join(own)
  const list = (roomId: string, visibility: string, token = irc.asToken) =>
    node.call(setNetworkVisibility, { token, params: { networkId: 'net', roomId }, body: { visibility } })
  const found = async (body: object) =>
    (await ayse.do(queryPublicRooms, { body })).chunk!.map(({ room_id }) => room_id).toSorted()
  const instance = { third_party_instance_id: 'irc|net' }

  expect((await list(own, 'public')).status).toBe(200)
  expect(await list(strange, 'public')).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  expect(await list(own, 'public', ayse.person.token)).toMatchObject({ status: 403 })
  expect(await list(own, 'public', mute.asToken)).toMatchObject({ status: 403 })
  expect(await found(instance)).toEqual([own])
  expect(await found({})).toEqual([ours])
  expect(await found({ include_all_networks: true })).toEqual([own, ours].toSorted())
  expect(await found({ third_party_instance_id: 'irc|other' })).toEqual([])
  expect(await ayse.tryTo(queryPublicRooms, { body: { ...instance, include_all_networks: true } })).toMatchObject({
    status: 400,
  })
  expect((await list(own, 'private')).status).toBe(200)
  expect(await found(instance)).toEqual([])
})
