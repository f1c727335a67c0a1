import { expect, test } from 'vitest'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { Json, JsonObject } from '#spec/json.ts'
import type { EventDraft } from '#spec/room/build.ts'
import { wireForm, type RoomEvent } from '#spec/room/event.ts'
import { isSignedBy, signersOf } from '#spec/room/signatures.ts'
import {
  buildRoomState,
  readRoomState,
  stripEvent,
  strippedStateNeeds,
  type ReceivedState,
} from '#spec/room/stripped-state.ts'
import { requireRoomVersion, roomVersionIds, type RoomVersion } from '#spec/room/versions.ts'
import { nobleCrypto, nobleKey, noblePublicKey } from '#spec/vectors/noble-crypto.ts'
import { openStory } from '#spec/vectors/story.ts'

const ada = '@ada:one.example' as UserId
const seed = new Uint8Array(32).fill(1)
const state = (type: string, content: JsonObject, state_key = ''): EventDraft => ({
  type,
  sender: ada,
  state_key,
  content,
})

const told: EventDraft[] = [
  state('m.room.member', { membership: 'join', displayname: 'Ada' }, ada),
  state('m.room.power_levels', { state_default: 0 }),
  state('m.room.join_rules', { join_rule: 'invite' }),
  state('m.room.history_visibility', { history_visibility: 'shared' }),
  state('m.room.name', { name: 'Kitchen' }),
  state('m.room.name', { name: 'not this one' }, 'x'),
  state('m.room.topic', { topic: 'soup' }),
  state('m.room.avatar', { url: 'mxc://one.example/pot' }),
  state('m.room.canonical_alias', { alias: '#kitchen:one.example' }),
  state('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' }),
  state('org.example.secret', { secret: 1 }),
]

interface Room {
  readonly version: RoomVersion
  readonly roomId: RoomId
  readonly create: RoomEvent
  find(type: string, stateKey: string): RoomEvent | undefined
  /** `invite_room_state` as we send it. */
  readonly sent: readonly JsonObject[]
}

function openRoom(id: string): Room {
  const version = requireRoomVersion(id)
  const story = openStory(version, (server) => nobleKey(server, 'ed25519:1', seed), nobleCrypto)
  const opening = { room_version: id, ...(version.creatorInContent ? { creator: ada } : undefined) }
  for (const draft of [state('m.room.create', opening), ...told]) expect(story.tell(draft).refused).toBeUndefined()
  const { event: create } = story.told[0]!
  const after = story.stateAfter(story.told.at(-1)!.event.event_id)
  const find: Room['find'] = (type, stateKey) => story.find(after, type, stateKey)
  return { version, roomId: create.room_id, create, find, sent: buildRoomState(version, find, ada) }
}

const read = ({ version, roomId }: Room, entries: Json | undefined, inviter?: UserId): readonly ReceivedState[] =>
  readRoomState(version, roomId, entries, nobleCrypto, inviter)
const typesOf = (received: readonly ReceivedState[]): string[] => received.map(({ stripped }) => stripped.type)
const describing = strippedStateNeeds().map(([type]) => type)

test('stripped state has four fields', () => {
  const { create, find } = openRoom('12')
  expect(stripEvent(create)).toEqual({ type: 'm.room.create', sender: ada, state_key: '', content: create.content })
  expect(stripEvent(find('m.room.member', ada)!)).toHaveProperty('state_key', ada)
})

test('what is shown is the list of the specification, and who invites', () => {
  expect(describing).toEqual([
    'm.room.create',
    'm.room.name',
    'm.room.avatar',
    'm.room.topic',
    'm.room.join_rules',
    'm.room.canonical_alias',
    'm.room.encryption',
  ])
  expect(strippedStateNeeds().every(([, stateKey]) => stateKey === '')).toBe(true)
  expect(strippedStateNeeds(ada).at(-1)).toEqual(['m.room.member', ada])
})

test.each(roomVersionIds)('in version %s whole events are sent and read', (id) => {
  const room = openRoom(id)
  const { version, find, sent } = room
  expect(sent.map(({ type }) => type)).toEqual([...describing, 'm.room.member'])
  expect(sent[0]).toEqual(wireForm(version, room.create))
  const received = read(room, [...sent], ada)
  expect(received.map(({ stripped }) => stripped)).toEqual(
    strippedStateNeeds(ada).map(([type, stateKey]) => stripEvent(find(type, stateKey)!)),
  )
  for (const { whole } of received) {
    const [server] = signersOf(version, whole!.event)
    expect(isSignedBy(version, whole!.wire, server!, 'ed25519:1', noblePublicKey(seed), nobleCrypto)).toBe(true)
  }
})

test('what a room does not have is not sent', () => {
  const { version, create } = openRoom('12')
  const sent = buildRoomState(version, (type) => (type === 'm.room.create' ? create : undefined), ada)
  expect(sent).toEqual([wireForm(version, create)])
})

test.each(roomVersionIds)(
  'in version %s stripped state is read too; the create event of version 12 must be whole',
  (id) => {
    const room = openRoom(id)
    const bare = strippedStateNeeds().map(([type, stateKey]) => ({ ...stripEvent(room.find(type, stateKey)!) }))
    const received = read(room, bare as unknown as Json)
    expect(typesOf(received)).toEqual(id === '12' ? describing.slice(1) : describing)
    expect(received.every(({ whole }) => whole === undefined)).toBe(true)
  },
)

test('of stripped state nothing else is taken over', () => {
  const room = openRoom('12')
  const bare = { type: 'm.room.name', state_key: '', sender: ada, content: { name: 'a' }, unsigned: {}, event_id: '$a' }
  expect(read(room, [bare])).toEqual([
    { stripped: { type: 'm.room.name', state_key: '', sender: ada, content: { name: 'a' } } },
  ])
})

const room = openRoom('12')
const nameOf = (changes: JsonObject): JsonObject => ({
  ...{ type: 'm.room.name', state_key: '', sender: ada, content: { name: 'a' } },
  ...changes,
})
const dropped: [string, Json][] = [
  ['no object', 'm.room.name'],
  ['null', null],
  ['a list', [nameOf({})]],
  ['no type', { state_key: '', sender: ada, content: {} }],
  ['another type', nameOf({ type: 'org.example.secret' })],
  ['power levels', wireForm(room.version, room.find('m.room.power_levels', '')!)],
  ['no state', { type: 'm.room.name', sender: ada, content: {} }],
  ['another state key', nameOf({ state_key: 'x' })],
  ['another state key, whole', wireForm(room.version, room.find('m.room.name', 'x')!)],
  ['the member event of somebody else', nameOf({ type: 'm.room.member', state_key: '@ben:two.example' })],
  ['a sender that is no user', nameOf({ sender: 'ada' })],
  ['content that is no object', nameOf({ content: [] })],
  ['no content', nameOf({ content: null })],
  ['a float', nameOf({ content: { name: 1.5 } })],
  ['content that no event could have', nameOf({ content: { name: 'x'.repeat(65_537) } })],
  ['a whole event in a bad format', { ...wireForm(room.version, room.find('m.room.name', '')!), depth: -1 }],
  [
    'a whole event that is too large',
    { ...wireForm(room.version, room.find('m.room.name', '')!), a: 'x'.repeat(65_536) },
  ],
]

test.each(dropped)('dropped: %s', (_name, entry) => {
  expect(read(room, [entry], ada)).toEqual([])
})

test('events of another room are dropped', () => {
  const other = `!${'o'.repeat(42)}A` as RoomId
  expect(read({ ...room, roomId: other }, [...room.sent], ada)).toEqual([])
})

test.each([undefined, null, 'x', 5, {}, { length: 1 }])('no list: %j', (entries) => {
  expect(read(room, entries as Json | undefined)).toEqual([])
})

test('the create event proves the room: another one is of another room', () => {
  const create = { ...wireForm(room.version, room.create), content: { room_version: '12', m: 'forged' } }
  expect(read(room, [create])).toEqual([])
})

test('a create event of another version is dropped', () => {
  const old = openRoom('11')
  const create = { ...wireForm(old.version, old.create), content: { room_version: '9', creator: ada } }
  expect(read(old, [create])).toEqual([])
  expect(read(old, [{ ...stripEvent(old.create), content: {} }])).toEqual([])
})

test('of a forged content only what redaction leaves is shown', () => {
  const forged = { ...wireForm(room.version, room.find('m.room.name', '')!), content: { name: 'forged' } }
  expect(read(room, [forged]).map(({ stripped }) => stripped.content)).toEqual([{}])
})

test('the first entry counts, and a hundred thousand cost no more than eight', () => {
  expect(read(room, [nameOf({}), nameOf({ content: { name: 'b' } })])[0]!.stripped.content).toEqual({ name: 'a' })
  let hashed = 0
  const crypto = {
    sha256: (bytes: Uint8Array): Uint8Array => {
      hashed++
      return nobleCrypto.sha256(bytes)
    },
  }
  const many = Array.from({ length: 100_000 }, (_, i) => room.sent[i % room.sent.length]!)
  expect(readRoomState(room.version, room.roomId, many, crypto, ada)).toHaveLength(8)
  expect(hashed).toBe(16)
})

test('the member event is that of who invites', () => {
  expect(typesOf(read(room, [...room.sent], ada))).toContain('m.room.member')
  expect(typesOf(read(room, [...room.sent], '@ben:two.example' as UserId))).not.toContain('m.room.member')
  expect(typesOf(read(room, [...room.sent]))).not.toContain('m.room.member')
})
