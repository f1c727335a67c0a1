import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { EventId } from '#spec/ids.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { resolve, resolveDifferences } from '#spec/room/resolve/resolve.ts'
import type { EventSource } from '#spec/room/resolve/state-map.ts'
import { withDifference } from '#spec/room/resolve/state-sets.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'
import { expandEvent, type ShortEvent } from '#spec/vectors/short-event.ts'
import type { Vertex } from './auth-graph.ts'
import { authDifference } from './auth-difference.ts'
import { conflictedSubgraph } from './conflicted-subgraph.ts'
import { HolderSets, noHolders, type Holders } from './holders.ts'
import { orderByMainline } from './mainline-order.ts'
import { pathsBetween } from './paths-between.ts'
import { orderByPower } from './power-order.ts'
import { chain, graphOf } from './testing/graphs.ts'
import { idsOf, sourceOf, stateOf } from './testing/sources.ts'
import { resolveLiterally } from './testing/resolve-literally.ts'

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

test.each(cases)('version $room_version: $name', ({ room_version, events, state_sets, resolved, rejected }) => {
  const source = sourceOf(events.map(expandEvent), rejected)
  const sets = state_sets.map((ids) => stateOf(ids, source))
  const version = requireRoomVersion(room_version)
  const expected = resolved.toSorted()
  expect(idsOf(resolve(version, sets, source))).toEqual(expected)
  expect(idsOf(resolve(version, sets.toReversed(), source))).toEqual(expected)
  expect(idsOf(resolve(version, [...sets, ...sets], source))).toEqual(expected)
  if (sets.length > 1) expect(idsOf(resolveLiterally(version, sets, source).state)).toEqual(expected)
})

test('an event that is not there is an error, not a guess', () => {
  const { events, state_sets, room_version } = cases.find(({ name }) => name.startsWith('two topics'))!
  const source = sourceOf(events.map(expandEvent))
  const sets = state_sets.map((ids) => stateOf(ids, source))
  const lost = { ...source, getEvent: (id: EventId) => (id === '$topic1' ? undefined : source.getEvent(id)) }
  expect(() => resolve(requireRoomVersion(room_version), sets, lost)).toThrow('$topic1')
})

const forked = [
  chain('$e', ['$d', '$x']),
  chain('$d', ['$c']),
  chain('$c', ['$b']),
  chain('$b', ['$a']),
  chain('$x', ['$a']),
  chain('$a', []),
]

test.each([
  [
    ['$e', '$b'],
    ['$e', '$d', '$c', '$b'],
  ],
  [
    ['$e', '$a'],
    ['$e', '$d', '$c', '$b', '$x', '$a'],
  ],
  [
    ['$b', '$x'],
    ['$b', '$x'],
  ],
])('the subgraph of %j is what lies on paths between them', (conflicted, subgraph) => {
  const { some, ids } = graphOf(forked)
  expect(ids(conflictedSubgraph(some(...conflicted)).members).sort()).toEqual(subgraph.toSorted())
})

test('paths go down along auth events', () => {
  const { some, ids } = graphOf(forked)
  expect(ids(pathsBetween(some('$e'), some('$x')).members).sort()).toEqual(['$e', '$x'])
  expect(ids(pathsBetween(some('$x'), some('$e')).members)).toEqual([])
})

const length = 100_000
const long = Array.from({ length }, (_, i) => chain(`$${i}`, i === 0 ? [] : [`$${i - 1}`]))

test('chains of a hundred thousand events cost no stack', () => {
  const { graph, some, ids } = graphOf(long)
  const ends = some('$0', `$${length - 1}`)
  const [oldest, newest] = ends.members
  expect(conflictedSubgraph(ends).size).toBe(length)
  expect(ids(orderByMainline(graph, some('$50000', '$2').members, newest))).toEqual(['$2', '$50000'])
  const sets = new HolderSets(2)
  const holdersOf = (vertex: Vertex): Holders =>
    vertex === newest ? sets.only(0) : vertex === oldest ? sets.only(1) : noHolders
  expect(authDifference(ends, holdersOf, sets).size).toBe(length - 1)
})

/** The source, counting what is asked of it. */
function counted(graph: Required<EventSource>) {
  const asked = { count: 0 }
  const count = <Answer>(answer: Answer): Answer => {
    asked.count++
    return answer
  }
  const source = {
    getEvent: (id: EventId) => count(graph.getEvent(id)),
    getAuthIds: (id: EventId) => count(graph.getAuthIds(id)),
    getCiting: (id: EventId) => count(graph.getCiting(id)),
  }
  return { asked, source }
}

test.each(['11', '12'])('version %s: the history behind a conflict is not walked, nor the state beside it', (id) => {
  const members = Array.from({ length: 1000 }, (_, i) =>
    chain(`$m${i}`, [`$${i}`], { type: 'm.room.member', state_key: `@m${i}:b`, content: { membership: 'join' } }),
  )
  const topics = ['$x', '$y'].map((topic) => chain(topic, [`$${length - 1}`, '$m7'], { type: 'm.room.topic' }))
  const { asked, source } = counted(graphOf([...long, ...members, ...topics]).source)
  const base = stateOf([`$${length - 1}`, ...members.map((event) => event.event_id)], source)
  asked.count = 0
  const differences = topics.map((topic) => stateOf([topic.event_id], source))
  const resolved = resolveDifferences(requireRoomVersion(id), { base, differences }, source)
  expect([...resolved.values()]).toEqual([])
  expect(asked.count).toBeLessThan(100)
})

test('a state may lack what the base has', () => {
  const { events, room_version, state_sets, resolved } = cases.find(({ name }) => name.startsWith('a topic that one'))!
  const source = sourceOf(events.map(expandEvent))
  const [one, other] = state_sets.map((ids) => stateOf(ids, source))
  const [base, lacking] = one!.size > other!.size ? [one!, other!] : [other!, one!]
  const lost = [...base.keys()].filter((key) => !lacking.has(key))
  const sets = { base, differences: [new Map(), new Map(lost.map((key) => [key, undefined]))] }
  const version = requireRoomVersion(room_version)
  expect(lost).toHaveLength(1)
  expect(idsOf(withDifference(base, resolveDifferences(version, sets, source)))).toEqual(resolved.toSorted())
  const twice = { base, differences: [sets.differences[1]!, sets.differences[1]!] }
  expect(withDifference(base, resolveDifferences(version, twice, source))).toEqual(lacking)
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
  const { some, ids } = graphOf(events)
  const vertices = some(...events.map((event) => event.event_id).filter((id) => id !== '$levels'))
  expect(ids(orderByPower(requireRoomVersion('12'), vertices))).toEqual([
    '$strong',
    '$early',
    '$late',
    '$after',
    '$a',
    '$b',
  ])
})
