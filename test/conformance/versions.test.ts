import { afterAll, beforeAll, expect, test } from 'vitest'
import { endpoints } from '#spec/api/all.ts'
import { versions } from '#node/accounts/describe-server.ts'
import { goodPassword } from '#test/world-node.ts'
import { world, type World } from '#test/world.ts'
import { keyOf, readOfficialApi } from './official-api.ts'
import { exceptions } from './operations/all.ts'

/** What the node says of itself, tried. */

const folder = process.env['MATRIX_SPEC_DIR']

let home: World
let baseUrl: string
let ayse: Caller
let mert: Caller
let roomId: string
beforeAll(async () => {
  home = await world()
  baseUrl = home.nodes[0]!.baseUrl
  ayse = await register('ayse')
  mert = await register('mert')
  roomId = String((await ayse.must('POST', '/v3/createRoom', { invite: [mert.userId] }))['room_id'])
  await mert.must('POST', `/v3/join/${roomId}`, {})
})
afterAll(() => home.stop())

type Body = Record<string, unknown>
interface Caller {
  readonly userId: string
  /** Calls a path below `/_matrix/client`. */
  call(method: string, path: string, body?: object): Promise<{ status: number; body: Body }>
  /** The same, and fails unless it goes well. */
  must(method: string, path: string, body?: object): Promise<Body>
}

function callerWith(token: string, userId: string): Caller {
  const call = async (method: string, path: string, body?: object) => {
    const headers = { 'content-type': 'application/json', ...(token !== '' && { authorization: `Bearer ${token}` }) }
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`${baseUrl}/_matrix/client${path}`, init)
    return { status: response.status, body: (await response.json()) as Body }
  }
  const must = async (method: string, path: string, body?: object) => {
    const answer = await call(method, path, body)
    expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBe(200)
    return answer.body
  }
  return { userId, call, must }
}

async function register(username: string): Promise<Caller> {
  const body = { username, password: goodPassword, auth: { type: 'm.login.dummy' } }
  const made = await callerWith('', '').must('POST', '/v3/register', body)
  return callerWith(String(made['access_token']), String(made['user_id']))
}

const say = async (more: object = {}) => {
  const path = `/v3/rooms/${roomId}/send/m.room.message/${crypto.randomUUID()}`
  return String((await ayse.must('PUT', path, { msgtype: 'm.text', body: 'Soup', ...more }))['event_id'])
}

/** For each flag, that what it promises is there. */
const probes: Readonly<Record<string, () => Promise<unknown>>> = {
  'org.matrix.msc2285.stable': async () =>
    mert.must('POST', `/v3/rooms/${roomId}/receipt/m.read.private/${encodeURIComponent(await say())}`, {}),
  'org.matrix.msc3440.stable': async () => {
    const root = await say()
    await say({ 'm.relates_to': { rel_type: 'm.thread', event_id: root } })
    const { chunk } = await mert.must('GET', `/v1/rooms/${roomId}/threads`)
    expect(chunk).toMatchObject([{ event_id: root, unsigned: { 'm.relations': { 'm.thread': { count: 1 } } } }])
  },
  'org.matrix.msc3827.stable': async () => {
    const body = { visibility: 'public', name: 'Family', creation_content: { type: 'm.space' } }
    await ayse.must('POST', '/v3/createRoom', body)
    const only = async (room_types: unknown[]) =>
      (await ayse.must('POST', '/v3/publicRooms', { filter: { room_types } }))['chunk']
    expect(await only(['m.space'])).toMatchObject([{ room_type: 'm.space' }])
    expect(await only([null])).toEqual([])
  },
  'org.matrix.msc3916.stable': () => ayse.must('GET', '/v1/media/config'),
  'uk.tcpip.msc4133.stable': async () => {
    await ayse.must('PUT', `/v3/profile/${ayse.userId}/org.example.pet`, { 'org.example.pet': 'cat' })
    expect(await mert.must('GET', `/v3/profile/${ayse.userId}`)).toMatchObject({ 'org.example.pet': 'cat' })
  },
  'com.beeper.msc4169': async () => {
    const eventId = await say()
    await ayse.must('PUT', `/v3/rooms/${roomId}/send/m.room.redaction/${crypto.randomUUID()}`, { redacts: eventId })
    const event = await mert.must('GET', `/v3/rooms/${roomId}/event/${encodeURIComponent(eventId)}`)
    expect(event['content']).toEqual({})
  },
  'org.matrix.msc4380.stable': async () => {
    const cem = await register('cem')
    const path = `/v3/user/${cem.userId}/account_data/m.invite_permission_config`
    await cem.must('PUT', path, { default_action: 'block' })
    const refused = await ayse.call('POST', `/v3/rooms/${roomId}/invite`, { user_id: cem.userId })
    expect(refused).toMatchObject({ status: 403, body: { errcode: 'M_INVITE_BLOCKED' } })
  },
  'uk.half-shot.msc2666.query_mutual_rooms': async () => {
    const path = `/unstable/uk.half-shot.msc2666/user/mutual_rooms?user_id=${mert.userId}`
    expect(await ayse.must('GET', path)).toMatchObject({ joined: [roomId] })
  },
  'uk.half-shot.msc2666.query_mutual_rooms.stable': async () => {
    const shared = await ayse.must('GET', `/v1/mutual_rooms?user_id=${mert.userId}`)
    expect(shared).toMatchObject({ joined: [roomId] })
  },
  'org.matrix.msc4140': async () => {
    const path = `/v3/rooms/${roomId}/send/m.room.message/later?org.matrix.msc4140.delay=60000`
    const { delay_id } = await ayse.must('PUT', path, { msgtype: 'm.text', body: 'Later' })
    const waiting = await ayse.must('GET', '/unstable/org.matrix.msc4140/delayed_events')
    expect(JSON.stringify(waiting)).toContain(String(delay_id))
  },
  'org.matrix.msc3814': async () => {
    const nothing = await ayse.call('GET', '/unstable/org.matrix.msc3814.v1/dehydrated_device')
    expect(nothing).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } })
  },
  'org.matrix.msc3881': async () => {
    const data = { url: 'https://push.example/_matrix/push/v1/notify' }
    const pusher = {
      pushkey: 'a',
      app_id: 'a',
      kind: 'http',
      app_display_name: 'A',
      device_display_name: 'P',
      lang: 'tr',
    }
    await ayse.must('POST', '/v3/pushers/set', { ...pusher, data, 'org.matrix.msc3881.enabled': false })
    expect(await ayse.must('GET', '/v3/pushers')).toMatchObject({ pushers: [{ 'org.matrix.msc3881.enabled': false }] })
  },
}

test('it says the same over HTTP as here', async () => {
  expect(await ayse.must('GET', '/versions')).toEqual(versions)
})

test.each(Object.keys(versions.unstable_features ?? {}))('%s is there', async (flag) => {
  expect(versions.unstable_features![flag]).toBe(true)
  expect(probes, 'every flag has a probe').toHaveProperty([flag])
  await probes[flag]!()
})

test.skipIf(!folder)('every operation of the versions that it names is served', () => {
  const newest = Math.max(...versions.versions.map((version) => Number(version.split('.')[1])))
  expect(versions.versions).toEqual(Array.from({ length: newest }, (_, minor) => `v1.${minor + 1}`))
  const served = new Set(Object.values(endpoints).map(keyOf))
  const missing = [...readOfficialApi(folder!)]
    .filter(([key, { addedIn, isDeprecated }]) => addedIn <= newest && !isDeprecated && !served.has(key))
    .map(([key]) => key)
  expect(missing.filter((key) => !(key in exceptions))).toEqual([])
})

test('capabilities are as the node does', async () => {
  const { capabilities } = (await ayse.must('GET', '/v3/capabilities')) as { capabilities: Record<string, Body> }
  expect(capabilities['m.get_login_token']).toEqual({ enabled: true })
  expect((await ayse.call('POST', '/v1/login/get_token', {})).status).toBe(401)
  expect(capabilities['m.change_password']).toEqual({ enabled: true })
  expect((await ayse.call('POST', '/v3/account/password', { new_password: goodPassword })).status).toBe(401)
  const { available, default: usual } = capabilities['m.room_versions'] as { available: object; default: string }
  for (const room_version of Object.keys(available)) await ayse.must('POST', '/v3/createRoom', { room_version })
  const made = String((await ayse.must('POST', '/v3/createRoom', {}))['room_id'])
  const create = await ayse.must('GET', `/v3/rooms/${made}/state/m.room.create/`)
  expect(create['room_version']).toBe(usual)
  expect(capabilities).not.toHaveProperty('m.account_moderation')
  expect((await ayse.call('GET', `/v1/admin/lock/${mert.userId}`)).status).toBe(403)
})
