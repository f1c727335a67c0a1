import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createIdOfRoom, type EventId, type ServerName, type UserId } from '#spec/ids.ts'
import { parseJson, type JsonObject } from '#spec/json.ts'
import { AuthFailure, checkAuth, checkAuthEvents } from '#spec/room/auth.ts'
import { decodeEvent, encodeEvent, type EventDraft } from '#spec/room/build.ts'
import { fromWire, hashMatches, wireForm, type RoomEvent } from '#spec/room/event.ts'
import { resolve } from '#spec/room/resolve/resolve.ts'
import { stateKeyOf, type StateMap } from '#spec/room/resolve/state-map.ts'
import { isSignedBy, signersOf } from '#spec/room/signatures.ts'
import { requireRoomVersion, type RoomVersion } from '#spec/room/versions.ts'
import { decodeBase64, encodeBase64 } from '#spec/sign.ts'
import { nobleCrypto, nobleKey, noblePublicKey } from './noble-crypto.ts'
import { openStory, type Told } from './story.ts'

const servers = ['one.example', 'two.example', 'three.example'] as ServerName[]
const seedOf = (server: ServerName): Uint8Array => new Uint8Array(32).fill(servers.indexOf(server) + 1)
const keyId = 'ed25519:1'
const [ada, ben, cem, eli] = [
  '@ada:one.example',
  '@ben:two.example',
  '@cem:three.example',
  '@eli:one.example',
] as UserId[] as [UserId, UserId, UserId, UserId]

const member = (sender: UserId, target: UserId, membership: string, more: JsonObject = {}): EventDraft => ({
  type: 'm.room.member',
  sender,
  state_key: target,
  content: { membership, ...more },
})
const state = (sender: UserId, type: string, content: JsonObject): EventDraft => ({
  type,
  sender,
  state_key: '',
  content,
})
const say = (sender: UserId, body: string): EventDraft => ({
  type: 'm.room.message',
  sender,
  content: { msgtype: 'm.text', body },
})

/** A family room over three servers: people come and go, two branches grow and meet, some things are refused. */
function tellRoom(): readonly Told[] {
  const story = openStory(requireRoomVersion('12'), (server) => nobleKey(server, keyId, seedOf(server)), nobleCrypto)
  const { tell } = story
  tell(state(ada, 'm.room.create', { room_version: '12', additional_creators: [eli] }))
  tell(member(ada, ada, 'join', { displayname: 'Ada' }))
  tell(state(ada, 'm.room.power_levels', { users: {}, events: { 'm.room.name': 25 }, notifications: { room: 50 } }))
  tell(state(ada, 'm.room.join_rules', { join_rule: 'invite' }))
  tell(state(ada, 'm.room.history_visibility', { history_visibility: 'joined' }))
  tell(state(ada, 'm.room.name', { name: 'Küche 🍲' }))
  tell(member(ben, ben, 'join'))
  tell(member(ada, ben, 'invite', { is_direct: false }))
  tell(member(ben, ben, 'join', { displayname: 'Ben', avatar_url: 'mxc://two.example/abc' }))
  const message = tell(say(ben, 'merhaba 👋')).event
  tell(state(ben, 'm.room.topic', { topic: 'not mine to set' }))
  tell(state(ada, 'm.room.power_levels', { users: { [ada]: 100 } }))
  tell(state(ada, 'm.room.power_levels', { users: { [eli]: 100 } }))
  const fork = tell(state(ada, 'm.room.power_levels', { users: { [ben]: 50 }, events: { 'm.room.name': 25 } })).event
  // Two branches: ben sets a topic and speaks, while ada bans ben.
  tell(state(ben, 'm.room.topic', { topic: 'soup' }), [fork])
  const left = tell(say(ben, 'who cooks?')).event
  const right = tell(member(ada, ben, 'ban', { reason: 'tries everything' }), [fork]).event
  tell(say(ada, 'here the branches meet'), [left, right])
  tell(say(ben, 'am I still here?'))
  tell(member(ada, ben, 'leave'))
  tell(state(ada, 'm.room.join_rules', { join_rule: 'public' }))
  tell(member(ben, ben, 'join', { displayname: 'Ben' }))
  tell(member(cem, cem, 'join', { displayname: 'Cem' }))
  tell(member(eli, eli, 'join'))
  tell(member(cem, ben, 'leave', { reason: 'may not' }))
  tell({ type: 'm.room.redaction', sender: ada, content: { reason: 'too loud' }, redacts: message.event_id })
  tell(member(ben, eli, 'leave', { reason: 'a creator cannot be removed' }))
  tell(member(eli, cem, 'leave', { reason: 'bye' }))
  tell({ type: 'org.example.note', sender: eli, state_key: ada, content: {} })
  tell({
    type: 'org.example.note',
    sender: eli,
    state_key: eli,
    content: { deep: { '😀': 1, '～': [null, true, -5] } },
  })
  return story.told
}

interface Line {
  readonly event_id: string
  readonly event: JsonObject
  readonly refused: string | null
}
interface Head {
  readonly room_version: string
  readonly keys: { readonly [server: string]: { readonly [keyId: string]: string } }
}

function linesOf(told: readonly Told[]): string {
  const keys = Object.fromEntries(
    servers.map((server) => [server, { [keyId]: encodeBase64(noblePublicKey(seedOf(server))) }]),
  )
  const about =
    'A room of version 12, event by event: this line has the keys, every other one an event as servers exchange it, its id, and the number of the rule that refuses it against the state before it.'
  const lines = told.map(({ event, refused }) => ({
    event_id: event.event_id,
    event: wireForm(requireRoomVersion('12'), event),
    refused: refused ?? null,
  }))
  return [{ about, room_version: '12', keys }, ...lines].map((line) => JSON.stringify(line)).join('\n') + '\n'
}

test('the story comes out as it is kept', async () => {
  await expect(linesOf(tellRoom())).toMatchFileSnapshot('./room-v12.jsonl')
})

/** What a server knows of the room so far. */
interface Known {
  readonly version: RoomVersion
  readonly events: Map<EventId, RoomEvent>
  readonly states: Map<EventId, StateMap>
}

function stateBefore({ version, events, states }: Known, event: RoomEvent): StateMap {
  const sets = event.prev_events.map((id) => states.get(id)!)
  const source = { getEvent: (id: EventId) => events.get(id), getAuthIds: (id: EventId) => events.get(id)!.auth_events }
  return sets.length === 0 ? new Map() : resolve(version, sets, source, nobleCrypto)
}

function refusal(known: Known, event: RoomEvent): string | null {
  const { version, events } = known
  const before = stateBefore(known, event)
  const cited = event.auth_events.map((id) => events.get(id)!)
  const create = events.get(createIdOfRoom(event.room_id))
  const inState = (type: string, key: string): RoomEvent | undefined => events.get(before.get(stateKeyOf(type, key))!)
  const amongCited = (type: string, key: string): RoomEvent | undefined =>
    cited.find((candidate) => candidate.type === type && candidate.state_key === key)
  try {
    checkAuthEvents(version, event, cited)
    checkAuth(version, event, amongCited, create, nobleCrypto)
    checkAuth(version, event, inState, create, nobleCrypto)
    return null
  } catch (error) {
    if (error instanceof AuthFailure) return error.rule
    throw error
  }
}

function checkProof({ version }: Known, line: Line, head: Head): RoomEvent {
  const event = fromWire(version, line.event, nobleCrypto)
  expect(event.event_id).toBe(line.event_id)
  expect(hashMatches(line.event, nobleCrypto)).toBe(true)
  for (const server of signersOf(version, event)) {
    const publicKey = decodeBase64(head.keys[server]![keyId]!)!
    expect(isSignedBy(version, line.event, server, keyId, publicKey, nobleCrypto)).toBe(true)
  }
  const { content, envelope } = encodeEvent(version, event)
  expect(decodeEvent(event.event_id, event.room_id, content, envelope)).toEqual(event)
  return event
}

test('a server that receives the room line by line comes to the same decisions', () => {
  const [head, ...lines] = readFileSync(new URL('./room-v12.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => parseJson(line) as unknown) as [Head, ...Line[]]
  const known: Known = { version: requireRoomVersion(head.room_version), events: new Map(), states: new Map() }
  for (const line of lines) {
    const event = checkProof(known, line, head)
    expect([line.event_id, refusal(known, event)]).toEqual([line.event_id, line.refused])
    if (line.refused !== null) continue
    const after = new Map(stateBefore(known, event))
    if (event.state_key !== undefined) after.set(stateKeyOf(event.type, event.state_key), event.event_id)
    known.events.set(event.event_id, event)
    known.states.set(event.event_id, after)
  }
  expect(lines.filter((line) => line.refused !== null).map((line) => line.refused)).toEqual([
    '5.3.7',
    '8',
    '10.4',
    '10.4',
    '6',
    '5.5.5',
    '5.5.5',
    '9',
  ])
})
