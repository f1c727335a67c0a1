import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventId } from '#spec/ids.ts'
import { powerLevelOf } from '#spec/room/auth.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { resolve, resolveDifferences } from '#spec/room/resolve/resolve.ts'
import { stateKeyOf, type EventSource, type StateMap } from '#spec/room/resolve/state-map.ts'
import { differenceOf, withDifference } from '#spec/room/resolve/state-sets.ts'
import { requireRoomVersion, roomVersionIds, type RoomVersion } from '#spec/room/versions.ts'
import { branches, grow } from './testing/branching-rooms.ts'
import { resolveLiterally } from './testing/resolve-literally.ts'
import { knowingCiting, idsOf, sourceOf } from './testing/sources.ts'
import { wildRooms } from './testing/wild-rooms.ts'

const seed = 20260101
const versions = ['6', '11', '12'].map(requireRoomVersion)

interface Merge {
  readonly events: readonly RoomEvent[]
  readonly states: readonly StateMap[]
  /** A state to take differences from that need not be any of them. */
  readonly base: StateMap
  readonly source: EventSource
}

const wildMerges: fc.Arbitrary<Merge> = wildRooms.map(({ events, states, anyState, rejected }) => ({
  events,
  states,
  base: anyState,
  source: sourceOf(events, rejected),
}))

const grownMerges = (version: RoomVersion): fc.Arbitrary<Merge> =>
  fc.tuple(branches, fc.array(fc.nat(), { minLength: 3, maxLength: 5 })).map(([steps, picks]) => {
    const { events: byId, stateAfter } = grow(version, steps)
    const events = [...byId.values()]
    const [base, ...states] = picks.map((pick) => stateAfter(events[pick % events.length]!.event_id))
    return { events, states, base: base!, source: sourceOf(events) }
  })

const kinds = versions.flatMap((version) => [
  { name: 'grown by the rules', version, merges: grownMerges(version), numRuns: 60 },
  { name: 'wild', version, merges: wildMerges, numRuns: 150 },
])

test.each(kinds)(
  'version $version.id, rooms $name: what comes out is what the text says',
  ({ version, merges, numRuns }) => {
    const check = ({ states, source }: Merge): void => {
      const { state } = resolveLiterally(version, states, source)
      expect(idsOf(resolve(version, states, source))).toEqual(idsOf(state))
    }
    fc.assert(fc.property(merges, check), { numRuns, seed })
  },
)

test.each(kinds)(
  'version $version.id, rooms $name: it is the same for every server',
  ({ version, merges, numRuns }) => {
    const check = ({ events, states, base, source }: Merge): void => {
      const resolved = idsOf(resolve(version, states, source))
      // In any order of the branches, however often each is named.
      expect(idsOf(resolve(version, states.toReversed(), source))).toEqual(resolved)
      expect(idsOf(resolve(version, [...states, states[0]!], source))).toEqual(resolved)
      // Whatever the order in which the events came.
      const shuffled = sourceOf(events.toReversed(), events.map((one) => one.event_id).filter(source.isRejected!))
      expect(idsOf(resolve(version, states.map(reversed), shuffled))).toEqual(resolved)
      // Whatever state the differences are taken from, and whether or not the source knows who cites whom.
      const graph = knowingCiting(
        events.toReversed().map((event) => event.event_id),
        source,
      )
      for (const from of [base, states[1]!, new Map<string, EventId>()]) {
        const sets = { base: from, differences: states.map((state) => differenceOf(from, state)) }
        for (const known of [source, graph])
          expect(idsOf(withDifference(from, resolveDifferences(version, sets, known)))).toEqual(resolved)
      }
    }
    fc.assert(fc.property(merges, check), { numRuns, seed })
  },
)

const reversed = (state: StateMap): StateMap => new Map([...state].reverse())

test.each(kinds)(
  'version $version.id, rooms $name: what is resolved or agreed on stands',
  ({ version, merges, numRuns }) => {
    const check = ({ states, source }: Merge): void => {
      const resolved = resolve(version, states, source)
      expect(resolve(version, [resolved, resolved], source)).toEqual(resolved)
      const agreed = [...states[0]!].filter(([key, id]) => states.every((state) => state.get(key) === id))
      expect(agreed.map(([key]) => [key, resolved.get(key)])).toEqual(agreed)
      for (const [key, id] of resolved) {
        const event = source.getEvent(id)!
        expect(stateKeyOf(event.type, event.state_key!)).toBe(key)
      }
    }
    fc.assert(fc.property(merges, check), { numRuns, seed })
  },
)

const levelsKey = stateKeyOf('m.room.power_levels', '')

test.each(kinds.filter(({ name }) => name !== 'wild'))(
  'version $version.id: resolution alone raises nobody',
  ({ version, merges, numRuns }) => {
    const check = ({ events, states, source }: Merge): void => {
      const create = events[0]
      const { fullConflictedSet } = resolveLiterally(version, states, source)
      const given = [...states.map((state) => state.get(levelsKey)), ...fullConflictedSet]
        .map((id) => id && source.getEvent(id))
        .filter((event) => event === undefined || event.type === 'm.room.power_levels')
      const resolved = resolve(version, states, source).get(levelsKey)
      for (const user of new Set(events.map((event) => event.sender))) {
        const level = powerLevelOf(version, user, resolved && source.getEvent(resolved), create)
        expect(given.map((event) => powerLevelOf(version, user, event, create))).toContain(level)
      }
    }
    fc.assert(fc.property(merges, check), { numRuns, seed })
  },
)

test('every room version resolves', () => {
  for (const version of roomVersionIds.map(requireRoomVersion)) {
    const check = ({ states, source }: Merge): void => {
      expect(resolve(version, states, source).has(stateKeyOf('m.room.create', ''))).toBe(true)
    }
    fc.assert(fc.property(grownMerges(version), check), { numRuns: 5, seed })
  }
})
