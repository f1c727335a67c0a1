import { expect } from 'vitest'
import { queryKeys } from '#spec/api/client/keys.ts'
import { getEvent, getMessages } from '#spec/api/client/events.ts'
import type { SyncEvent } from '#spec/api/client/client-event.ts'
import type { JoinedRoom, SyncResponse } from '#spec/api/client/sync.ts'
import { readKeySupply } from '#node/keys/store.ts'
import { joined, type Talker } from '#node/sync/testing/talk.ts'
import { Memory, stateKey, type RoomMemory } from './memory.ts'

type Chance = (n: number) => number

/** How a reader reads. */
interface Habit {
  readonly isLazy: boolean
  readonly timeline: { readonly limit: number; readonly types?: string[]; readonly not_types?: string[] }
  readonly hasEphemeral: boolean
  readonly countsThreads: boolean
  readonly form: object
  readonly filter: object
}

const timelineTypes = [{}, {}, {}, { types: ['m.room.message'] }, { not_types: ['m.reaction', 'm.room.topic'] }]
const forms = [{}, { use_state_after: true }, { 'org.matrix.msc4222.use_state_after': true }]

function pickHabit(random: Chance): Habit {
  const isLazy = random(2) === 0
  const limit = random(12) === 0 ? 0 : 1 + random(random(2) === 0 ? 5 : 50)
  const timeline = { limit, ...timelineTypes[random(timelineTypes.length)]! }
  const [hasEphemeral, countsThreads] = [random(6) > 0, random(2) === 0]
  const state = { lazy_load_members: isLazy, include_redundant_members: random(4) === 0 }
  const ephemeral = hasEphemeral ? {} : { types: [] }
  const room = { timeline: { ...timeline, unread_thread_notifications: countsThreads }, state, ephemeral }
  return { isLazy, timeline, hasEphemeral, countsThreads, form: forms[random(forms.length)]!, filter: { room } }
}

/**
 * One device that syncs now and then. What it has put together from increments must be what another device of the same person, which sees
 * everything for the first time, is told at that moment.
 */
export class Reader {
  readonly who: Talker
  readonly witness: Talker
  readonly habit: Habit
  /** What was sent to this device. */
  readonly mail: string[] = []
  #memory = new Memory()
  #ignored: readonly string[] = []
  readonly #everIgnored = new Set<string>()

  constructor(who: Talker, witness: Talker, random: Chance) {
    this.who = who
    this.witness = witness
    this.habit = pickHabit(random)
  }

  /** Syncs, and compares. Nothing else may happen meanwhile. */
  async check(random: Chance): Promise<void> {
    const { filter, form, countsThreads } = this.habit
    const memory = this.#memory
    const more = random(12) === 0 ? { full_state: true } : {}
    const isFirst = memory.token === undefined
    const answer = await this.who.sync({ since: memory.token, filter, ...form, ...more, set_presence: 'offline' })
    await memory.apply(answer, (roomId, part) => this.#readGap(roomId, part, memory.token!))
    const timeline = { limit: 1_000, unread_thread_notifications: countsThreads }
    const whole = await this.witness.sync({ filter: { room: { timeline } }, set_presence: 'offline' })
    const fresh = new Memory()
    await fresh.apply(whole, () => Promise.resolve([]))
    this.#forgetTimelinesIfOthersAreIgnored(fresh)
    this.#compare(memory, fresh)
    checkEvents(answer, whole)
    await this.#checkRelations(answer, random)
    await this.#checkCrypto(answer, fresh, isFirst)
  }

  /** What others made of an event, after a gap, is what the event is said to have by itself. */
  async #checkRelations(answer: SyncResponse, random: Chance): Promise<void> {
    for (const [roomId, part] of Object.entries(answer.rooms?.join ?? {})) {
      const events = part.timeline?.limited ? part.timeline.events : []
      const event = events[random(Math.max(1, events.length))]
      if (event === undefined) continue
      const alone = await this.who.do(getEvent, { params: { roomId, eventId: event.event_id } })
      expect(relationsOf(event), `what others made of ${event.event_id}`).toEqual(relationsOf(alone))
    }
  }

  /** Applies what a client is told of devices, as one that encrypts for everybody it shares a room with, and compares with what there is. */
  async #checkCrypto(answer: SyncResponse, fresh: Memory, isFirst: boolean): Promise<void> {
    const { letters, devices, outdated } = this.#memory
    expect(letters, 'to-device messages').toEqual(this.mail)
    const supply = await readKeySupply(this.who.node.deps.sql, this.who.person as never)
    expect(answer.device_one_time_keys_count, 'one-time keys').toEqual(JSON.parse(supply.counts))
    expect(answer.device_unused_fallback_key_types, 'fallback keys').toEqual(JSON.parse(supply.unusedFallbacks))
    const followed = new Set([this.who.id, ...[...fresh.rooms.values()].flatMap(joinedMembers)])
    const asked = Object.fromEntries([...followed, ...outdated].map((userId) => [userId, []]))
    const { device_keys: found = {} } = await this.who.do(queryKeys, { body: { device_keys: asked } })
    const textOf = (userId: string) => JSON.stringify((found as Record<string, unknown>)[userId] ?? {})
    for (const userId of isFirst ? followed : outdated) devices.set(userId, textOf(userId))
    outdated.clear()
    for (const userId of followed) expect(devices.get(userId) ?? '{}', `devices of ${userId}`).toEqual(textOf(userId))
    // Of whoever has no keys there is nothing to follow, and nothing to tell when they leave.
    const others = [...devices].filter(([userId, text]) => text !== '{}' && !followed.has(userId))
    expect(others, 'people whose devices are followed in vain').toEqual([])
  }

  async #readGap(roomId: string, part: JoinedRoom, since: string): Promise<SyncEvent[]> {
    const { limit: _limit, ...types } = this.habit.timeline
    const events: SyncEvent[] = []
    let from = part.timeline?.prev_batch
    while (from !== undefined) {
      const query = { dir: 'b', from, to: since, limit: '100', filter: JSON.stringify(types) }
      const page = await this.who.do(getMessages, { params: { roomId }, query })
      events.unshift(...((page.chunk ?? []) as SyncEvent[]).toReversed())
      from = page.end
    }
    return events.filter((event) => event.state_key !== undefined || !this.#ignored.includes(event.sender))
  }

  /** Who begins to ignore somebody, or ends it, has other timelines from then on: those that are known say nothing more. */
  #forgetTimelinesIfOthersAreIgnored({ accountData }: Memory): void {
    const list = JSON.parse(accountData.get('m.ignored_user_list') ?? '{}') as { ignored_users?: object }
    const ignored = Object.keys(list.ignored_users ?? {})
    if (ignored.join() === this.#ignored.join()) return
    this.#ignored = ignored
    for (const userId of ignored) this.#everIgnored.add(userId)
    for (const room of this.#memory.rooms.values()) room.events = []
  }

  #compare(memory: Memory, fresh: Memory): void {
    expect(sorted(memory.accountData), 'account data').toEqual(sorted(fresh.accountData))
    expect([...memory.rooms.keys()].toSorted(), 'rooms').toEqual([...fresh.rooms.keys()].toSorted())
    // Of an invitation by somebody who is ignored by now, or was when it came, a client keeps what it knows.
    if (this.#everIgnored.size === 0) {
      expect(sorted(memory.invites), 'invites').toEqual(sorted(fresh.invites))
      expect(sorted(memory.knocks), 'knocks').toEqual(sorted(fresh.knocks))
    }
    comparePresence(memory, fresh, this.#everIgnored)
    for (const [roomId, room] of memory.rooms) this.#compareRoom(room, fresh.rooms.get(roomId)!)
  }

  #compareRoom(room: RoomMemory, fresh: RoomMemory): void {
    const { isLazy, hasEphemeral } = this.habit
    const state = sorted(fresh.state).filter(([key]) => !isLazy || !isMember(key) || room.state.has(key))
    expect(sorted(room.state), 'state').toEqual(state)
    expect(room.state.has(stateKey('m.room.member', this.who.id)), 'own member event').toBe(true)
    expect({ ...room.summary, ...heroesOf(fresh) }, 'summary').toMatchObject(fresh.summary)
    expect(sorted(room.accountData), 'account data of the room').toEqual(sorted(fresh.accountData))
    expect([room.counts, room.threadCounts], 'counts').toEqual([fresh.counts, fresh.threadCounts])
    this.#compareTimeline(room, fresh)
    if (!hasEphemeral) return
    expect(room.typing.toSorted(), 'typing').toEqual(fresh.typing.toSorted())
    compareReceipts(room, fresh)
  }

  #compareTimeline(room: RoomMemory, fresh: RoomMemory): void {
    const ids = room.events.map((event) => event.event_id)
    expect(new Set(ids).size, 'events that came twice').toBe(ids.length)
    const { types, not_types: notTypes } = this.habit.timeline
    const all = fresh.events.filter(({ type }) => (types?.includes(type) ?? true) && !notTypes?.includes(type))
    const length = Math.min(ids.length, all.length)
    const tail = all.slice(all.length - length).map((event) => event.event_id)
    expect(ids.slice(ids.length - length), 'timeline').toEqual(tail)
  }
}

const joinedMembers = ({ members }: RoomMemory): string[] =>
  [...members].flatMap(([userId, membership]) => (membership === 'join' ? [userId] : []))
const sorted = (map: ReadonlyMap<string, string>) => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
const isMember = (key: string) => key.startsWith('["m.room.member"')
/** Of a room that has a name now it does not matter who gave it one. */
const heroesOf = ({ summary }: RoomMemory) => ('m.heroes' in summary ? {} : { 'm.heroes': undefined })

/** Of people who were ignored for a while some changes were missed, as with their messages. */
function comparePresence(memory: Memory, fresh: Memory, ignored: ReadonlySet<string>): void {
  const share = new Set(
    [...fresh.rooms.values()].flatMap(({ events, state }) =>
      events.flatMap((event) =>
        event.type === 'm.room.member' &&
        (event.content as { membership?: unknown }).membership === 'join' &&
        state.get(stateKey(event.type, event.state_key!)) === event.event_id
          ? [event.state_key]
          : [],
      ),
    ),
  )
  for (const [userId, content] of fresh.presence)
    if (!ignored.has(userId)) expect(memory.presence.get(userId), userId).toEqual(content)
  for (const [userId, content] of memory.presence)
    if (!fresh.presence.has(userId) && share.has(userId) && !ignored.has(userId))
      expect(content, userId).toEqual({ presence: 'offline' })
}

/** Receipts at events that both have are the same; those at older ones a client learns of only when they move. */
function compareReceipts(room: RoomMemory, fresh: RoomMemory): void {
  const known = new Set<string>(room.events.map((event) => event.event_id))
  const both = new Set<string>(fresh.events.map((event) => event.event_id).filter((eventId) => known.has(eventId)))
  const among = (receipts: RoomMemory['receipts']) => sorted(receipts).filter(([, eventId]) => both.has(eventId))
  expect(among(room.receipts), 'receipts').toEqual(among(fresh.receipts))
}

/** An event in an increment looks as it does to somebody who sees it for the first time. */
function checkEvents(answer: SyncResponse, whole: SyncResponse): void {
  for (const [roomId, part] of Object.entries(answer.rooms?.join ?? {})) {
    const fresh = new Map(joined(whole, roomId)?.timeline?.events.map((event) => [event.event_id, event]))
    for (const event of part.timeline?.events ?? []) {
      const other = fresh.get(event.event_id)
      if (other) expect(timeless(event), event.type).toEqual(timeless(other))
    }
  }
}

/** What depends on the moment, on the device, and on whether the timeline is limited. */
const passing: ReadonlySet<string> = new Set(['age', 'transaction_id', 'm.relations'])
const relationsOf = (event: object): unknown => {
  const { unsigned } = event as { unsigned?: Record<string, unknown> }
  return JSON.parse(JSON.stringify(unsigned?.['m.relations'] ?? {}), (key, value: unknown) =>
    key === 'age' || key === 'transaction_id' ? undefined : value,
  )
}
const timeless = (event: SyncEvent): unknown =>
  JSON.parse(JSON.stringify(event), (key, value: unknown) => (passing.has(key) ? undefined : value))
