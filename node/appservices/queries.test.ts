import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { getProfile } from '#spec/api/client/profile.ts'
import { register } from '#spec/api/client/register.ts'
import { getRoomAlias } from '#spec/api/client/room-directory.ts'
import { createRoom, inviteUser, joinRoomByIdOrAlias } from '#spec/api/client/rooms.ts'
import * as lookup from '#spec/api/client/third-party-lookup.ts'
import { addTalker, type Talker } from '#node/sync/testing/talk.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { Bridge, serveBridges, told, type Heard } from './testing/bridge.ts'

const irc = new Bridge('irc')
const other = new Bridge('other')
let node: ServedSlices
let ayse: Talker
beforeAll(async () => {
  const namespaces = {
    users: [{ exclusive: true, regex: '@_irc_.*:localhost' }],
    aliases: [{ exclusive: true, regex: '#_irc_.*:localhost' }],
  }
  node = await serveBridges([
    await irc.open({ namespaces, protocols: ['irc'] }),
    await other.open({ protocols: ['irc', 'broken'] }),
  ])
  ayse = await addTalker(node, 'ayse')
})
afterAll(async () => {
  await told(node)
  await node.stop()
  await node.database.drop()
  await Promise.all([irc.close(), other.close()])
})
beforeEach(async () => {
  await told(node)
  for (const bridge of [irc, other]) {
    bridge.fine()
    bridge.heard.length = 0
  }
})

const asked = () => irc.heard.filter(({ method }) => method === 'GET').map(({ path }) => decodeURIComponent(path))
const make = (username: string) =>
  node.call(register, {
    token: irc.asToken,
    body: { type: 'm.login.application_service', username, inhibit_login: true },
  })
const profile = (userId: string) => ayse.tryTo(getProfile, { params: { userId } })

test('a service makes a user when somebody asks for them, or invites them', async () => {
  irc.reply = async (response, { path }) => {
    const name = /@(_irc_[a-z]+)/.exec(decodeURIComponent(path))?.[1]
    if (name !== undefined) await make(name)
    response.writeHead(200).end('{}')
  }
  expect((await profile('@_irc_late:localhost')).status).toBe(200)
  const roomId = await ayse.createRoom()
  const invite = (user_id: string) => ayse.tryTo(inviteUser, { params: { roomId }, body: { user_id } })
  expect((await invite('@_irc_guest:localhost')).status).toBe(200)
  await profile('@_irc_late:localhost')
  await told(node)
  expect(asked()).toEqual(['/_matrix/app/v1/users/@_irc_late:localhost', '/_matrix/app/v1/users/@_irc_guest:localhost'])
  expect(irc.heard[0]!.authorization).toBe(`Bearer ${irc.hsToken}`)
  expect((await profile('@nobody:localhost')).status).toBe(404)
  expect(asked()).toHaveLength(2)
})

test('a service makes a room when somebody joins by its alias; many at once ask once', async () => {
  irc.reply = async (response, { path }) => {
    if (path.includes('/rooms/')) {
      const body = { preset: 'public_chat', room_alias_name: '_irc_channel' }
      await node.call(createRoom, { token: irc.asToken, body })
    }
    response.writeHead(200).end('{}')
  }
  const params = { roomIdOrAlias: '#_irc_channel:localhost' }
  const people = [ayse, await addTalker(node, 'bea'), await addTalker(node, 'cem')]
  const answers = await Promise.all(people.map((one) => one.tryTo(joinRoomByIdOrAlias, { params, body: {} })))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(asked()).toEqual(['/_matrix/app/v1/rooms/#_irc_channel:localhost'])
})

test('what the service does not know is not there, and is not asked for again at once', async () => {
  irc.reply = (response) => void response.writeHead(404).end('{"errcode":"M_NOT_FOUND"}')
  const find = () => ayse.tryTo(getRoomAlias, { params: { roomAlias: '#_irc_none:localhost' } })
  expect([(await find()).status, (await find()).status]).toEqual([404, 404])
  expect(asked()).toHaveLength(1)
  irc.fine()
  // It says that the user is there, and did not make them.
  expect((await profile('@_irc_lie:localhost')).status).toBe(404)
})

test('one that does not answer is asked again, and given up in time', async () => {
  irc.reply = (response) => void response.writeHead(500).end()
  expect(await profile('@_irc_broken:localhost')).toMatchObject({ status: 408, body: { errcode: 'M_UNKNOWN' } })
  expect(asked()).toHaveLength(3)
  irc.reply = () => node.clock.advance(10_000)
  expect(await profile('@_irc_silent:localhost')).toMatchObject({ status: 408, body: { errcode: 'M_UNKNOWN' } })
  irc.reply = (response) => void response.writeHead(302, { location: `${other.address}/stolen` }).end()
  expect((await profile('@_irc_moved:localhost')).status).toBe(404)
  expect(other.heard).toEqual([])
})

const describe = (desc: string, network_id: string) => ({
  user_fields: ['nick'],
  location_fields: ['channel'],
  icon: 'mxc://localhost/icon',
  field_types: { nick: { regexp: '.*', placeholder: 'nick' }, channel: { regexp: '#.*', placeholder: '#a' } },
  instances: [{ desc, network_id, fields: { network: network_id } }],
})
const answering =
  (bodies: Record<string, unknown>) =>
  (response: import('node:http').ServerResponse, { path }: Heard) => {
    const body = bodies[decodeURIComponent(path).replace('/_matrix/app/v1/thirdparty/', '')]
    response.writeHead(body === undefined ? 404 : 200).end(typeof body === 'string' ? body : JSON.stringify(body ?? {}))
  }

test('networks, places and people beyond Matrix are what the services say together', async () => {
  const place = (alias: string) => ({ alias, protocol: 'irc', fields: { channel: '#a' } })
  const person = { userid: '@_irc_a:localhost', protocol: 'irc', fields: { nick: 'a' } }
  irc.reply = answering({
    'protocol/irc': describe('One', 'one'),
    'location/irc?channel=#a': [place('#_irc_a:localhost')],
    'user/irc?nick=a': [person],
    'location?alias=#_irc_a:localhost': [place('#_irc_a:localhost')],
    'user?userid=@_irc_a:localhost': [person],
  })
  other.reply = answering({
    'protocol/irc': describe('Two', 'two'),
    'protocol/broken': '{"user_fields":7}',
    'location/irc?channel=#a': `[${'1,'.repeat(200_000)}1]`,
  })
  const protocols = await ayse.do(lookup.getProtocols)
  expect(Object.keys(protocols)).toEqual(['irc'])
  expect(protocols['irc']!.instances).toMatchObject([
    { desc: 'One', network_id: 'one', instance_id: 'irc|one' },
    { desc: 'Two', network_id: 'two', instance_id: 'other|two' },
  ])
  const params = { protocol: 'irc' }
  expect((await ayse.do(lookup.getProtocol, { params })).instances).toHaveLength(2)
  expect((await ayse.tryTo(lookup.getProtocol, { params: { protocol: 'broken' } })).status).toBe(404)
  expect(await ayse.do(lookup.findLocations, { params, query: { channel: '#a' } })).toEqual([
    place('#_irc_a:localhost'),
  ])
  expect(await ayse.do(lookup.findUsers, { params, query: { nick: 'a' } })).toEqual([person])
  expect(await ayse.do(lookup.findLocationsOfAlias, { query: { alias: '#_irc_a:localhost' } })).toHaveLength(1)
  expect(await ayse.do(lookup.findUsersOfUser, { query: { userid: '@_irc_a:localhost' } })).toEqual([person])
  expect((await ayse.tryTo(lookup.findUsers, { params: { protocol: 'telex' } })).status).toBe(404)
})
