import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getHierarchy, maxHierarchyDepth } from '#spec/api/client/spaces.ts'
import { directory } from '#node/directory/slice.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from '#node/rooms/testing/caller.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
beforeAll(async () => {
  node = await serveRooms({ more: [directory] })
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const makeRoom = (name: string, more: object = {}) => owner.createRoom({ name, preset: 'public_chat', ...more })
const makeSpace = (name: string, more: object = {}) =>
  makeRoom(name, { creation_content: { type: 'm.space' }, ...more })
async function put(space: string, child: string, more: object = {}): Promise<void> {
  ok(await owner.setState(space, 'm.space.child', { via: ['localhost'], ...more }, child))
}

const page = (roomId: string, query: Record<string, string> = {}, who = mert) =>
  who.call(getHierarchy, { params: { roomId }, query })
const namesOf = ({ rooms }: { rooms?: readonly { name?: string | undefined }[] }) => rooms!.map(({ name }) => name)

async function allPages(roomId: string, query: Record<string, string>): Promise<(string | undefined)[][]> {
  const pages: (string | undefined)[][] = []
  for (let from: string | undefined, first = true; first || from !== undefined; first = false) {
    const answer = ok(await page(roomId, { ...query, ...(from && { from }) }))
    pages.push(namesOf(answer))
    from = answer.next_batch
    expect(pages.length).toBeLessThan(200)
  }
  return pages
}

/** root: a, inner (b, deepest (c)), d */
async function makeTree() {
  const [root, inner, deepest] = [await makeSpace('root'), await makeSpace('inner'), await makeSpace('deepest')]
  const rooms = { a: await makeRoom('a'), b: await makeRoom('b'), c: await makeRoom('c'), d: await makeRoom('d') }
  await put(root, rooms.d, { order: 'z' })
  await put(root, inner, { order: 'b', suggested: true })
  await put(root, rooms.a, { order: 'a' })
  await put(inner, rooms.b, { suggested: true })
  await put(inner, deepest)
  await put(deepest, rooms.c)
  return { root, inner, deepest, ...rooms }
}

describe('a tree', () => {
  test('is told depth first, each space with its children', async () => {
    const tree = await makeTree()
    const answer = ok(await page(tree.root))
    expect(namesOf(answer)).toEqual(['root', 'a', 'inner', 'b', 'deepest', 'c', 'd'])
    expect(answer).not.toHaveProperty('next_batch')
    const [root, a] = answer.rooms!
    expect(root).toMatchObject({ room_id: tree.root, room_type: 'm.space', num_joined_members: 1, room_version: '12' })
    expect(root!.children_state.map((child) => child.state_key)).toEqual([tree.a, tree.inner, tree.d])
    expect(root!.children_state[0]).toEqual({
      type: 'm.space.child',
      state_key: tree.a,
      sender: owner.id,
      content: { via: ['localhost'], order: 'a' },
      origin_server_ts: expect.any(Number),
    })
    expect(a!.children_state).toEqual([])
  })

  test.each([
    ['0', ['root']],
    ['1', ['root', 'a', 'inner', 'd']],
    ['2', ['root', 'a', 'inner', 'b', 'deepest', 'd']],
    ['99', ['root', 'a', 'inner', 'b', 'deepest', 'c', 'd']],
  ])('is followed to the depth %s', async (max_depth, names) => {
    const { root } = await makeTree()
    const answer = ok(await page(root, { max_depth }))
    expect(namesOf(answer)).toEqual(names)
    expect(answer.rooms![0]!.children_state).toHaveLength(3)
  })

  test('may be cut down to what is suggested', async () => {
    const { root } = await makeTree()
    expect(namesOf(ok(await page(root, { suggested_only: 'true' })))).toEqual(['root', 'inner', 'b'])
  })

  test.each([1, 2, 3, 6, 7, 8])('comes in pages of %i', async (limit) => {
    const { root } = await makeTree()
    const pages = await allPages(root, { limit: String(limit) })
    expect(pages.flat()).toEqual(['root', 'a', 'inner', 'b', 'deepest', 'c', 'd'])
    expect(pages.length).toBe(Math.ceil(7 / limit))
  })

  test('may begin at a room, which has nothing below', async () => {
    const { a } = await makeTree()
    expect(namesOf(ok(await page(a)))).toEqual(['a'])
  })

  test('leaves out what has been taken away, and rooms that nobody here knows', async () => {
    const { root, a } = await makeTree()
    ok(await owner.setState(root, 'm.space.child', {}, a))
    await put(root, '!elsewhere:other.example')
    await put(root, 'no room id')
    const names = namesOf(ok(await page(root)))
    expect(names).toEqual(['root', 'inner', 'b', 'deepest', 'c', 'd'])
  })
})

describe('who sees what', () => {
  test('only what they may join, knock on, or read', async () => {
    const root = await makeSpace('root')
    const rule = (content: object) => ({ initial_state: [{ type: 'm.room.join_rules', content }] })
    const family = await makeRoom('family')
    const kinds: Record<string, object> = {
      public: rule({ join_rule: 'public' }),
      knock: rule({ join_rule: 'knock' }),
      invite: rule({ join_rule: 'invite' }),
      invited: { ...rule({ join_rule: 'invite' }), invite: [mert.id] },
      restricted: rule({ join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: family }] }),
      readable: {
        initial_state: [
          { type: 'm.room.join_rules', content: { join_rule: 'invite' } },
          { type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } },
        ],
      },
    }
    let order = 0
    for (const [name, more] of Object.entries(kinds))
      await put(root, await makeRoom(name, more), { order: String(order++) })
    expect(namesOf(ok(await page(root)))).toEqual(['root', 'public', 'knock', 'invited', 'readable'])
    ok(await mert.join(family))
    expect(namesOf(ok(await page(root)))).toEqual(['root', 'public', 'knock', 'invited', 'restricted', 'readable'])
    expect(namesOf(ok(await page(root, {}, owner)))).toHaveLength(7)
  })

  test('a space that is closed is as one that is not there', async () => {
    const closed = await owner.createRoom({ creation_content: { type: 'm.space' } })
    const answers = [await page(closed), await page('!nothing:localhost')]
    expect(answers.map(refusal)).toEqual(['403 M_FORBIDDEN', '403 M_FORBIDDEN'])
    expect(answers[0]!.body).toEqual(answers[1]!.body)
  })

  test('a token opens nothing that is closed', async () => {
    const { root } = await makeTree()
    const secret = await owner.createRoom({ creation_content: { type: 'm.space' } })
    await put(secret, await makeRoom('hidden'))
    const answer = ok(await page(root, { from: `a~10~1~0~${root}~0~${secret}` }))
    expect(namesOf(answer)).not.toContain('hidden')
    expect(refusal(await page(secret, { from: `a~10~1~0~${secret}` }))).toBe('403 M_FORBIDDEN')
  })
})

describe('odd spaces', () => {
  test('loops are cut', async () => {
    const [one, two, three] = [await makeSpace('one'), await makeSpace('two'), await makeSpace('three')]
    for (const [space, child] of [
      [one, two],
      [two, three],
      [three, one],
      [one, one],
    ] as const)
      await put(space, child)
    expect(namesOf(ok(await page(one))).toSorted()).toEqual(['one', 'three', 'two'])
    for (const limit of ['1', '2']) {
      const pages = await allPages(one, { limit })
      expect(new Set(pages.flat())).toEqual(new Set(['one', 'two', 'three']))
    }
  })

  test('spaces that have each other in every way come to an end', async () => {
    const spaces = await Promise.all(Array.from({ length: 5 }, (_, i) => makeSpace(`s${i}`)))
    for (const space of spaces) for (const child of spaces) await put(space, child)
    expect(namesOf(ok(await page(spaces[0]!)))).toHaveLength(5)
    expect((await allPages(spaces[0]!, { limit: '3' })).length).toBeLessThan(100)
  })

  test('a chain is followed to a depth that is set', async () => {
    const spaces: string[] = []
    for (let i = 0; i < maxHierarchyDepth + 4; i++) spaces.push(await makeSpace(`s${i}`))
    for (const [i, child] of spaces.slice(1).entries()) await put(spaces[i]!, child)
    expect(namesOf(ok(await page(spaces[0]!)))).toHaveLength(maxHierarchyDepth + 1)
  })

  test('ten thousand children come in pages, each of them once', async () => {
    const root = await makeSpace('root')
    const { sql } = node.database
    await put(root, '!first:x', { order: ' ' })
    await sql`
      insert into events (event_id, room_id, type, state_key, sender, origin_server_ts, depth, content, envelope)
      select '$child' || n, ${root}, 'm.space.child', '!c' || n || ':x', ${owner.id}, n, 1, '{"via":["x"]}', '{}'
      from generate_series(1, 10000) n`
    await sql`
      insert into current_state (room_id, type, state_key, event_id, position)
      select ${root}, 'm.space.child', '!c' || n || ':x', '$child' || n, 1 from generate_series(1, 10000) n`
    await sql`
      insert into rooms (room_id, version, heads, state_layer)
      select '!c' || n || ':x', '11', '[]', 0 from generate_series(1, 10000) n where n % 10 = 0`
    await sql`
      insert into room_summaries (room_id, joined_members, join_rule, name)
      select '!c' || n || ':x', 1, 'public', 'c' || n from generate_series(1, 10000) n where n % 10 = 0`
    const pages = await allPages(root, {})
    expect(pages.flat()).toEqual(['root', ...Array.from({ length: 1_000 }, (_, i) => `c${(i + 1) * 10}`)])
    expect(pages.length).toBeLessThan(15)
  })

  test.each<[string, object]>([
    ['via', { via: 'localhost' }],
    ['order', { via: ['localhost'], order: 7 }],
    ['suggested', { via: ['localhost'], suggested: 'yes' }],
  ])('a child with the wrong %s upsets nothing', async (_, content) => {
    const [root, child] = [await makeSpace('root'), await makeRoom('child')]
    ok(await owner.setState(root, 'm.space.child', content, child))
    const names = namesOf(ok(await page(root)))
    expect(names).toEqual('via' in content && Array.isArray(content.via) ? ['root', 'child'] : ['root'])
  })
})

test('children without an order follow those with one, the oldest first', async () => {
  const root = await makeSpace('root')
  const names = ['third', 'second', 'fourth', 'first', 'fifth']
  const rooms = new Map<string, string>()
  for (const name of names) rooms.set(name, await makeRoom(name))
  for (const [name, more] of [
    ['third', { order: '~' }],
    ['fourth', {}],
    ['second', { order: 'aaaa' }],
    ['fifth', { order: 'ü' }],
    ['first', { order: ' ' }],
  ] as const) {
    await put(root, rooms.get(name)!, more)
    node.clock.advance(5)
  }
  expect(namesOf(ok(await page(root)))).toEqual(['root', 'first', 'second', 'third', 'fourth', 'fifth'])
})

describe('tokens', () => {
  test('are for one way of asking', async () => {
    const { root, inner } = await makeTree()
    const { next_batch: from } = ok(await page(root, { limit: '2', max_depth: '2' }))
    for (const query of [{ max_depth: '3' }, { suggested_only: 'true' }])
      expect(refusal(await page(root, { from: from!, ...query }))).toBe('400 M_INVALID_PARAM')
    expect(refusal(await page(inner, { from: from! }))).toBe('400 M_INVALID_PARAM')
    expect(namesOf(ok(await page(root, { from: from!, max_depth: '2' })))).toEqual(['inner', 'b', 'deepest', 'd'])
  })

  test.each(['', 'x', 'a~1~1', 'a~1~1~0', 'a~1~1~0~x', 'a~99~1~0~!a:b', 'a~1~-1~0~!a:b', 'a~0~1~0~!a:b', '~~~~'])(
    '%j is none',
    async (from) => {
      const { root } = await makeTree()
      expect(refusal(await page(root, { from }))).toBe('400 M_INVALID_PARAM')
    },
  )

  test.each([{ limit: '0' }, { limit: '-1' }, { max_depth: '-1' }, { suggested_only: 'maybe' }])(
    '%j is refused',
    async (query) => {
      expect(refusal(await page(await makeSpace('root'), query as never))).toBe('400 M_INVALID_PARAM')
    },
  )
})
