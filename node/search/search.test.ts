import { afterAll, beforeAll, expect, test } from 'vitest'
import { setAccountData } from '#spec/api/client/account-data.ts'
import { search } from '#spec/api/client/search.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import { lowerPasswordCost } from '#node/accounts/password.ts'
import { addCaller, ok, refusal, type Caller } from '#node/rooms/testing/caller.ts'
import { slices } from '#node/slices.ts'
import { serveSlices, type ServedSlices } from '#test/serve-slices.ts'
import { catchUp } from './keep-up.ts'

const options = {
  identifyToken,
  prepare: lowerPasswordCost,
  settings: { HEARTH_REGISTRATION: 'open' },
} as const
let node: ServedSlices
let ayse: Caller
let mert: Caller
let kitchen: string
beforeAll(async () => {
  node = await serveSlices(slices, options)
  ;[ayse, mert] = [await addCaller(node, 'ayse'), await addCaller(node, 'mert')]
  kitchen = await ayse.createRoom({ preset: 'public_chat', name: 'Kitchen' })
  ok(await mert.join(kitchen))
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const ask = (who: Caller, term: string, more: object = {}, query: Record<string, string> = {}) =>
  who.call(search, { query, body: { search_categories: { room_events: { search_term: term, ...more } } } })
const resultsOf = async (who: Caller, term: string, more: object = {}, query: Record<string, string> = {}) =>
  ok(await ask(who, term, more, query)).search_categories!.room_events!
/** The texts that are found, the newest first. */
const find = async (who: Caller, term: string, more: object = {}) =>
  (await resultsOf(who, term, { order_by: 'recent', ...more })).results.map(({ result }) => textOf(result.content))
const textOf = (content: object) => {
  const { body, name, topic } = content as Record<string, unknown>
  return body ?? name ?? topic
}

test('what was acknowledged is found, by anybody in the room, by any beginning of its words', async () => {
  await ayse.say(kitchen, 'The lentil soup is ready')
  expect(await find(mert, 'lentil')).toEqual(['The lentil soup is ready'])
  expect(await find(mert, 'SOUP len')).toEqual(['The lentil soup is ready'])
  expect(await find(mert, 'entil')).toEqual([])
  expect(await find(mert, 'lentil curry')).toEqual([])
})

test.each([
  ['ISPARTA', "Isparta'nın gülleri"],
  ['ısparta', "Isparta'nın gülleri"],
  ['isparta', "Isparta'nın gülleri"],
  ['guller', "Isparta'nın gülleri"],
  ['mäßig', 'Es war massig'],
  ['ЁЛКА', 'ёлка в лесу'],
  ['елка', 'ёлка в лесу'],
  ['mânca', 'A mancat sarmale'],
])('%s finds %s, whatever the keyboard', async (term, text) => {
  if ((await find(ayse, text)).length === 0) await mert.say(kitchen, text)
  expect(await find(ayse, term)).toEqual([text])
})

test('signs that a query would know are none of the words', async () => {
  await ayse.say(kitchen, 'plain sailing')
  for (const term of [
    "plain' | 'x",
    'plain:*',
    '!plain',
    'plain & sailing',
    'plain<->sailing',
    '"plain"',
    'plain%',
    'plain\\',
  ])
    expect([term, (await ask(ayse, term)).status]).toEqual([term, 200])
  expect(await find(ayse, "'plain':* & !'x'")).toEqual([])
  expect(await find(ayse, '& | ! ( ) :*')).toEqual([])
  expect(await find(ayse, '')).toEqual([])
})

test('names and topics are found, and keys choose', async () => {
  const room = await ayse.createRoom({ name: 'Zeppelin club', topic: 'zeppelin building' })
  await ayse.say(room, 'My zeppelin flies')
  expect(await find(ayse, 'zeppelin')).toEqual(['My zeppelin flies', 'zeppelin building', 'Zeppelin club'])
  expect(await find(ayse, 'zeppelin', { keys: ['content.topic'] })).toEqual(['zeppelin building'])
  expect(await find(ayse, 'zeppelin', { filter: { types: ['m.room.n*'] } })).toEqual(['Zeppelin club'])
  expect(await find(ayse, 'zeppelin', { filter: { not_rooms: [room] } })).toEqual([])
})

test('an edited message is found by its newest text only, and by the one before when the edit is deleted', async () => {
  const eventId = await ayse.say(kitchen, 'Meet at the harbour')
  const edit = (text: string) => ({
    'm.new_content': { msgtype: 'm.text', body: text },
    'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
  })
  const editId = await ayse.say(kitchen, '* Meet at the lighthouse', edit('Meet at the lighthouse'))
  await mert.say(kitchen, '* Meet at the casino', edit('Meet at the casino'))
  const found = await resultsOf(mert, 'lighthouse')
  expect(found.results.map(({ result }) => result.event_id)).toEqual([eventId])
  expect(found.highlights).toEqual(['lighthouse'])
  expect([await find(mert, 'harbour'), await find(mert, 'casino')]).toEqual([[], []])
  ok(await ayse.redact(kitchen, editId))
  expect([await find(mert, 'harbour'), await find(mert, 'lighthouse')]).toEqual([['Meet at the harbour'], []])
})

test('a deleted message is not found, with none of its texts', async () => {
  const eventId = await ayse.say(kitchen, 'A regrettable remark')
  expect(await find(mert, 'regrettable')).toHaveLength(1)
  ok(await ayse.redact(kitchen, eventId))
  expect(await find(mert, 'regrettable')).toEqual([])
  const [{ count }] = await node.deps.sql<[{ count: number }]>`
    select count(*)::int as count from search_texts where source_id = ${eventId}`
  expect(count).toBe(0)
})

test('nothing is found across the border of a membership, and nothing counted', async () => {
  const room = await ayse.createRoom({ initial_state: [visibility('joined')] })
  await ayse.say(room, 'walrus before')
  ok(await ayse.invite(room, mert.id))
  expect(await resultsOf(mert, 'walrus')).toMatchObject({ results: [], count: 0, highlights: [] })
  ok(await mert.join(room))
  await ayse.say(room, 'walrus during')
  ok(await mert.leave(room))
  await ayse.say(room, 'walrus after')
  expect(await resultsOf(mert, 'walrus')).toMatchObject({ count: 1 })
  expect(await find(mert, 'walrus')).toEqual(['walrus during'])
  expect(await find(ayse, 'walrus')).toEqual(['walrus after', 'walrus during', 'walrus before'])
  ok(await mert.forget(room))
  expect(await find(mert, 'walrus')).toEqual([])
  const [stranger] = [await addCaller(node, 'stranger')]
  expect(await find(stranger, 'walrus')).toEqual([])
})
const visibility = (history_visibility: string) => ({
  type: 'm.room.history_visibility',
  state_key: '',
  content: { history_visibility },
})

test('whom a searcher ignores is not found', async () => {
  await mert.say(kitchen, 'an annoying kazoo')
  const list = { ignored_users: { [mert.id]: {} } }
  const params = { userId: ayse.id, type: 'm.ignored_user_list' }
  ok(await ayse.call(setAccountData, { params, body: list }))
  expect(await find(ayse, 'kazoo')).toEqual([])
  ok(await ayse.call(setAccountData, { params, body: { ignored_users: {} } }))
  expect(await find(ayse, 'kazoo')).toEqual(['an annoying kazoo'])
})

test('pages hold every result once, in both orders', async () => {
  const room = await ayse.createRoom()
  for (let n = 1; n <= 7; n++) await ayse.say(room, `otter ${n} ${'and more '.repeat(n % 3)}`)
  for (const order_by of ['recent', 'rank']) {
    const seen: string[] = []
    const counts = new Set<number>()
    let token: string | undefined
    do {
      const query: Record<string, string> = token === undefined ? {} : { next_batch: token }
      const page = await resultsOf(ayse, 'otter', { order_by, filter: { limit: 3 } }, query)
      seen.push(...page.results.map(({ result }) => result.event_id))
      counts.add(page.count)
      token = page.next_batch
    } while (token !== undefined)
    expect([seen.length, new Set(seen).size, [...counts]]).toEqual([7, 7, [7]])
  }
  expect((await find(ayse, 'otter'))[0]).toMatch(/^otter 7/)
  const ranks = (await resultsOf(ayse, 'otter')).results.map(({ rank }) => rank)
  expect(ranks).toEqual(ranks.toSorted((a, b) => b - a))
  expect(ranks[0]).toBeGreaterThan(ranks.at(-1)!)
})

test('comes with what surrounds it, who its senders were, the state of its room, and groups', async () => {
  const room = await ayse.createRoom({ name: 'Aquarium' })
  const before = await ayse.say(room, 'first')
  const eventId = await ayse.say(room, 'A narwhal!')
  const after = await ayse.say(room, 'third')
  const found = await resultsOf(ayse, 'narwhal', {
    event_context: { before_limit: 1, after_limit: 1, include_profile: true },
    include_state: true,
    groupings: { group_by: [{ key: 'room_id' }, { key: 'sender' }] },
  })
  const [{ context, result }] = found.results as [(typeof found.results)[number]]
  expect(result).toMatchObject({ event_id: eventId, room_id: room })
  expect(context!.events_before.map((event) => event.event_id)).toEqual([before])
  expect(context!.events_after.map((event) => event.event_id)).toEqual([after])
  expect(Object.keys(context!.profile_info!)).toEqual([ayse.id])
  const around = await ayse.messages(room, { dir: 'f', from: context!.start, to: context!.end })
  expect(ok(around).chunk!.map((event) => event.event_id)).toEqual([before, eventId, after])
  expect(found.state![room]!.map((event) => event.type)).toContain('m.room.name')
  expect(found.groups).toEqual({
    room_id: { [room]: { order: 0, results: [eventId] } },
    sender: { [ayse.id]: { order: 0, results: [eventId] } },
  })
  expect(found.highlights).toEqual(['narwhal'])
})

test('what is no token of ours is refused, and an empty request is answered emptily', async () => {
  for (const next_batch of ['x', '1', '-1_0_0', '1_0_0; drop table events'])
    expect(refusal(await ask(ayse, 'soup', {}, { next_batch }))).toBe('400 M_INVALID_PARAM')
  expect(ok(await ayse.call(search, { body: { search_categories: {} } }))).toEqual({ search_categories: {} })
})

test('what nobody searched for is written down in the background, once, and a restart goes on from there', async () => {
  await catchUp(node.deps)
  await ayse.say(kitchen, 'A background badger')
  const written = async () => {
    const [row] = await node.deps.sql<[{ count: number }]>`
      select count(*)::int as count from search_texts where words @@ '''badger'''::tsquery`
    return row.count
  }
  expect(await written()).toBe(0)
  node.clock.advance(5_000)
  await expect.poll(written).toBe(1)
  await ayse.say(kitchen, 'Another badger')
  await node.stop()
  node = await serveSlices(slices, { ...options, database: node.database })
  ;[ayse, mert] = [ayse.on(node), mert.on(node)]
  expect(await find(ayse, 'badger')).toEqual(['Another badger', 'A background badger'])
  await catchUp(node.deps)
  expect(await written()).toBe(2)
})
