import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  getAccountData,
  getRoomAccountData,
  setAccountData,
  setRoomAccountData,
} from '#spec/api/client/account-data.ts'
import type { UserId } from '#spec/ids.ts'
import { subscribe } from '#node/stream/wake.ts'
import { addPerson, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { accountDataSince } from './account-data.ts'

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

const roomId = '!room:localhost'
const params = (type: string, userId = ayse.userId) => ({ userId, roomId, type })
const put = (type: string, body: unknown) =>
  node.call(setAccountData, { token: ayse.token, params: params(type), body })
const get = (type: string) => node.call(getAccountData, { token: ayse.token, params: params(type) })
const putRoom = (type: string, body: unknown) =>
  node.call(setRoomAccountData, { token: ayse.token, params: params(type), body })
const getRoom = (type: string) => node.call(getRoomAccountData, { token: ayse.token, params: params(type) })

test('what is stored comes back; the account and a room are apart', async () => {
  expect(await get('m.direct')).toMatchObject({ status: 404, body: { errcode: 'M_NOT_FOUND' } })
  await put('m.direct', { '@b:localhost': [roomId], share: 0.5, 'é𝄞': null })
  await putRoom('m.direct', { room: true })
  expect((await get('m.direct')).body).toEqual({ '@b:localhost': [roomId], share: 0.5, 'é𝄞': null })
  expect((await getRoom('m.direct')).body).toEqual({ room: true })
  await put('m.direct', {})
  expect((await get('m.direct')).body).toEqual({})
})

test('every write takes a position, and a reader finds what came after its own', async () => {
  const before = node.deps.stream.head
  await put('org.example.a', { n: 1 })
  await putRoom('org.example.b', { n: 2 })
  await put('org.example.a', { n: 3 })
  const upTo = node.deps.stream.head
  expect(upTo).toBe(before + 3)
  const rows = await accountDataSince(node.deps, ayse.userId as UserId, before, upTo)
  expect(rows.map(({ roomId: room, type, content, position }) => [room, type, content, position - before])).toEqual([
    [roomId, 'org.example.b', '{"n":2}', 2],
    ['', 'org.example.a', '{"n":3}', 3],
  ])
  expect(await accountDataSince(node.deps, ayse.userId as UserId, upTo, upTo + 9)).toEqual([])
})

test('many writes of one type at once leave one, and are all acknowledged', async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => put('org.example.busy', { n })))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const rows = await node.deps.sql`select 1 from account_data where type = 'org.example.busy'`
  expect(rows).toHaveLength(1)
})

test('whoever waits for the user is woken', async () => {
  let woken = 0
  const stop = subscribe(node.deps, { rooms: [], user: ayse.userId }, () => woken++)
  await put('org.example.wake', {})
  stop()
  await put('org.example.wake', {})
  expect(woken).toBe(1)
})

test.each(['m.fully_read', 'm.push_rules'])('%s has an endpoint of its own', async (type) => {
  for (const { status, body } of [await put(type, {}), await putRoom(type, {})]) {
    expect({ status, code: body.errcode }).toEqual({ status: 405, code: 'M_BAD_JSON' })
  }
  expect((await get(type)).status).toBe(type === 'm.push_rules' ? 200 : 404)
})

test("another user's data is neither read nor written", async () => {
  const { token } = await addPerson(node, 'mallory')
  const input = { token, params: params('m.direct') }
  for (const endpoint of [getAccountData, getRoomAccountData, setAccountData, setRoomAccountData]) {
    const body = endpoint.method === 'PUT' ? { body: {} } : {}
    expect(await node.call(endpoint, { ...input, ...body })).toMatchObject({
      status: 403,
      body: { errcode: 'M_FORBIDDEN' },
    })
  }
})

test.each([
  ['[]', 400, 'M_BAD_JSON'],
  ['"text"', 400, 'M_BAD_JSON'],
  ['{', 400, 'M_NOT_JSON'],
  ['{"a":1,"a":2}', 400, 'M_BAD_JSON'],
  [`{"a":"${'x'.repeat(262_144)}"}`, 413, 'M_TOO_LARGE'],
])('content that is no object, or too large, is refused (%#)', async (text, status, code) => {
  const answer = await put('org.example.bad', text)
  expect({ status: answer.status, code: answer.body.errcode }).toEqual({ status, code })
})

test('a type is at most 255 bytes, a room is a room', async () => {
  expect((await put('x'.repeat(255), {})).status).toBe(200)
  expect((await put('ü'.repeat(128), {})).body.errcode).toBe('M_INVALID_PARAM')
  const wrong = { userId: ayse.userId, roomId: 'room', type: 'm.tag' }
  const answer = await node.call(setRoomAccountData, { token: ayse.token, params: wrong, body: {} })
  expect(answer.body.errcode).toBe('M_INVALID_PARAM')
})
