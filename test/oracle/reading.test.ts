import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endpoints } from '#spec/api/all.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import type { UserId } from '#spec/ids.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { deactivate } from '#node/accounts/moderation/deactivate.ts'
import { addCaller, ok, type Caller } from '#node/rooms/testing/caller.ts'
import { serveHouse } from '#test/adversary/good-calls.ts'
import type { CallInput, ServedSlices } from '#test/serve-slices.ts'
import { sightOf, type Happening } from './visibility.ts'

/*
 * Whatever tells of a room is asked by everybody about rooms of every history visibility, and may show what the specification lets them see,
 * read off the whole history (visibility.ts), and nothing else.
 */

const visibilities = ['world_readable', 'shared', 'invited', 'joined'] as const
type HistoryVisibility = (typeof visibilities)[number]

/** The ways in which people stand to a room at the end. */
const roles = [
  'stranger',
  'knocked',
  'invited',
  'declined',
  'left',
  'returned',
  'banned',
  'forgotten',
  'joined',
  // Came when somebody who had talked in the room had been erased.
  'late',
] as const
type Role = (typeof roles)[number]

/** Something said or set, which is found in an answer by its text. */
interface Secret {
  readonly text: string
  readonly index: number
  readonly id: string
}

interface Told {
  readonly id: string
  readonly history: readonly Happening[]
  readonly messages: readonly Secret[]
  readonly topics: readonly Secret[]
}

let node: ServedSlices
let owner: Caller
const people = new Map<Role, Caller>()
beforeAll(async () => {
  node = await serveHouse()
  owner = await addCaller(node, 'owner')
  for (const role of roles) people.set(role, await addCaller(node, role))
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const some = (...wanted: readonly Role[]) => wanted.map((role) => people.get(role)!)

/**
 * A room in which people come and go, with something said by two and a topic set between any two steps. At the end its visibility changes, one
 * of the two is erased, and somebody else comes.
 */
async function live(before: HistoryVisibility, after: HistoryVisibility): Promise<Told> {
  const roomId = await owner.createRoom({
    initial_state: [
      { type: 'm.room.join_rules', content: { join_rule: 'knock' } },
      { type: 'm.room.history_visibility', content: { history_visibility: before } },
    ],
  })
  const erased = await addCaller(node, `erased_${before}_${after}`)
  ok(await owner.invite(roomId, erased.id))
  ok(await erased.join(roomId))
  const said: { id: string; text: string }[] = []
  const set: { id: string; text: string }[] = []
  let step = 0
  const tell = async () => {
    step++
    const relations = said[0]
      ? [
          { 'm.relates_to': { rel_type: 'm.thread', event_id: said[0].id } },
          { 'm.relates_to': { rel_type: 'm.reference', event_id: said[0].id } },
        ]
      : [{}]
    for (const [i, relation] of relations.entries()) {
      const text = `secret ${step}-${i} of ${before} ${after}.`
      said.push({ text, id: await owner.say(roomId, text, relation) })
    }
    const lost = `secret ${step}-e of ${before} ${after}.`
    said.push({ text: lost, id: await erased.say(roomId, lost, relations[0]) })
    const topic = `topic ${step} of ${before} ${after}.`
    set.push({ text: topic, id: ok(await owner.setState(roomId, 'm.room.topic', { topic })).event_id! })
  }
  const comers = some('left', 'returned', 'banned', 'forgotten', 'joined')
  await tell()
  for (const who of [...comers, ...some('declined')]) ok(await owner.invite(roomId, who.id))
  await tell()
  for (const who of comers) ok(await who.join(roomId))
  for (const who of some('declined')) ok(await who.leave(roomId))
  await tell()
  for (const who of some('left', 'forgotten', 'returned')) ok(await who.leave(roomId))
  for (const who of some('banned')) ok(await owner.ban(roomId, who.id))
  await tell()
  for (const who of some('forgotten')) ok(await who.forget(roomId))
  for (const who of some('knocked')) ok(await who.knock(roomId))
  for (const who of some('invited', 'returned')) ok(await owner.invite(roomId, who.id))
  await tell()
  for (const who of some('returned')) ok(await who.join(roomId))
  if (after !== before) ok(await owner.setState(roomId, 'm.room.history_visibility', { history_visibility: after }))
  await tell()
  ok(await erased.leave(roomId))
  const atErasure = (await owner.history(roomId)).length
  await deactivate(node.deps, { userId: erased.person.userId as UserId, erase: true })
  for (const who of some('late')) {
    ok(await owner.invite(roomId, who.id))
    ok(await who.join(roomId))
  }
  const events = await owner.history(roomId)
  const place = ({ id, text }: { id: string; text: string }) => ({
    id,
    text,
    index: events.findIndex((event) => event.event_id === id),
  })
  return {
    id: roomId,
    history: events
      .map((event): Happening => ({ event: event as unknown as RoomEvent }))
      .toSpliced(atErasure, 0, { erased: erased.id }),
    messages: said.map(place),
    topics: set.map(place),
  }
}

const eventsOf = (room: Told) => room.history.map((one) => ('event' in one ? one.event : undefined))

/** Whoever has forgotten a room sees of it what a stranger sees. */
const nameIn = (role: Role) => (role === 'forgotten' ? '@nobody:localhost' : people.get(role)!.id)
const sees = (room: Told, role: Role, index: number) => sightOf(room.history, index, nameIn(role)) === 'whole'
/** Be it redacted. */
const isShown = (room: Told, role: Role, index: number) => sightOf(room.history, index, nameIn(role)) !== 'hidden'

/** Up to which event somebody may look at the room as a whole: all of it for members and where the world may read it, until they left for others who were members. */
function looksUpTo(room: Told, role: Role): number | undefined {
  const events = eventsOf(room)
  const visibility = events.findLast((event) => event?.type === 'm.room.history_visibility')!.content
  const own = events.flatMap((event, index) =>
    event?.type === 'm.room.member' && event.state_key === nameIn(role)
      ? [{ index, membership: event.content['membership'] }]
      : [],
  )
  if (visibility['history_visibility'] === 'world_readable' || own.at(-1)?.membership === 'join')
    return events.length - 1
  const lastJoin = own.findLastIndex(({ membership }) => membership === 'join')
  return lastJoin === -1 ? undefined : own[lastJoin + 1]!.index
}

const isMember = (role: Role) => role === 'joined' || role === 'returned' || role === 'late'
const isCurrent = (room: Told, role: Role) => looksUpTo(room, role) === room.history.length - 1
/** Join rules let everybody knock but those who are banned, and whoever may knock may know what the room is. */
const mayKnow = (room: Told, role: Role) => role !== 'banned' || isCurrent(room, role)

interface Expected {
  readonly status: number
  /** Exactly these are shown; where it is absent, at most those that the reader sees. */
  readonly messages?: readonly Secret[]
}

interface Reading {
  readonly calls: (room: Told, who: Caller) => readonly CallInput[]
  readonly expected: (room: Told, role: Role, call: CallInput) => Expected
  /** What the room tells about itself to those outside may be in the answer. */
  readonly tellsOfRoom?: (role: Role) => boolean
}

const visibleMessages = (room: Told, role: Role, upTo = Infinity) =>
  room.messages.filter(({ index }) => index <= upTo && sees(room, role, index))

const inRoom = (room: Told, more: CallInput = {}): CallInput[] => [{ params: { roomId: room.id }, ...more }]
const aboutEach = (room: Told, more: Record<string, string> = {}, query: Record<string, string> = {}): CallInput[] =>
  room.messages.map(({ id }) => ({ params: { roomId: room.id, eventId: id, ...more }, query }))
const aboutFirst = (room: Told, more: Record<string, string> = {}): CallInput[] => [
  { params: { roomId: room.id, eventId: room.messages[0]!.id, ...more }, query: { limit: '100' } },
]
const messageOf = (room: Told, call: CallInput) => room.messages.find(({ id }) => id === call.params!['eventId'])!

const lookingAtAll = (room: Told, role: Role): Expected => ({
  status: looksUpTo(room, role) === undefined ? 403 : 200,
})
const history = (room: Told, role: Role): Expected => {
  const upTo = looksUpTo(room, role)
  return upTo === undefined ? { status: 403 } : { status: 200, messages: visibleMessages(room, role, upTo) }
}
const state = { expected: lookingAtAll } as const
const topic = (room: Told, stateKey?: string): CallInput[] =>
  inRoom(room).map(({ params }) => ({
    params: { ...params, eventType: 'm.room.topic', ...(stateKey !== undefined && { stateKey }) },
  }))
const relations = (more: Record<string, string> = {}): Reading => ({
  calls: (room) => aboutFirst(room, more),
  // What relates to an event is told to those who see that event.
  expected: (room, role) => ({ status: sees(room, role, room.messages[0]!.index) ? 200 : 404 }),
})
const summary = (closed: number): Omit<Reading, 'calls'> => ({
  expected: (room, role) => ({ status: mayKnow(room, role) ? 200 : closed }),
  tellsOfRoom: () => true,
})
const byName = (room: Told): CallInput[] => [{ params: { roomIdOrAlias: room.id } }]
const ownThings: Omit<Reading, 'calls'> = { expected: () => ({ status: 404 }) }

/** Every endpoint that tells of a room. One that is not here is missed by the first test. */
const readings: Readonly<Record<string, Reading>> = {
  getMessages: { calls: (room) => inRoom(room, { query: { dir: 'f', limit: '1000' } }), expected: history },
  getEvent: {
    calls: (room) => aboutEach(room),
    expected: (room, role, call) => {
      const message = messageOf(room, call)
      const isSeen = sees(room, role, message.index)
      return { status: isShown(room, role, message.index) ? 200 : 404, messages: isSeen ? [message] : [] }
    },
  },
  getContext: {
    calls: (room) => aboutEach(room, {}, { limit: '100' }),
    expected: (room, role, call) => {
      if (!isShown(room, role, messageOf(room, call).index)) return { status: 404 }
      const all = history(room, role)
      return { status: all.status, ...(all.messages && { messages: all.messages }) }
    },
  },
  getEventByTimestamp: {
    calls: (room) =>
      ['f', 'b'].flatMap((dir) => inRoom(room, { query: { dir, ts: dir === 'f' ? '0' : '9999999999999' } })),
    expected: lookingAtAll,
  },
  getState: { calls: (room) => inRoom(room), ...state },
  getStateEvent: { calls: (room) => topic(room, ''), expected: lookingAtAll },
  getStateEventEmptyKey: { calls: (room) => topic(room), ...state },
  getStateEventTrailingSlash: { calls: (room) => topic(room), ...state },
  getMembers: { calls: (room) => inRoom(room), ...state },
  getJoinedMembers: {
    calls: (room) => inRoom(room),
    expected: (_, role) => ({ status: isMember(role) ? 200 : 403 }),
  },
  getRoomAliases: {
    calls: (room) => inRoom(room),
    expected: (room, role) => ({ status: isCurrent(room, role) ? 200 : 403 }),
  },
  getRoomInitialSync: { calls: (room) => inRoom(room), expected: lookingAtAll },
  getRoomEvents: {
    calls: (room) => [{ query: { room_id: room.id, from: 't0', timeout: '0' } }],
    expected: (room, role) =>
      isCurrent(room, role) ? { status: 200, messages: visibleMessages(room, role) } : { status: 403 },
  },
  getRelatingEvents: relations(),
  getRelatingEventsWithRelType: relations({ relType: 'm.thread' }),
  getRelatingEventsWithRelTypeAndEventType: relations({ relType: 'm.reference', eventType: 'm.room.message' }),
  getThreadRoots: { calls: (room) => inRoom(room), expected: lookingAtAll },
  getRoomSummary: { calls: byName, ...summary(404) },
  getUnstableRoomSummary: { calls: byName, ...summary(404) },
  getOldUnstableRoomSummary: { calls: byName, ...summary(404) },
  getHierarchy: { calls: (room) => inRoom(room), ...summary(403) },
  // Of a room that is not listed, those outside do not learn that it is there.
  getRoomVisibility: {
    calls: (room) => inRoom(room),
    expected: (_, role) => ({ status: role === 'stranger' ? 404 : 200 }),
  },
  getPublicRooms: { calls: () => [{}], expected: () => ({ status: 200 }) },
  queryPublicRooms: { calls: () => [{ body: {} }], expected: () => ({ status: 200 }) },
  // What people keep for a room is their own, and nobody here keeps anything.
  getRoomAccountData: {
    calls: (room, who) => [{ params: { userId: who.id, roomId: room.id, type: 'org.example.none' } }],
    ...ownThings,
  },
  sync: {
    calls: () => [
      { query: { timeout: '0', filter: '{"room":{"include_leave":true,"timeline":{"limit":1000}}}' } },
      { query: { timeout: '0' } },
    ],
    expected: () => ({ status: 200 }),
    // Whoever is invited or knocks is told what the room is.
    tellsOfRoom: (role) => role === 'invited' || role === 'knocked',
  },
  getNotifications: { calls: () => [{ query: { limit: '100' } }], expected: () => ({ status: 200 }) },
  search: {
    calls: () => [
      {
        body: {
          search_categories: {
            room_events: {
              search_term: 'secret',
              include_state: true,
              event_context: { before_limit: 10, after_limit: 10 },
            },
          },
        },
      },
    ],
    expected: () => ({ status: 200 }),
  },
}

interface Definition {
  readonly shape?: Readonly<Record<string, Schema>>
  readonly innerType?: Schema
  readonly element?: Schema
  readonly options?: readonly Schema[]
  readonly valueType?: Schema
  readonly in?: Schema
}
interface Schema {
  readonly _zod: { readonly def: Definition }
}

/** Whether a schema has a place for an event, or for what a room tells about itself. */
function tellsOfRooms(schema: Schema | undefined): boolean {
  if (schema === undefined) return false
  const { shape, innerType, element, options = [], valueType, in: input } = schema._zod.def
  if (shape && (('sender' in shape && 'content' in shape && 'type' in shape) || 'num_joined_members' in shape))
    return true
  return [...Object.values(shape ?? {}), ...options, innerType, element, valueType, input].some(tellsOfRooms)
}

const namesRoom = ({ path, query }: Endpoint) =>
  /\{(roomId|roomIdOrAlias|eventId)\}/.test(path) || 'room_id' in ((query as Schema | undefined)?._zod.def.shape ?? {})

/** What these give, the caller has put there, or somebody has put there for them alone. */
const ownOnly = /^\/_matrix\/client\/.*\/(tags|room_keys|delayed_events|dehydrated_device)(\/|$)/

/** Its answer is not described in full. */
const alsoTelling = new Set(['sync', 'search'])

test('every endpoint that tells of a room is asked', () => {
  const telling = Object.entries(endpoints).filter(
    ([name, endpoint]) =>
      // What administrators read is theirs by office, and refused to everybody else.
      endpoint.auth !== 'admin' &&
      !ownOnly.test(endpoint.path) &&
      (alsoTelling.has(name) ||
        (endpoint.method === 'GET' && namesRoom(endpoint)) ||
        tellsOfRooms(endpoint.response as unknown as Schema)),
  )
  expect(Object.keys(readings).toSorted()).toEqual(telling.map(([name]) => name).toSorted())
})

const pairs = visibilities.flatMap((before, i) => [
  [before, before] as const,
  [before, visibilities[(i + 1) % visibilities.length]!] as const,
])

describe.each(pairs)('what was %s and is %s', (before, after) => {
  let room: Told
  beforeAll(async () => {
    room = await live(before, after)
  })

  test.each(roles)('shows the one who is %s what they may see, and nothing else', async (role) => {
    const who = people.get(role)!
    const faults: string[] = []
    let answers = 0
    for (const [name, { calls, expected, tellsOfRoom }] of Object.entries(readings)) {
      for (const call of calls(room, who)) {
        const { status, body } = await who.call(endpoints[name]!, call)
        const text = JSON.stringify(body)
        answers++
        const wanted = expected(room, role, call)
        if (status !== wanted.status) faults.push(`${name}: ${status}, not ${wanted.status}: ${text.slice(0, 200)}`)
        const shown = room.messages.filter((message) => text.includes(message.text))
        const leaked = shown.filter(({ index }) => !sees(room, role, index))
        if (leaked.length > 0) faults.push(`${name} leaks ${leaked.map((message) => message.text).join()}`)
        const missing = wanted.messages?.filter((message) => !shown.includes(message)) ?? []
        if (missing.length > 0) faults.push(`${name} lacks ${missing.map((message) => message.text).join()}`)
        const upTo = looksUpTo(room, role) ?? -1
        const topics = room.topics.filter((one) => text.includes(one.text))
        const told = topics.filter(({ index }) => index > upTo && !sees(room, role, index))
        if (told.length > 0 && !tellsOfRoom?.(role))
          faults.push(`${name} tells of ${told.map((one) => one.text).join()}`)
      }
    }
    expect(faults).toEqual([])
    expect(answers).toBeGreaterThan(40)
  })
})
