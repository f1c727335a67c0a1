import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClientEvent } from '#spec/api/client/client-event.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
let zeynep: Caller
beforeAll(async () => {
  node = await serveRooms()
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
  zeynep = await addCaller(node, 'zeynep')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const bodies = (events: readonly ClientEvent[]) => events.flatMap(({ content }) => content['body'] ?? [])

/** A room in which these are said one after the other. */
async function talk(said: readonly string[], speaker = owner, preset = 'public_chat'): Promise<string> {
  const roomId = await owner.createRoom({ preset })
  if (speaker !== owner) ok(await speaker.join(roomId))
  for (const text of said) await speaker.say(roomId, text)
  return roomId
}

/** Every page in a direction, with the token of the last one. */
async function pages(who: Caller, roomId: string, query: Record<string, string>): Promise<ClientEvent[][]> {
  const all: ClientEvent[][] = []
  let from = query['from']
  for (;;) {
    const page = ok(await who.messages(roomId, { ...query, ...(from && { from }) }))
    all.push([...page.chunk!])
    if (page.end === undefined) return all
    if (from !== undefined) expect(page.start).toBe(from)
    from = page.end
  }
}

describe('paging', () => {
  const said = Array.from({ length: 14 }, (_, i) => `message ${i}`)
  let roomId: string
  let whole: string[]
  beforeAll(async () => {
    roomId = await talk(said)
    const rows = await node.database.sql<{ id: string }[]>`
      select event_id as id from events where room_id = ${roomId} order by position`
    whole = rows.map((row) => row.id)
    expect(whole).toHaveLength(20)
  })
  const ids = (events: readonly ClientEvent[]) => events.map((event) => event.event_id as string)

  test.each([1, 3, 7, 10, 19, 20, 21, 100])(
    'by %i to the end in both directions, without gap or duplicate',
    async (limit) => {
      const back = await pages(owner, roomId, { dir: 'b', limit: `${limit}` })
      expect(ids(back.flat())).toEqual(whole.toReversed())
      expect(back.length).toBe(Math.ceil(20 / limit))
      const forth = await pages(owner, roomId, { dir: 'f', limit: `${limit}` })
      expect(ids(forth.flat())).toEqual(whole)
      expect(forth.length).toBe(Math.ceil(20 / limit))
    },
  )

  test('a token stands between two events: forth from where one came back finds the same again', async () => {
    const { end, start } = ok(await owner.messages(roomId, { dir: 'b', limit: '5' }))
    const forth = ok(await owner.messages(roomId, { dir: 'f', from: end!, limit: '100' }))
    expect(ids(forth.chunk!)).toEqual(whole.slice(-5))
    expect(forth.end).toBeUndefined()
    expect(ids(ok(await owner.messages(roomId, { dir: 'f', from: end!, to: start! })).chunk!)).toEqual(whole.slice(-5))
    const middle = ok(await owner.messages(roomId, { dir: 'b', from: end!, limit: '5' }))
    const between = ok(await owner.messages(roomId, { dir: 'b', from: end!, to: middle.end!, limit: '100' }))
    expect(ids(between.chunk!)).toEqual(ids(middle.chunk!))
    expect(between.end).toBeUndefined()
  })

  test('ten are a page unless one is asked for, and a thousand are the most', async () => {
    expect(ok(await owner.messages(roomId)).chunk).toHaveLength(10)
    expect(ok(await owner.messages(roomId, { limit: '1000000' })).chunk).toHaveLength(20)
    const none = ok(await owner.messages(roomId, { limit: '0' }))
    expect([none.chunk, none.end]).toEqual([[], none.start])
  })

  test('what comes meanwhile disturbs nobody who pages back', async () => {
    const other = await talk(said)
    const first = ok(await owner.messages(other, { limit: '5' }))
    await owner.say(other, 'meanwhile')
    const rest = await pages(owner, other, { dir: 'b', limit: '5', from: first.end! })
    expect(bodies(rest.flat())).toEqual(said.slice(0, 9).toReversed())
    const news = ok(await owner.messages(other, { dir: 'f', from: first.start! }))
    expect(bodies(news.chunk!)).toEqual(['meanwhile'])
  })

  test.each<[Record<string, string>, string]>([
    [{ dir: 'x' }, '400 M_INVALID_PARAM'],
    [{ limit: '-1' }, '400 M_INVALID_PARAM'],
    [{ limit: 'many' }, '400 M_INVALID_PARAM'],
    [{ limit: '1.5' }, '400 M_INVALID_PARAM'],
    [{ from: 'somewhere' }, '400 M_INVALID_PARAM'],
    [{ from: 't-1' }, '400 M_INVALID_PARAM'],
    [{ from: 't1e3' }, '400 M_INVALID_PARAM'],
    [{ to: 'x1' }, '400 M_INVALID_PARAM'],
    [{ filter: 'types' }, '400 M_INVALID_PARAM'],
    [{ filter: '{"types":"m.room.message"}' }, '400 M_INVALID_PARAM'],
    [{ filter: '{"limit":-1}' }, '400 M_INVALID_PARAM'],
    [{ filter: '[]' }, '400 M_INVALID_PARAM'],
  ])('%j is refused', async (query, expected) => {
    expect(refusal(await owner.messages(roomId, query))).toBe(expected)
  })

  test('tokens beyond the end, or of other rooms, lead to nothing', async () => {
    for (const from of ['t9999999999999999', 's999999999'])
      expect(ok(await owner.messages(roomId, { dir: 'f', from }))).toMatchObject({ chunk: [] })
    expect(ok(await owner.messages(roomId, { dir: 'b', from: 't9999999999999999', limit: '100' })).chunk).toHaveLength(
      20,
    )
    expect(ok(await owner.messages(roomId, { dir: 'b', from: 't0' }))).toEqual({ start: 't0', chunk: [] })
  })
})

describe('filters', () => {
  let roomId: string
  beforeAll(async () => {
    roomId = await talk(['one', 'two'])
    ok(await mert.join(roomId))
    await mert.say(roomId, 'three', { url: 'mxc://localhost/x' })
    ok(await mert.send(roomId, 'org.example.poke', { body: 'poke', url: 7 }))
    await owner.say(roomId, 'four', { url: 'mxc://localhost/y' })
  })
  const read = async (filter: object) => {
    const text = JSON.stringify(filter)
    const back = (await pages(owner, roomId, { dir: 'b', limit: '1', filter: text })).flat()
    const forth = (await pages(owner, roomId, { dir: 'f', limit: '2', filter: text })).flat()
    expect(back.toReversed().map((event) => event.event_id)).toEqual(forth.map((event) => event.event_id))
    return bodies(forth)
  }

  test.each<[object, string[]]>([
    [{ types: ['m.room.message'] }, ['one', 'two', 'three', 'four']],
    [{ types: ['m.*.message', 'org.*'] }, ['one', 'two', 'three', 'poke', 'four']],
    [{ types: ['*'], not_types: ['m.room.*'] }, ['poke']],
    [{ types: [] }, []],
    [{ types: ['m.room.message'], senders: ['@mert:localhost'] }, ['three']],
    [{ types: ['m.room.message'], not_senders: ['@mert:localhost'] }, ['one', 'two', 'four']],
    [{ senders: [] }, []],
    [{ contains_url: true }, ['three', 'four']],
    [{ contains_url: false, types: ['m.room.message', 'org.example.poke'] }, ['one', 'two', 'poke']],
    [{ not_rooms: ['!other:localhost'], types: ['org.example.poke'] }, ['poke']],
    [{ rooms: ['!other:localhost'] }, []],
  ])('%j', async (filter, expected) => {
    expect(await read(filter)).toEqual(expected)
  })

  test('a filter may bring the limit, and the query outweighs it', async () => {
    const filter = JSON.stringify({ limit: 2 })
    expect(ok(await owner.messages(roomId, { filter })).chunk).toHaveLength(2)
    expect(ok(await owner.messages(roomId, { filter, limit: '3' })).chunk).toHaveLength(3)
  })

  test('a page is full though most events are not wanted', async () => {
    const other = await talk(['wanted'])
    const { sql } = node.database
    const [last] = await sql<{ position: number }[]>`select max(position) as position from events`
    // More than one look: as if seven hundred people had shaken hands.
    await sql`
      insert into events select e.event_id || '-' || n, e.room_id, ${last!.position} + n, 'org.example.wave', null, e.sender, e.origin_server_ts,
        e.depth, e.state_before, '{}', e.envelope
      from events e, generate_series(1, 700) n where e.room_id = ${other} and e.type = 'm.room.create'`
    await sql`update stream_head set position = position + 701`
    await owner.say(other, 'wanted too')
    const filter = JSON.stringify({ types: ['m.room.message'] })
    const page = ok(await owner.messages(other, { filter, limit: '2' }))
    expect(bodies(page.chunk!)).toEqual(['wanted too', 'wanted'])
  })
})

test('a search that takes too long ends early with a token, and goes on from there', async () => {
  const roomId = await talk(['far back'])
  const { sql } = node.database
  const [last] = await sql<{ position: number }[]>`select position from stream_head`
  await sql`
    insert into events select e.event_id || '-' || n, e.room_id, ${last!.position} + n, 'org.example.wave', null, e.sender, e.origin_server_ts,
      e.depth, e.state_before, '{}', e.envelope
    from events e, generate_series(1, 25000) n where e.room_id = ${roomId} and e.type = 'm.room.create'`
  await sql`update stream_head set position = position + 25000`
  await owner.say(roomId, 'now')
  const filter = JSON.stringify({ types: ['m.room.message'] })
  const found = await pages(owner, roomId, { dir: 'b', filter, limit: '2' })
  expect(bodies(found.flat())).toEqual(['now', 'far back'])
  expect(found.length).toBeGreaterThan(1)
  expect(found.length).toBeLessThan(5)
})

describe('lazily loaded members', () => {
  test('come for the senders of a page, and only where they are asked for', async () => {
    const roomId = await talk(['hello'], mert)
    ok(await zeynep.join(roomId))
    await zeynep.say(roomId, 'hi')
    const filter = JSON.stringify({ lazy_load_members: true, types: ['m.room.message'] })
    const page = ok(await owner.messages(roomId, { filter }))
    const members = page.state!.map((event) => [event.type, event.state_key, event.content['membership']])
    expect(members.toSorted()).toEqual([
      ['m.room.member', mert.id, 'join'],
      ['m.room.member', zeynep.id, 'join'],
    ])
    const last = ok(await owner.messages(roomId, { filter, limit: '1' }))
    expect(last.state!.map((event) => event.state_key)).toEqual([zeynep.id])
    expect(ok(await owner.messages(roomId))).not.toHaveProperty('state')
  })
})

describe('an event alone', () => {
  test('is found in its room only', async () => {
    const [here, there] = [await talk(['here']), await talk(['there'])]
    const eventId = await owner.say(here, 'this')
    expect(ok(await owner.event(here, eventId))).toMatchObject({ event_id: eventId, room_id: here })
    expect(refusal(await owner.event(there, eventId))).toBe('404 M_NOT_FOUND')
    expect(refusal(await owner.context(there, eventId))).toBe('404 M_NOT_FOUND')
    expect(refusal(await owner.event(here, '$nothing'))).toBe('404 M_NOT_FOUND')
    expect(refusal(await owner.event(here, 'nothing'))).toBe('400 M_INVALID_PARAM')
  })

  test('tells its reader how they stood to the room then', async () => {
    const roomId = await owner.createRoom({ invite: [mert.id] })
    const before = await owner.say(roomId, 'before')
    ok(await mert.join(roomId))
    const during = await owner.say(roomId, 'during')
    ok(await mert.leave(roomId))
    const at = async (eventId: string) => ok(await mert.event(roomId, eventId)).unsigned!.membership
    expect([await at(before), await at(during)]).toEqual(['invite', 'join'])
    const own = (await mert.history(roomId)).filter((event) => event.state_key === mert.id)
    expect(own.map((event) => event.unsigned!.membership)).toEqual(['invite', 'join', 'leave'])
    const start = (await mert.history(roomId))[0]!
    expect(start.unsigned!.membership).toBe('leave')
  })

  test('tells what it replaced to those who may see that', async () => {
    const roomId = await owner.createRoom({
      preset: 'public_chat',
      initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
      topic: 'secret',
    })
    ok(await mert.join(roomId))
    const eventId = ok(await owner.setState(roomId, 'm.room.topic', { topic: 'known' })).event_id!
    const later = ok(await owner.setState(roomId, 'm.room.topic', { topic: 'last' })).event_id!
    const seen = ok(await mert.event(roomId, eventId)).unsigned!
    expect(seen).not.toHaveProperty('prev_content')
    expect(seen.replaces_state).toMatch(/^\$/)
    expect(ok(await owner.event(roomId, eventId)).unsigned).toMatchObject({ prev_content: { topic: 'secret' } })
    expect(ok(await mert.event(roomId, later)).unsigned).toMatchObject({ prev_content: { topic: 'known' } })
    expect(JSON.stringify([await mert.messages(roomId), await mert.context(roomId, eventId)])).not.toContain('secret')
  })
})

describe('context', () => {
  let roomId: string
  let eventIds: string[]
  beforeAll(async () => {
    roomId = await talk([])
    eventIds = []
    for (let i = 0; i < 10; i++) eventIds.push(await owner.say(roomId, `${i}`))
  })
  const around = async (index: number, query: Record<string, string> = {}) =>
    ok(await owner.context(roomId, eventIds[index]!, query))

  test('gives what came before, newest first, and after, oldest first', async () => {
    const context = await around(5, { limit: '4' })
    expect(context.event).toMatchObject({ event_id: eventIds[5], content: { body: '5' } })
    expect(bodies(context.events_before!)).toEqual(['4', '3'])
    expect(bodies(context.events_after!)).toEqual(['6', '7'])
  })

  test.each([
    [0, [], []],
    [1, ['4'], []],
    [3, ['4', '3'], ['6']],
  ])('of %i events', async (limit, before, after) => {
    const context = await around(5, { limit: `${limit}` })
    expect([bodies(context.events_before!), bodies(context.events_after!)]).toEqual([before, after])
    expect(context.event).toMatchObject({ event_id: eventIds[5] })
  })

  test('its tokens lead on in both directions', async () => {
    const context = await around(5, { limit: '4' })
    const back = ok(await owner.messages(roomId, { dir: 'b', from: context.start!, limit: '2' }))
    expect(bodies(back.chunk!)).toEqual(['2', '1'])
    const forth = ok(await owner.messages(roomId, { dir: 'f', from: context.end!, limit: '2' }))
    expect(bodies(forth.chunk!)).toEqual(['8', '9'])
    const alone = await around(5, { limit: '0' })
    expect(bodies(ok(await owner.messages(roomId, { dir: 'b', from: alone.start!, limit: '1' })).chunk!)).toEqual(['4'])
    expect(bodies(ok(await owner.messages(roomId, { dir: 'f', from: alone.end!, limit: '1' })).chunk!)).toEqual(['6'])
  })

  test('gives the state at its last event, not of now', async () => {
    const other = await talk([], mert)
    const asked = await owner.say(other, 'asked about')
    ok(await owner.setState(other, 'm.room.topic', { topic: 'then' }))
    await owner.say(other, 'then')
    ok(await owner.setState(other, 'm.room.topic', { topic: 'now' }))
    const context = ok(await owner.context(other, asked, { limit: '4' }))
    expect(context.state!.find((event) => event.type === 'm.room.topic')!.content).toEqual({ topic: 'then' })
    expect(context.state!.filter((event) => event.type === 'm.room.member')).toHaveLength(2)
  })

  test('is filtered, but for the event itself; members come lazily', async () => {
    const other = await talk(['one', 'two'], mert)
    const asked = ok(await owner.send(other, 'org.example.poke', {})).event_id!
    const filter = JSON.stringify({ types: ['m.room.message', 'm.room.member'], lazy_load_members: true })
    ok(await zeynep.join(other))
    const context = ok(await owner.context(other, asked, { filter }))
    expect(context.event).toMatchObject({ event_id: asked })
    expect(bodies(context.events_before!)).toEqual(['two', 'one'])
    expect(context.state!.map((event) => event.state_key).toSorted()).toEqual([mert.id, owner.id, zeynep.id])
    const none = ok(await owner.context(other, asked, { filter: JSON.stringify({ types: [] }) }))
    expect([none.events_before, none.events_after, none.state]).toEqual([[], [], []])
  })
})
