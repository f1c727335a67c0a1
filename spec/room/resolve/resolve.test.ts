import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventId, ServerName, UserId } from '#spec/ids.ts'
import type { EventDraft } from '#spec/room/build.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { resolve } from '#spec/room/resolve/resolve.ts'
import { stateKeyOf, type EventSource, type StateMap } from '#spec/room/resolve/state-map.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'
import { expandEvent, type ShortEvent } from '#spec/vectors/short-event.ts'
import { openStory, type Story } from '#spec/vectors/story.ts'
import { authChainOf } from './auth-difference.ts'
import { conflictedSubgraph } from './conflicted-subgraph.ts'
import { orderByMainline } from './mainline-order.ts'
import { orderByPower } from './power-order.ts'

interface Resolution {
  readonly name: string
  readonly room_version: string
  readonly events: readonly ShortEvent[]
  readonly state_sets: readonly (readonly string[])[]
  readonly resolved: readonly string[]
  readonly rejected?: readonly string[]
}

const [, ...lines] = readFileSync(new URL('../../vectors/resolution.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const cases = lines.map((line) => JSON.parse(line) as Resolution)

function sourceOf(events: readonly RoomEvent[], rejected: readonly string[] = []): EventSource {
  const byId = new Map(events.map((event) => [event.event_id, event]))
  return {
    getEvent: (id) => byId.get(id),
    getAuthIds: (id) => byId.get(id)?.auth_events ?? [],
    isRejected: (id) => rejected.includes(id),
  }
}

const stateOf = (ids: readonly string[], source: EventSource): StateMap =>
  new Map(
    ids.map((id) => {
      const event = source.getEvent(id as EventId)!
      return [stateKeyOf(event.type, event.state_key!), event.event_id]
    }),
  )

const idsOf = (state: StateMap): string[] => [...state.values()].sort()

test.each(cases)('version $room_version: $name', ({ room_version, events, state_sets, resolved, rejected }) => {
  const source = sourceOf(events.map(expandEvent), rejected)
  const sets = state_sets.map((ids) => stateOf(ids, source))
  const version = requireRoomVersion(room_version)
  expect(idsOf(resolve(version, sets, source))).toEqual(resolved.toSorted())
  expect(idsOf(resolve(version, sets.toReversed(), source))).toEqual(resolved.toSorted())
  expect(idsOf(resolve(version, [...sets, ...sets], source))).toEqual(resolved.toSorted())
})

test('an event that is not there is an error, not a guess', () => {
  const { events, state_sets, room_version } = cases.find(({ name }) => name.startsWith('two topics'))!
  const source = sourceOf(events.map(expandEvent))
  const sets = state_sets.map((ids) => stateOf(ids, source))
  const lost = { ...source, getEvent: (id: EventId) => (id === '$topic1' ? undefined : source.getEvent(id)) }
  expect(() => resolve(requireRoomVersion(room_version), sets, lost)).toThrow('$topic1')
})

const chain = (id: string, auth_events: string[], more: Partial<ShortEvent> = {}): RoomEvent =>
  expandEvent({
    event_id: id,
    type: 'm.room.power_levels',
    state_key: '',
    sender: '@a:b',
    content: {},
    auth_events,
    ...more,
  })
const asIds = (...ids: string[]): Set<EventId> => new Set(ids as EventId[])

test('an auth chain does not hold its start', () => {
  const source = sourceOf([chain('$3', ['$2']), chain('$2', ['$1']), chain('$1', [])])
  expect(authChainOf(asIds('$3'), source)).toEqual(asIds('$2', '$1'))
  expect(authChainOf(asIds('$1'), source)).toEqual(asIds())
})

test('the subgraph is what lies on paths between conflicted events', () => {
  const source = sourceOf([
    chain('$e', ['$d', '$x']),
    chain('$d', ['$c']),
    chain('$c', ['$b']),
    chain('$b', ['$a']),
    chain('$x', ['$a']),
    chain('$a', []),
  ])
  expect(conflictedSubgraph(asIds('$e', '$b'), source)).toEqual(asIds('$e', '$d', '$c', '$b'))
  expect(conflictedSubgraph(asIds('$e', '$a'), source)).toEqual(asIds('$e', '$d', '$c', '$b', '$x', '$a'))
  expect(conflictedSubgraph(asIds('$b', '$x'), source)).toEqual(asIds('$b', '$x'))
})

test('chains of a hundred thousand events cost no stack', () => {
  const events = Array.from({ length: 100_000 }, (_, i) => chain(`$${i}`, i === 0 ? [] : [`$${i - 1}`]))
  const source = sourceOf(events)
  expect(conflictedSubgraph(asIds('$0', '$99999'), source).size).toBe(100_000)
  const order = orderByMainline([...asIds('$50000', '$2')], '$99999' as EventId, source)
  expect(order).toEqual(['$2', '$50000'])
})

test('power order: auth events first, then level, time and id', () => {
  const levels = chain('$levels', [], { content: { users: { '@strong:b': 100, '@weak:b': 50 } } })
  const by = (id: string, sender: string, ts: number, auth: string[] = []): RoomEvent =>
    chain(id, ['$levels', ...auth], { sender, origin_server_ts: ts })
  const events = [
    levels,
    by('$late', '@weak:b', 9),
    by('$early', '@weak:b', 1),
    by('$strong', '@strong:b', 99),
    by('$b', '@none:b', 5),
    by('$a', '@none:b', 5),
    by('$after', '@strong:b', 0, ['$late']),
  ]
  const ids = asIds(...events.map((event) => event.event_id).filter((id) => id !== '$levels'))
  expect(orderByPower(requireRoomVersion('12'), ids, sourceOf(events))).toEqual([
    '$strong',
    '$early',
    '$late',
    '$after',
    '$a',
    '$b',
  ])
})

const v12 = requireRoomVersion('12')
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
/** No signatures: rules and resolution look at none here. */
const keyOf = (server: ServerName) => ({ server, keyId: 'ed25519:1', sign: () => new Uint8Array(64) })
const people = ['@a:one.example', '@b:one.example', '@c:two.example', '@d:two.example'] as UserId[]
const membership = (sender: UserId, target: UserId, value: string): EventDraft => ({
  type: 'm.room.member',
  sender,
  state_key: target,
  content: { membership: value },
})
const person = fc.constantFrom(...people)
const drafts: fc.Arbitrary<EventDraft> = fc.oneof(
  fc
    .tuple(person, person, fc.constantFrom('join', 'leave', 'ban', 'invite'))
    .map(([by, target, value]) => membership(by, target, value)),
  person.map((by) => membership(by, by, 'join')),
  fc.tuple(person, person, fc.constantFrom(0, 50, 100)).map(([sender, user, level]) => ({
    type: 'm.room.power_levels',
    sender,
    state_key: '',
    content: { users: user === people[0] ? {} : { [user]: level } },
  })),
  fc
    .tuple(person, fc.constantFrom('public', 'invite'))
    .map(([sender, join_rule]) => ({ type: 'm.room.join_rules', sender, state_key: '', content: { join_rule } })),
  fc
    .tuple(person, fc.constantFrom('x', 'y'))
    .map(([sender, topic]) => ({ type: 'm.room.topic', sender, state_key: '', content: { topic } })),
)

/** A room that grew in branches: each step names one or two of the last five events as its heads. */
const branches = fc.array(fc.tuple(drafts, fc.nat(4), fc.nat(4)), { minLength: 5, maxLength: 40 })
type Branches = typeof branches extends fc.Arbitrary<infer Steps> ? Steps : never

function grow(steps: Branches): Story {
  const story = openStory(v12, keyOf, { sha256, verify: () => true })
  const [a] = people
  story.tell({ type: 'm.room.create', sender: a!, state_key: '', content: { room_version: '12' } })
  story.tell(membership(a!, a!, 'join'))
  story.tell({ type: 'm.room.join_rules', sender: a!, state_key: '', content: { join_rule: 'public' } })
  for (const [draft, one, other] of steps) {
    const recent = [...story.events.values()].slice(-5)
    const heads = new Set([recent[one % recent.length]!, recent[other % recent.length]!])
    story.tell(draft, [...heads])
  }
  return story
}

test('however a room grew, resolution is one answer', () => {
  fc.assert(
    fc.property(branches, fc.array(fc.nat(), { minLength: 2, maxLength: 4 }), (steps, picks) => {
      const story = grow(steps)
      const events = [...story.events.values()]
      const sets = picks.map((pick) => story.stateAfter(events[pick % events.length]!.event_id))
      const resolved = idsOf(resolve(v12, sets, story.source))
      // In any order of the branches, however often each is named.
      expect(idsOf(resolve(v12, sets.toReversed(), story.source))).toEqual(resolved)
      expect(idsOf(resolve(v12, [...sets, sets[0]!], story.source))).toEqual(resolved)
      // Resolving what is resolved changes nothing.
      const again = resolve(v12, sets, story.source)
      expect(idsOf(resolve(v12, [again, again], story.source))).toEqual(resolved)
      // What all agree on stands, nothing comes from outside, every key has its own event.
      const agreed = [...sets[0]!].filter(([key, id]) => sets.every((set) => set.get(key) === id))
      expect(agreed.map(([key]) => [key, again.get(key)])).toEqual(agreed)
      for (const [key, id] of again) {
        const event = story.source.getEvent(id)!
        expect(stateKeyOf(event.type, event.state_key!)).toBe(key)
      }
      expect(again.get(stateKeyOf('m.room.create', ''))).toBe(events[0]!.event_id)
    }),
    { numRuns: 150 },
  )
})
