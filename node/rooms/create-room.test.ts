import { afterAll, beforeAll, expect, test } from 'vitest'
import { setProfileField } from '#spec/api/client/profile.ts'
import { joinRoomByIdOrAlias, maxInitialState, maxInvited } from '#spec/api/client/rooms.ts'
import { isHashRoomId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { checksums } from '#test/checksums.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let ayse: Caller
let mert: Caller
let zeynep: Caller
beforeAll(async () => {
  node = await serveRooms()
  ayse = await addCaller(node, 'ayse')
  mert = await addCaller(node, 'mert')
  zeynep = await addCaller(node, 'zeynep')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

/** The state of a room as its maker sees it: content by type and, where there is one, state key. */
async function stateOf(roomId: string): Promise<Record<string, JsonObject>> {
  const state = ok(await ayse.state(roomId)) as { type: string; state_key: string; content: JsonObject }[]
  return Object.fromEntries(state.map((e) => [e.state_key === '' ? e.type : `${e.type} ${e.state_key}`, e.content]))
}

const typesOf = async (roomId: string) => (await ayse.history(roomId)).map((event) => event.type)

test('a room is made with what the specification lists, in its order', async () => {
  const roomId = await ayse.createRoom({
    name: 'Home',
    topic: 'What is for dinner',
    room_alias_name: 'order',
    invite: [mert.id],
    initial_state: [
      { type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      { type: 'org.example.colour', state_key: 'wall', content: { is: 'blue' } },
    ],
  })
  expect(isHashRoomId(roomId)).toBe(true)
  expect(await typesOf(roomId)).toEqual([
    'm.room.create',
    'm.room.member',
    'm.room.power_levels',
    'm.room.canonical_alias',
    'm.room.join_rules',
    'm.room.history_visibility',
    'm.room.guest_access',
    'm.room.encryption',
    'org.example.colour',
    'm.room.name',
    'm.room.topic',
    'm.room.member',
  ])
  expect(await stateOf(roomId)).toMatchObject({
    'm.room.create': { room_version: '12' },
    'm.room.name': { name: 'Home' },
    'm.room.topic': { topic: 'What is for dinner', 'm.topic': { 'm.text': [{ body: 'What is for dinner' }] } },
    'm.room.canonical_alias': { alias: '#order:localhost' },
    'm.room.encryption': { algorithm: 'm.megolm.v1.aes-sha2' },
    'org.example.colour wall': { is: 'blue' },
    [`m.room.member ${mert.id}`]: { membership: 'invite' },
  })
})

test.each([
  ['private_chat', 'invite', 'can_join', 0],
  ['trusted_private_chat', 'invite', 'can_join', 0],
  ['public_chat', 'public', 'forbidden', 50],
])('the preset %s', async (preset, join_rule, guest_access, invite) => {
  const state = await stateOf(await ayse.createRoom({ preset }))
  expect(state).toMatchObject({
    'm.room.join_rules': { join_rule },
    'm.room.history_visibility': { history_visibility: 'shared' },
    'm.room.guest_access': { guest_access },
    'm.room.power_levels': { users: {}, invite, state_default: 50, events: { 'm.room.tombstone': 150 } },
  })
})

test.each([
  ['public', 'public'],
  ['private', 'invite'],
  [undefined, 'invite'],
])(
  'the visibility %s chooses the preset where none is given, and whether the directory lists the room',
  async (visibility, rule) => {
    const roomId = await ayse.createRoom({ visibility })
    expect((await stateOf(roomId))['m.room.join_rules']).toEqual({ join_rule: rule })
    const listed = await node.database.sql`select room_id from room_summaries where room_id = ${roomId} and published`
    expect(listed.length).toBe(visibility === 'public' ? 1 : 0)
  },
)

test('a preset outweighs the visibility, initial state outweighs the preset, name and topic outweigh initial state', async () => {
  const initial_state = [
    { type: 'm.room.history_visibility', content: { history_visibility: 'joined' } },
    { type: 'm.room.name', content: { name: 'not this' } },
  ]
  const roomId = await ayse.createRoom({ visibility: 'public', preset: 'private_chat', initial_state, name: 'This' })
  expect(await stateOf(roomId)).toMatchObject({
    'm.room.join_rules': { join_rule: 'invite' },
    'm.room.history_visibility': { history_visibility: 'joined' },
    'm.room.name': { name: 'This' },
  })
  expect((await typesOf(roomId)).filter((type) => type === 'm.room.history_visibility')).toHaveLength(1)
})

test.each(['6', '7', '8', '9', '10', '11', '12'])('a room of version %s works', async (room_version) => {
  const roomId = await ayse.createRoom({ room_version, invite: [mert.id] })
  const creator = Number(room_version) <= 10 ? ayse.id : undefined
  const state = await stateOf(roomId)
  expect(state['m.room.create']).toEqual({ room_version, ...(creator && { creator }) })
  expect(state['m.room.power_levels']).toMatchObject({ users: room_version === '12' ? {} : { [ayse.id]: 100 } })
  expect(roomId.endsWith(':localhost')).toBe(room_version !== '12')
  ok(await mert.join(roomId))
  const eventId = await mert.say(roomId, 'Hello')
  ok(await ayse.redact(roomId, eventId, { reason: 'too loud' }))
  ok(await ayse.kick(roomId, mert.id))
  const [join, , redaction] = (await ayse.history(roomId)).slice(-4)
  expect(join).toMatchObject({ content: { membership: 'join' }, unsigned: { prev_content: { membership: 'invite' } } })
  // Clients look for it beside the content or in it, so it is in both.
  expect(redaction).toMatchObject({ redacts: eventId, content: { redacts: eventId, reason: 'too loud' } })
  expect(ok(await ayse.event(roomId, eventId))).toMatchObject({
    content: {},
    unsigned: { redacted_because: { redacts: eventId, content: { redacts: eventId } } },
  })
})

test('everybody in a trusted private chat has the same power', async () => {
  const body = { preset: 'trusted_private_chat', invite: [mert.id, zeynep.id, mert.id, ayse.id] }
  const v12 = await ayse.createRoom({ ...body, creation_content: { additional_creators: [zeynep.id] } })
  expect((await stateOf(v12))['m.room.create']).toEqual({
    room_version: '12',
    additional_creators: [zeynep.id, mert.id],
  })
  ok(await mert.join(v12))
  ok(await mert.setState(v12, 'm.room.tombstone', { body: 'gone' }))
  expect(refusal(await ayse.kick(v12, mert.id))).toBe('403 M_FORBIDDEN')

  const v11 = await ayse.createRoom({ ...body, room_version: '11' })
  expect(await stateOf(v11)).toMatchObject({
    'm.room.create': { room_version: '11' },
    'm.room.power_levels': { users: { [ayse.id]: 100, [mert.id]: 100, [zeynep.id]: 100 } },
  })
})

test('other presets give nobody the same power', async () => {
  const roomId = await ayse.createRoom({ preset: 'private_chat', invite: [mert.id] })
  expect((await stateOf(roomId))['m.room.create']).toEqual({ room_version: '12' })
})

test('creation content is kept but for what the server decides', async () => {
  const creation_content = {
    type: 'm.space',
    'm.federate': false,
    room_version: '6',
    creator: mert.id,
    'org.example.a': [1],
  }
  expect((await stateOf(await ayse.createRoom({ creation_content })))['m.room.create']).toEqual({
    room_version: '12',
    type: 'm.space',
    'm.federate': false,
    'org.example.a': [1],
  })
})

test('power levels given replace those that would be set, each by its name', async () => {
  const override = { users: { [mert.id]: 50 }, events: { 'm.room.message': 25 }, ban: 75, 'org.example.x': 'y' }
  const roomId = await ayse.createRoom({ power_level_content_override: override, preset: 'public_chat' })
  expect((await stateOf(roomId))['m.room.power_levels']).toMatchObject({ ...override, kick: 50, invite: 50 })
  ok(await zeynep.join(roomId))
  expect(refusal(await zeynep.send(roomId, 'm.room.message', { body: 'no' }))).toBe('403 M_FORBIDDEN')
})

test('an invite says whether the chat is direct, and who is invited', async () => {
  await mert.call(setProfileField, {
    params: { userId: mert.id, keyName: 'displayname' },
    body: { displayname: 'Mert 🌊' },
  })
  const direct = await stateOf(await ayse.createRoom({ is_direct: true, invite: [mert.id] }))
  expect(direct[`m.room.member ${mert.id}`]).toEqual({ membership: 'invite', is_direct: true, displayname: 'Mert 🌊' })
  const group = await stateOf(await ayse.createRoom({ invite: [mert.id] }))
  expect(group[`m.room.member ${mert.id}`]).toEqual({ membership: 'invite', displayname: 'Mert 🌊' })
})

test('rooms that are made alike at the same moment are as many rooms', async () => {
  const body = { preset: 'private_chat', name: 'Twins' }
  const rooms = await Promise.all(Array.from({ length: 12 }, () => ayse.createRoom(body)))
  expect(new Set(rooms).size).toBe(12)
})

test('an alias leads to one room only, whoever comes first', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ayse.tryToCreate({ room_alias_name: 'garden', preset: 'public_chat' })),
  )
  const made = answers.filter(({ status }) => status === 200)
  expect(made).toHaveLength(1)
  expect(answers.filter((answer) => refusal(answer) === '400 M_ROOM_IN_USE')).toHaveLength(7)
  expect(refusal(await mert.tryToCreate({ room_alias_name: 'garden' }))).toBe('400 M_ROOM_IN_USE')
  const params = { roomIdOrAlias: '#garden:localhost' }
  expect(ok(await mert.call(joinRoomByIdOrAlias, { params, body: {} })).room_id).toBe(made[0]!.body.room_id)
  expect(await mert.joinedRooms()).toContain(made[0]!.body.room_id)
  const unknown = await mert.call(joinRoomByIdOrAlias, { params: { roomIdOrAlias: '#shed:localhost' }, body: {} })
  expect(refusal(unknown)).toBe('404 M_NOT_FOUND')
})

test.each<[string, object, string]>([
  ['a version nobody knows', { room_version: '99' }, '400 M_UNSUPPORTED_ROOM_VERSION'],
  ['a version that is no string', { room_version: 12 }, '400 M_BAD_JSON'],
  [
    'an invitation by e-mail',
    { invite_3pid: [{ id_server: 'x', id_access_token: 'y', medium: 'email', address: 'a@example.org' }] },
    '403 M_THREEPID_DENIED',
  ],
  ['an invitation of nobody', { invite: ['@nobody:localhost'] }, '404 M_NOT_FOUND'],
  ['an invitation to another server', { invite: ['@friend:elsewhere.example'] }, '403 M_FORBIDDEN'],
  ['an invitation that is no user', { invite: ['mert'] }, '400 M_BAD_JSON'],
  ['too many invitations', { invite: Array.from({ length: maxInvited + 1 }, () => '@a:b') }, '400 M_BAD_JSON'],
  [
    'too much initial state',
    { initial_state: Array.from({ length: maxInitialState + 1 }, () => ({ type: 'a', content: {} })) },
    '400 M_BAD_JSON',
  ],
  ['an alias with a space', { room_alias_name: 'my room' }, '400 M_INVALID_PARAM'],
  ['an alias with a server', { room_alias_name: 'room:elsewhere' }, '400 M_INVALID_PARAM'],
  ['an alias that is too long', { room_alias_name: 'x'.repeat(250) }, '400 M_INVALID_PARAM'],
  ['power levels that are none', { power_level_content_override: { ban: 'much' } }, '400 M_INVALID_ROOM_STATE'],
  [
    'levels for the creator',
    { power_level_content_override: { users: { '@ayse:localhost': 100 } } },
    '400 M_INVALID_ROOM_STATE',
  ],
  [
    'levels that lock the creator out',
    { room_version: '11', power_level_content_override: { users: {} }, name: 'x' },
    '400 M_INVALID_ROOM_STATE',
  ],
  ['power levels that are a list', { power_level_content_override: [] }, '400 M_BAD_JSON'],
  ['creators that are none', { creation_content: { additional_creators: ['me'] } }, '400 M_INVALID_ROOM_STATE'],
  ['a second create event', { initial_state: [{ type: 'm.room.create', content: {} }] }, '400 M_INVALID_ROOM_STATE'],
  [
    'a guest put into the room',
    { initial_state: [{ type: 'm.room.member', state_key: '@mert:localhost', content: { membership: 'join' } }] },
    '400 M_INVALID_ROOM_STATE',
  ],
  [
    'an invitation of nobody, as state',
    { initial_state: [{ type: 'm.room.member', state_key: '@nobody:localhost', content: { membership: 'invite' } }] },
    '404 M_NOT_FOUND',
  ],
  [
    'a membership of a thing',
    { initial_state: [{ type: 'm.room.member', state_key: 'door', content: { membership: 'leave' } }] },
    '400 M_INVALID_PARAM',
  ],
  [
    'a redaction as state',
    { initial_state: [{ type: 'm.room.redaction', content: { redacts: '$x' } }] },
    '400 M_BAD_JSON',
  ],
  ['state without content', { initial_state: [{ type: 'm.room.name' }] }, '400 M_BAD_JSON'],
  ['state without type', { initial_state: [{ content: {} }] }, '400 M_BAD_JSON'],
  ['state of a long type', { initial_state: [{ type: 'é'.repeat(128), content: {} }] }, '413 M_TOO_LARGE'],
  ['a name that is no string', { name: { first: 'x' } }, '400 M_BAD_JSON'],
  ['a name beyond the size of an event', { name: 'x'.repeat(65_536) }, '413 M_TOO_LARGE'],
  ['a preset nobody knows', { preset: 'secret_chat' }, '400 M_BAD_JSON'],
  ['a visibility nobody knows', { visibility: 'secret' }, '400 M_BAD_JSON'],
])('%s: refused, and no room is left behind', async (_, body, expected) => {
  const before = await checksums(node.database.sql)
  const rooms = await ayse.joinedRooms()
  expect(refusal(await ayse.tryToCreate(body))).toBe(expected)
  expect(await checksums(node.database.sql)).toEqual(before)
  expect(await ayse.joinedRooms()).toEqual(rooms)
})

test('a room can begin with as much state as is allowed, and five hundred events in one go are one chain', async () => {
  const initial_state = Array.from({ length: maxInitialState }, (_, i) => ({
    type: 'org.example.seat',
    state_key: `${i}`,
    content: { taken: i % 2 === 0 },
  }))
  const roomId = await ayse.createRoom({ initial_state })
  expect(Object.keys(await stateOf(roomId))).toHaveLength(maxInitialState + 6)
  const depths = await node.database.sql<{ depth: number }[]>`
    select depth from events where room_id = ${roomId} order by position`
  expect(depths.map((row) => row.depth)).toEqual(Array.from({ length: maxInitialState + 6 }, (_, i) => i + 1))
})
