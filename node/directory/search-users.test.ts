import { afterAll, beforeAll, expect, test } from 'vitest'
import { searchUserDirectory } from '#spec/api/client/user-directory.ts'
import { setProfileField } from '#node/accounts/profile.ts'
import { addPerson, servePeople, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
let asker: Person
beforeAll(async () => {
  node = await servePeople()
  asker = await addPerson(node, 'asker')
  const people = {
    isik: 'Işık Demir',
    ipek: 'İpek',
    'isil.k': 'Işıl KAYA',
    ali: 'Ali',
    alican: '100% Ali Can',
    veli: 'Kemal Ali',
  }
  for (const [name, displayName] of Object.entries(people)) {
    const { userId } = await addPerson(node, name)
    await setProfileField(node.deps, userId as never, 'displayname', displayName)
  }
  await addPerson(node, 'under_score')
  await addPerson(node, 'underxscore')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const search = async (term: unknown, more: object = {}) =>
  node.call(searchUserDirectory, { token: asker.token, body: { search_term: term, ...more } })
const find = async (term: string) =>
  (await search(term)).body.results!.map(({ user_id }) => user_id.slice(1, user_id.indexOf(':')))

test.each([
  ['isik', ['isik']],
  ['ISIK', ['isik']],
  ['ışık', ['isik']],
  ['IŞIK', ['isik']],
  ['IPEK', ['ipek']],
  ['ıpek', ['ipek']],
  ['kaya', ['isil.k']],
  ['dem', ['isik']],
  ['demir isik', ['isik']],
  ['isi', ['isik', 'isil.k']],
  ['nobody', []],
])('%s finds %j', async (term, names) => {
  expect(await find(term)).toEqual(names)
})

test('the name itself comes first, then beginnings, then words, then the rest', async () => {
  expect(await find('ali')).toEqual(['ali', 'alican', 'veli'])
  expect(await find('can')).toEqual(['alican'])
})

test.each([
  ['@ali', ['ali', 'alican']],
  ['@ali:', ['ali']],
  ['@ALI:local', ['ali']],
  ['@ali:localhost', ['ali']],
  ['@ali:elsewhere.example', []],
  ['@li', []],
])('the user id %s finds %j', async (term, names) => {
  expect(await find(term)).toEqual(names)
})

test('signs that a pattern would know mean themselves', async () => {
  expect(await find('under_')).toEqual(['under_score'])
  expect(await find('100%')).toEqual(['alican'])
  expect(await find('%')).toEqual(['alican'])
  expect(await find('\\')).toEqual([])
  expect(await find("' or 1=1 --")).toEqual([])
})

test('the searcher is left out', async () => {
  expect(await find('asker')).toEqual([])
})

test('an empty term lists everybody, and says when there are more', async () => {
  const all = (await search('')).body
  expect({ found: all.results!.length, limited: all.limited }).toEqual({ found: 8, limited: false })
  const two = (await search('', { limit: 2 })).body
  expect({ found: two.results!.length, limited: two.limited }).toEqual({ found: 2, limited: true })
  expect((await search('', { limit: 8 })).body.limited).toBe(false)
  expect((await search('', { limit: 100_000 })).body.results).toHaveLength(8)
})

test('what is shown is the profile', async () => {
  await setProfileField(node.deps, '@ipek:localhost' as never, 'avatar_url', 'mxc://localhost/abc')
  expect((await search('ipek')).body.results).toEqual([
    { user_id: '@ipek:localhost', display_name: 'İpek', avatar_url: 'mxc://localhost/abc' },
  ])
  expect((await search('underx')).body.results).toEqual([{ user_id: '@underxscore:localhost' }])
})

test('a new name is found at once, the old one no more', async () => {
  await setProfileField(node.deps, '@veli:localhost' as never, 'displayname', 'Çiğdem')
  expect([await find('cigdem'), await find('kemal')]).toEqual([['veli'], []])
})

test('a deactivated account is not found', async () => {
  await node.deps.sql`update accounts set deactivated_at = 1 where user_id = '@ipek:localhost'`
  expect(await find('ipek')).toEqual([])
})

test.each([[17], [null], [undefined], ['x'.repeat(513)]])('what is no term is refused (%#)', async (term) => {
  expect((await search(term)).body.errcode).toBe('M_BAD_JSON')
})

test.each([[0], [-1], ['10'], [null]])('the limit %j is refused', async (limit) => {
  expect((await search('a', { limit })).body.errcode).toBe('M_BAD_JSON')
})
