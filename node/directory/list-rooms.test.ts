import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { getPublicRooms, queryPublicRooms } from '#spec/api/client/room-directory.ts'
import type { RoomId } from '#spec/ids.ts'
import { readPublishedRooms } from '#node/directory/store.ts'
import { directory } from '#node/directory/slice.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from '#node/rooms/testing/caller.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
let zeynep: Caller
beforeAll(async () => {
  node = await serveRooms({ more: [directory] })
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
  zeynep = await addCaller(node, 'zeynep')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})
beforeEach(() => node.database.sql`update room_summaries set published = false`)

const list = (query: Record<string, string> = {}) => node.call(getPublicRooms, { query })
const find = (body: object) => mert.call(queryPublicRooms, { body })
const namesOf = ({ chunk }: { chunk?: readonly { name?: string | undefined }[] }) => chunk!.map(({ name }) => name)

async function publish(name: string, members: readonly Caller[] = [], more: object = {}): Promise<string> {
  const roomId = await owner.createRoom({ visibility: 'public', name, ...more })
  for (const member of members) ok(await member.join(roomId))
  return roomId
}

describe('the directory', () => {
  test('tells of each room what can be seen from outside', async () => {
    const roomId = await owner.createRoom({
      visibility: 'public',
      name: 'Garden',
      topic: 'What grows',
      room_alias_name: 'garden',
      creation_content: { type: 'm.space' },
      initial_state: [
        { type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } },
        { type: 'm.room.guest_access', content: { guest_access: 'can_join' } },
        { type: 'm.room.avatar', content: { url: 'mxc://localhost/leaf' } },
        { type: 'm.room.join_rules', content: { join_rule: 'knock' } },
      ],
    })
    expect(ok(await list())).toEqual({
      chunk: [
        {
          room_id: roomId,
          num_joined_members: 1,
          world_readable: true,
          guest_can_join: true,
          join_rule: 'knock',
          name: 'Garden',
          topic: 'What grows',
          canonical_alias: '#garden:localhost',
          avatar_url: 'mxc://localhost/leaf',
          room_type: 'm.space',
        },
      ],
      total_room_count_estimate: 1,
    })
  })

  test('has the rooms with most members first, as they come and go', async () => {
    const [one, three] = [await publish('one'), await publish('three', [mert, zeynep])]
    expect(namesOf(ok(await list()))).toEqual(['three', 'one'])
    ok(await mert.leave(three))
    ok(await owner.kick(three, zeynep.id))
    ok(await zeynep.join(one))
    expect(ok(await list()).chunk!.map((room) => [room.name, room.num_joined_members])).toEqual([
      ['one', 2],
      ['three', 1],
    ])
  })

  test('counts members, whatever way they come and go', async () => {
    const roomId = await publish('counted')
    const joined = async () => ok(await list()).chunk![0]?.num_joined_members
    ok(await owner.invite(roomId, mert.id))
    expect(await joined()).toBe(1)
    ok(await mert.join(roomId))
    ok(await mert.setState(roomId, 'm.room.member', { membership: 'join', displayname: 'M' }, mert.id))
    expect(await joined()).toBe(2)
    ok(await owner.ban(roomId, mert.id))
    ok(await owner.unban(roomId, mert.id))
    expect(await joined()).toBe(1)
    ok(await owner.leave(roomId))
    // Nobody is left who could let anybody in.
    expect(await joined()).toBeUndefined()
  })

  test('follows what is set, and what is redacted', async () => {
    const roomId = await publish('before')
    ok(await owner.setState(roomId, 'm.room.name', { name: 'after' }))
    const topic = ok(await owner.setState(roomId, 'm.room.topic', { topic: 'something rude' })).event_id!
    expect(ok(await list()).chunk![0]).toMatchObject({ name: 'after', topic: 'something rude' })
    ok(await owner.redact(roomId, topic))
    expect(ok(await list()).chunk![0]).not.toHaveProperty('topic')
    expect(ok(await find({ filter: { generic_search_term: 'rude' } })).chunk).toEqual([])
    ok(await owner.setState(roomId, 'm.room.name', { name: '' }))
    expect(ok(await list()).chunk![0]).not.toHaveProperty('name')
  })

  test('shows the plain form of a rich topic', async () => {
    const roomId = await publish('rich')
    const rich = { 'm.text': [{ mimetype: 'text/html', body: '<b>hi</b>' }, { body: 'hi' }] }
    ok(await owner.setState(roomId, 'm.room.topic', { topic: 'fallback', 'm.topic': rich }))
    expect(ok(await list()).chunk![0]!.topic).toBe('hi')
  })

  test.each<[string, unknown]>([
    ['m.room.name', { name: 5 }],
    ['m.room.topic', { topic: [], 'm.topic': { 'm.text': [null, { body: {} }] } }],
    ['m.room.avatar', { url: { a: 1 } }],
    ['m.room.guest_access', { guest_access: 7 }],
  ])('is not upset by %s with the wrong content', async (type, content) => {
    const roomId = await publish('odd')
    await owner.setState(roomId, type, content as object)
    const [room] = ok(await list()).chunk!
    expect(room).toMatchObject({ room_id: roomId, num_joined_members: 1 })
  })
})

describe('who lists a room', () => {
  test('those with the power to set its aliases, and administrators', async () => {
    const roomId = await owner.createRoom({ preset: 'public_chat' })
    ok(await mert.join(roomId))
    expect(ok(await mert.visibility(roomId)).visibility).toBe('private')
    for (const who of [mert, zeynep]) expect(refusal(await who.setVisibility(roomId, 'public'))).toBe('403 M_FORBIDDEN')
    ok(await owner.setVisibility(roomId))
    expect(ok(await mert.visibility(roomId)).visibility).toBe('public')
    expect(ok(await list()).chunk).toHaveLength(1)
    const admin = await addCaller(node, 'admin')
    await node.database.sql`update accounts set is_admin = true where user_id = ${admin.id}`
    ok(await admin.setVisibility(roomId, 'private'))
    expect(ok(await mert.visibility(roomId)).visibility).toBe('private')
    expect(ok(await list()).chunk).toEqual([])
  })

  test('a room that is not there is not found', async () => {
    const none = '!nothing:localhost'
    expect([refusal(await owner.visibility(none)), refusal(await owner.setVisibility(none))]).toEqual([
      '404 M_NOT_FOUND',
      '403 M_FORBIDDEN',
    ])
  })
})

describe('paging', () => {
  test('goes through every room once, forwards and back', async () => {
    const ids = await Promise.all(Array.from({ length: 7 }, (_, i) => publish(`room ${i}`, i % 3 === 0 ? [mert] : [])))
    const pages: string[][] = []
    const backwards: string[][] = []
    let page = ok(await list({ limit: '3' }))
    expect(page).not.toHaveProperty('prev_batch')
    for (;;) {
      pages.push(page.chunk!.map((room) => room.room_id))
      expect(page.total_room_count_estimate).toBe(7)
      if (page.next_batch === undefined) break
      page = ok(await list({ limit: '3', since: page.next_batch }))
    }
    expect(pages.map((one) => one.length)).toEqual([3, 3, 1])
    expect(pages.flat().toSorted()).toEqual([...ids].toSorted())
    while (page.prev_batch !== undefined) {
      page = ok(await list({ limit: '3', since: page.prev_batch }))
      backwards.unshift(page.chunk!.map((room) => room.room_id))
    }
    expect(backwards).toEqual(pages.slice(0, 2))
    expect(page.next_batch).toBeDefined()
  })

  test.each(['x', 'after_1_x', 'after_-1_!a:b', 'between_1_!a:b', 'after_99999999999_!a:b', ''])(
    'the token %j is refused',
    async (since) => {
      expect(refusal(await list({ since }))).toBe('400 M_INVALID_PARAM')
    },
  )

  test('a page is never larger than a hundred', async () => {
    const { sql } = node.database
    await sql`insert into room_summaries (room_id, joined_members, published) select '!many' || n || ':x', 1, true from generate_series(1, 150) n`
    expect(ok(await list({ limit: '5000' })).chunk).toHaveLength(100)
    expect(ok(await list()).chunk).toHaveLength(100)
    await sql`delete from room_summaries where room_id like '!many%'`
  })
})

describe('searching', () => {
  let count = 0
  test.each([
    ['sehir', ['Şehir Bahçesi']],
    ['BAHCESI', ['Şehir Bahçesi']],
    ['bahce sehir', ['Şehir Bahçesi']],
    ['tomatoes', ['Şehir Bahçesi']],
    ['#greens', ['Şehir Bahçesi']],
    ['100%', ['100% cotton']],
    ['%', ['100% cotton']],
    ['_', ['under_score']],
    ['under_', ['under_score']],
    ['\\', []],
    ["' or 1=1 --", []],
    ['& | ! :*', []],
    ['nothing', []],
  ])('%j finds %j', async (term, names) => {
    await publish('Şehir Bahçesi', [], { topic: 'Tomatoes and more', room_alias_name: `greens${++count}` })
    await publish('100% cotton')
    await publish('under_score')
    await publish('underxscore')
    expect(namesOf(ok(await find({ filter: { generic_search_term: term } })))).toEqual(names)
  })

  test('chooses by type, and null is a room without one', async () => {
    await publish('space', [], { creation_content: { type: 'm.space' } })
    await publish('other', [], { creation_content: { type: 'org.example.other' } })
    await publish('plain')
    const ofTypes = async (room_types: unknown) => namesOf(ok(await find({ filter: { room_types } }))).toSorted()
    expect(await ofTypes(['m.space'])).toEqual(['space'])
    expect(await ofTypes([null])).toEqual(['plain'])
    expect(await ofTypes(['m.space', null])).toEqual(['plain', 'space'])
    expect(await ofTypes([])).toEqual([])
    expect(await ofTypes(undefined)).toEqual(['other', 'plain', 'space'])
  })

  test('pages through what it finds', async () => {
    for (let i = 0; i < 4; i++) await publish(`flower ${i}`)
    await publish('tree')
    const filter = { generic_search_term: 'flower' }
    const first = ok(await find({ filter, limit: 3 }))
    const second = ok(await find({ filter, limit: 3, since: first.next_batch }))
    expect([...namesOf(first), ...namesOf(second)].toSorted()).toEqual(['flower 0', 'flower 1', 'flower 2', 'flower 3'])
  })

  test('a network has no rooms, and other servers cannot be asked', async () => {
    await publish('here')
    expect(ok(await find({ third_party_instance_id: 'irc' })).chunk).toEqual([])
    expect(refusal(await list({ server: 'elsewhere.example' }))).toBe('403 M_FORBIDDEN')
    expect(ok(await list({ server: 'localhost' })).chunk).toHaveLength(1)
  })
})

test('among 100,000 rooms, a page of 10,000 that are listed is read from an index', async () => {
  const { sql } = node.database
  await sql`
    insert into room_summaries (room_id, joined_members, published, name)
    select '!r' || n || ':x', n % 500, n % 10 = 0, 'Room ' || n from generate_series(1, 100000) n`
  await sql`analyze room_summaries`
  const all = { words: [], types: undefined }
  const edge = { direction: 'after', joinedMembers: 250, roomId: '!r5:x' as RoomId } as const
  for (const from of [undefined, edge]) {
    expect(await readPublishedRooms(sql, all, from, 21)).toHaveLength(21)
    const plan = await sql`explain ${readPublishedRooms(sql, all, from, 21)}`
    expect(JSON.stringify(plan)).toContain('room_summaries_published')
    expect(JSON.stringify(plan)).not.toMatch(/Seq Scan|Sort Key/)
  }
  await sql`delete from room_summaries where room_id like '!r%:x'`
})
