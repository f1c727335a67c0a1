import { afterAll, beforeAll, expect, test } from 'vitest'
import { getRoomAccountData, setAccountData, setRoomAccountData } from '#spec/api/client/account-data.ts'
import { deleteTag, getTags, maxTagsPerRoom, setTag } from '#spec/api/client/tags.ts'
import { addPerson, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
let ayse: Person
let mert: Person
beforeAll(async () => {
  node = await servePeople()
  ayse = await addPerson(node, 'ayse')
  mert = await addPerson(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const at = (roomId: string) => ({ userId: ayse.userId, roomId })
const set = (roomId: string, tag: string, body: object, by = ayse) =>
  node.call(setTag, { token: by.token, params: { ...at(roomId), tag }, body })
const remove = (roomId: string, tag: string) =>
  node.call(deleteTag, { token: ayse.token, params: { ...at(roomId), tag } })
const tagsOf = async (roomId: string) => (await node.call(getTags, { token: ayse.token, params: at(roomId) })).body.tags

test('tags are set, changed and taken off, and stand in the account data of the room', async () => {
  const room = '!one:localhost'
  expect(await tagsOf(room)).toEqual({})
  await set(room, 'm.favourite', { order: 0.1 })
  await set(room, 'u.Work', { order: 1, 'org.example.colour': 'red' })
  await set(room, 'm.favourite', {})
  const tags = { 'm.favourite': {}, 'u.Work': { order: 1, 'org.example.colour': 'red' } }
  expect(await tagsOf(room)).toEqual(tags)
  const stored = await node.call(getRoomAccountData, { token: ayse.token, params: { ...at(room), type: 'm.tag' } })
  expect(stored.body).toEqual({ tags })
  expect((await remove(room, 'm.favourite')).status).toBe(200)
  expect((await remove(room, 'm.favourite')).status).toBe(200)
  expect(await tagsOf(room)).toEqual({ 'u.Work': tags['u.Work'] })
  expect(await tagsOf('!two:localhost')).toEqual({})
})

test('of tags that are set at once none gets lost', async () => {
  const room = '!busy:localhost'
  const names = Array.from({ length: 20 }, (_, i) => `u.${i}`)
  await Promise.all(names.map((name) => set(room, name, {})))
  expect(Object.keys((await tagsOf(room))!).toSorted()).toEqual(names.toSorted())
})

test('a room has a hundred tags, and no more', async () => {
  const room = '!full:localhost'
  await node.call(setRoomAccountData, {
    token: ayse.token,
    params: { ...at(room), type: 'm.tag' },
    body: { tags: Object.fromEntries(Array.from({ length: maxTagsPerRoom }, (_, i) => [`u.${i}`, {}])) },
  })
  expect((await set(room, 'u.0', { order: 0.5 })).status).toBe(200)
  expect((await set(room, 'one.more', {})).body.errcode).toBe('M_INVALID_PARAM')
  await remove(room, 'u.1')
  expect((await set(room, 'one.more', {})).status).toBe(200)
})

test('what another client wrote into m.tag that is none does no harm', async () => {
  const room = '!odd:localhost'
  const params = { ...at(room), type: 'm.tag' }
  await node.call(setRoomAccountData, { token: ayse.token, params, body: { tags: 'x', kept: 1 } })
  expect(await tagsOf(room)).toEqual({})
  await set(room, '__proto__', { order: 0 })
  const { body } = await node.call(getRoomAccountData, { token: ayse.token, params })
  expect(JSON.stringify(body)).toBe('{"tags":{"__proto__":{"order":0}},"kept":1}')
})

test.each([
  ['é'.repeat(128), { order: 0.5 }, 'M_INVALID_PARAM'],
  ['u.a', { order: 1.1 }, 'M_BAD_JSON'],
  ['u.a', { order: -0.1 }, 'M_BAD_JSON'],
  ['u.a', { order: '0.5' }, 'M_BAD_JSON'],
])('the tag %.9s with %j is refused', async (tag, body, code) => {
  expect(await set('!one:localhost', tag, body)).toMatchObject({ status: 400, body: { errcode: code } })
})

test("another user's tags are their own", async () => {
  expect((await set('!one:localhost', 'u.a', {}, mert)).status).toBe(403)
  expect((await node.call(getTags, { token: mert.token, params: at('!one:localhost') })).status).toBe(403)
})

test.each([
  [{}],
  [{ ignored_users: [] }],
  [{ ignored_users: { mert: {} } }],
  [{ ignored_users: { '@mert:localhost': true } }],
])('%j says nobody to ignore', async (body) => {
  const params = { userId: ayse.userId, type: 'm.ignored_user_list' }
  expect(await node.call(setAccountData, { token: ayse.token, params, body })).toMatchObject({
    status: 400,
    body: { errcode: 'M_BAD_JSON' },
  })
})

test('a list of ignored users is taken, an empty one too', async () => {
  const params = { userId: ayse.userId, type: 'm.ignored_user_list' }
  for (const body of [{ ignored_users: { '@mert:localhost': {} } }, { ignored_users: {} }])
    expect((await node.call(setAccountData, { token: ayse.token, params, body })).status).toBe(200)
})
