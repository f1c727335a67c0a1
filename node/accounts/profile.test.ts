import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteProfileField, getProfile, getProfileField, setProfileField } from '#spec/api/client/profile.ts'
import { addPerson, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { onProfileChange, type ShownProfile } from './profile.ts'

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

const set = (who: Person, keyName: string, value: unknown, userId = who.userId) =>
  node.call(setProfileField, { token: who.token, params: { userId, keyName }, body: { [keyName]: value } })
const get = (keyName: string, userId = ayse.userId) => node.call(getProfileField, { params: { userId, keyName } })
const remove = (who: Person, keyName: string, userId = who.userId) =>
  node.call(deleteProfileField, { token: who.token, params: { userId, keyName } })
const all = (userId = ayse.userId) => node.call(getProfile, { params: { userId } })

test('a profile is empty at first, and is read without a login', async () => {
  expect(await all()).toMatchObject({ status: 200, body: {} })
  expect((await get('displayname')).body.errcode).toBe('M_NOT_FOUND')
  expect((await all('@nobody:localhost')).status).toBe(404)
  expect((await all('@ayse:elsewhere.example')).status).toBe(404)
  expect((await all('ayse')).body.errcode).toBe('M_INVALID_PARAM')
})

test('fields are set, read alone and together, and removed', async () => {
  await set(ayse, 'displayname', 'Ayşe 🌷')
  await set(ayse, 'avatar_url', 'mxc://localhost/abcDEF_1-2')
  await set(ayse, 'm.tz', 'Europe/Istanbul')
  await set(ayse, 'org.example.colours', { likes: ['blue', 1.5, null] })
  expect((await all()).body).toEqual({
    displayname: 'Ayşe 🌷',
    avatar_url: 'mxc://localhost/abcDEF_1-2',
    'm.tz': 'Europe/Istanbul',
    'org.example.colours': { likes: ['blue', 1.5, null] },
  })
  expect((await get('org.example.colours')).body).toEqual({ 'org.example.colours': { likes: ['blue', 1.5, null] } })
  for (const key of ['m.tz', 'org.example.colours', 'org.example.colours'])
    expect((await remove(ayse, key)).status).toBe(200)
  await set(ayse, 'avatar_url', '')
  expect((await all()).body).toEqual({ displayname: 'Ayşe 🌷' })
})

test('nobody writes in the profile of another', async () => {
  const mallory = await addPerson(node, 'mallory')
  expect(await set(mallory, 'displayname', 'Owned', ayse.userId)).toMatchObject({ status: 403 })
  expect(await remove(mallory, 'displayname', ayse.userId)).toMatchObject({ status: 403 })
  expect((await get('displayname')).body).toEqual({ displayname: 'Ayşe 🌷' })
})

test.each([
  ['displayname', 'x'.repeat(257), 'M_INVALID_PARAM'],
  ['displayname', 17, 'M_INVALID_PARAM'],
  ['avatar_url', 'https://example.org/a.png', 'M_INVALID_PARAM'],
  ['avatar_url', 'mxc://../../etc', 'M_INVALID_PARAM'],
  ['avatar_url', 'mxc://localhost/a/b', 'M_INVALID_PARAM'],
  ['avatar_url', 'mxc://localhost/', 'M_INVALID_PARAM'],
  ['avatar_url', { url: 'mxc://localhost/a' }, 'M_INVALID_PARAM'],
  ['m.tz', 3, 'M_INVALID_PARAM'],
  ['nodots', 'x', 'M_INVALID_PARAM'],
  ['Has.Capitals', 'x', 'M_INVALID_PARAM'],
  ['a..b', 'x', 'M_INVALID_PARAM'],
  [`a.${'b'.repeat(254)}`, 'x', 'M_KEY_TOO_LARGE'],
  ['org.example.big', 'x'.repeat(70_000), 'M_PROFILE_TOO_LARGE'],
])('what no field may be is refused (%#)', async (key, value, code) => {
  const before = (await all()).body
  const answer = await set(ayse, key, value)
  expect({ status: answer.status, code: answer.body.errcode }).toEqual({ status: 400, code })
  expect((await all()).body).toEqual(before)
})

test('a field cannot be the prototype of an object', async () => {
  const params = { userId: ayse.userId, keyName: '__proto__' }
  const { status } = await node.call(setProfileField, {
    token: ayse.token,
    params,
    body: '{"__proto__":{"polluted":1}}',
  })
  expect(status).toBe(400)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('the body must have the field', async () => {
  const params = { userId: ayse.userId, keyName: 'displayname' }
  const { body } = await node.call(setProfileField, { token: ayse.token, params, body: { other: 'x' } })
  expect(body.errcode).toBe('M_MISSING_PARAM')
})

test('later slices hear of a new name or picture before the user does, and of nothing else', async () => {
  const heard: [string, ShownProfile][] = []
  const stop = onProfileChange(node.deps, async (userId, profile) => void heard.push([userId, profile]))
  await set(ayse, 'displayname', 'Ayşe Y.')
  await set(ayse, 'm.tz', 'UTC')
  await remove(ayse, 'displayname')
  stop()
  await set(ayse, 'displayname', 'Ayşe')
  expect(heard).toEqual([
    ['@ayse:localhost', { displayname: 'Ayşe Y.' }],
    ['@ayse:localhost', {}],
  ])
})

test('changes of different fields at once all stay', async () => {
  const keys = Array.from({ length: 20 }, (_, i) => `org.example.field${i}`)
  await Promise.all(keys.map((key) => set(ayse, key, key)))
  expect(Object.keys((await all()).body)).toEqual(expect.arrayContaining(keys))
})
