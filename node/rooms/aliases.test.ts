import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getRoomAlias } from '#spec/api/client/room-directory.ts'
import { joinRoomByIdOrAlias } from '#spec/api/client/rooms.ts'
import { checksums } from '#test/checksums.ts'
import type { Answer, ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let admin: Caller
let owner: Caller
let mert: Caller
let stranger: Caller
beforeAll(async () => {
  node = await serveRooms()
  admin = await addCaller(node, 'admin')
  await node.database.sql`update accounts set is_admin = true where user_id = ${admin.id}`
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
  stranger = await addCaller(node, 'stranger')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

let count = 0
const freshAlias = () => `#alias${++count}:localhost`

async function refuses(call: () => Promise<Answer>, expected: string): Promise<void> {
  const before = await checksums(node.database.sql)
  const answer = await call()
  expect(refusal(answer)).toBe(expected)
  expect(answer.body).toMatchObject({ error: expect.stringMatching(/.{12,}/) })
  expect(await checksums(node.database.sql)).toEqual(before)
}

async function openRoom(): Promise<string> {
  const roomId = await owner.createRoom({ preset: 'public_chat' })
  ok(await mert.join(roomId))
  return roomId
}

describe('setting an alias', () => {
  test('anybody in the room may; it leads there for everybody, without a login', async () => {
    const [roomId, alias] = [await openRoom(), freshAlias()]
    ok(await mert.setAlias(alias, roomId))
    const answer = await node.call(getRoomAlias, { params: { roomAlias: alias } })
    expect(ok(answer)).toEqual({ room_id: roomId, servers: ['localhost'] })
    expect(ok(await stranger.call(joinRoomByIdOrAlias, { params: { roomIdOrAlias: alias }, body: {} })).room_id).toBe(
      roomId,
    )
  })

  test('one that leads somewhere stays, even to the same room', async () => {
    const [roomId, other, alias] = [await openRoom(), await openRoom(), freshAlias()]
    ok(await owner.setAlias(alias, roomId))
    for (const room of [roomId, other]) await refuses(() => mert.setAlias(alias, room), '409 M_UNKNOWN')
  })

  test('of many who take one at once, one has it', async () => {
    const rooms = await Promise.all(Array.from({ length: 8 }, openRoom))
    const alias = freshAlias()
    const answers = await Promise.all(rooms.map((roomId) => owner.setAlias(alias, roomId)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 409)])
    const winner = rooms[answers.findIndex(({ status }) => status === 200)]
    expect(ok(await owner.alias(alias)).room_id).toBe(winner)
    // The others are none the worse for it.
    for (const roomId of rooms) await owner.say(roomId, 'still here')
  })

  test('nobody may outside of the room, nor for a room that is not there', async () => {
    const roomId = await openRoom()
    await refuses(() => stranger.setAlias(freshAlias(), roomId), '403 M_FORBIDDEN')
    await refuses(() => owner.setAlias(freshAlias(), '!nothing:localhost'), '403 M_FORBIDDEN')
  })

  test.each([
    '#a:elsewhere.example',
    '#a b:localhost',
    '#:localhost',
    '#a\u2003b:localhost',
    'a:localhost',
    '#a',
    `#${'a'.repeat(255)}:localhost`,
  ])('%s is refused', async (alias) => {
    const roomId = await openRoom()
    await refuses(() => owner.setAlias(alias, roomId), '400 M_INVALID_PARAM')
  })
})

describe('removing an alias', () => {
  test.each<[string, () => Caller]>([
    ['who made it', () => mert],
    ['who may set the aliases of the room', () => owner],
    ['who administers the server', () => admin],
  ])('%s may', async (_, who) => {
    const [roomId, alias] = [await openRoom(), freshAlias()]
    ok(await mert.setAlias(alias, roomId))
    ok(await who().deleteAlias(alias))
    expect(refusal(await owner.alias(alias))).toBe('404 M_NOT_FOUND')
    ok(await mert.setAlias(alias, roomId))
  })

  test('nobody else may', async () => {
    const [roomId, alias] = [await openRoom(), freshAlias()]
    ok(await owner.setAlias(alias, roomId))
    for (const who of [mert, stranger]) await refuses(() => who.deleteAlias(alias), '403 M_FORBIDDEN')
    await refuses(() => owner.deleteAlias('#nowhere:localhost'), '404 M_NOT_FOUND')
    await refuses(() => owner.deleteAlias('#nowhere:elsewhere.example'), '404 M_NOT_FOUND')
  })

  test('takes it out of the list of the room, and leaves the rest of it', async () => {
    const [roomId, main, other] = [await openRoom(), freshAlias(), freshAlias()]
    for (const alias of [main, other]) ok(await owner.setAlias(alias, roomId))
    ok(await owner.setState(roomId, 'm.room.canonical_alias', { alias: main, alt_aliases: [main, other], more: 1 }))
    ok(await owner.deleteAlias(main))
    expect(ok(await owner.piece(roomId, 'm.room.canonical_alias'))).toEqual({ alt_aliases: [other], more: 1 })
    ok(await owner.deleteAlias(other))
    expect(ok(await owner.piece(roomId, 'm.room.canonical_alias'))).toEqual({ alt_aliases: [], more: 1 })
  })

  test('works for those who may not change that list', async () => {
    const [roomId, alias] = [await openRoom(), freshAlias()]
    ok(await mert.setAlias(alias, roomId))
    ok(await owner.setState(roomId, 'm.room.canonical_alias', { alias }))
    ok(await mert.deleteAlias(alias))
    expect(ok(await owner.piece(roomId, 'm.room.canonical_alias'))).toEqual({ alias })
    // What was there may stay; what leads elsewhere may not be added.
    ok(await owner.setState(roomId, 'm.room.canonical_alias', { alias, more: 1 }))
    ok(await owner.setState(roomId, 'm.room.canonical_alias', {}))
    await refuses(() => owner.setState(roomId, 'm.room.canonical_alias', { alias }), '400 M_BAD_ALIAS')
  })
})

test('the aliases of a room are told to those inside, and to all the world where it may read', async () => {
  const [roomId, alias] = [await openRoom(), freshAlias()]
  ok(await owner.setAlias(alias, roomId))
  expect(ok(await mert.aliases(roomId)).aliases).toEqual([alias])
  await refuses(() => stranger.aliases(roomId), '403 M_FORBIDDEN')
  ok(await mert.leave(roomId))
  await refuses(() => mert.aliases(roomId), '403 M_FORBIDDEN')
  ok(await owner.setState(roomId, 'm.room.history_visibility', { history_visibility: 'world_readable' }))
  for (const who of [mert, stranger]) expect(ok(await who.aliases(roomId)).aliases).toEqual([alias])
})

describe('a new room', () => {
  const withAlias = (content: object, more: object = {}) =>
    owner.tryToCreate({ initial_state: [{ type: 'm.room.canonical_alias', content }], ...more })

  test('cannot begin with the alias of another one', async () => {
    const [roomId, alias] = [await openRoom(), freshAlias()]
    ok(await owner.setAlias(alias, roomId))
    for (const content of [{ alias }, { alt_aliases: [alias] }])
      await refuses(() => withAlias(content), '400 M_BAD_ALIAS')
    await refuses(() => withAlias({ alias: 'x' }), '400 M_INVALID_PARAM')
  })

  test('may list the one that it is made with', async () => {
    const alias = freshAlias()
    const content = { alias, alt_aliases: [alias] }
    const name = alias.slice(1, alias.indexOf(':'))
    const { room_id: roomId } = ok(await withAlias(content, { room_alias_name: name }))
    expect(ok(await owner.piece(roomId!, 'm.room.canonical_alias'))).toEqual(content)
  })
})
