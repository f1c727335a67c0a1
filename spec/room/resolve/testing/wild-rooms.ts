import fc from 'fast-check'
import type { EventId } from '#spec/ids.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { stateKeyOf, type StateMap } from '#spec/room/resolve/state-map.ts'
import { expandEvent, type ShortEvent } from '#spec/vectors/short-event.ts'

/*
 * Rooms that no server would have let grow so: anybody says anything and cites anything older, with any time and any depth.
 * Whatever comes, resolution must be the same for all.
 */

export interface WildRoom {
  readonly events: readonly RoomEvent[]
  readonly states: readonly StateMap[]
  /** A state with no relation to the others, to take differences from. */
  readonly anyState: StateMap
  readonly rejected: readonly string[]
}

const people = ['@a:one.example', '@b:one.example', '@c:two.example']
const person = fc.constantFrom(...people)
type Said = Pick<ShortEvent, 'type' | 'sender' | 'state_key' | 'content'>

const said: fc.Arbitrary<Said> = fc.oneof(
  fc
    .tuple(person, person, fc.constantFrom('join', 'join', 'leave', 'ban', 'invite'))
    .map(([sender, state_key, membership]) => ({ type: 'm.room.member', sender, state_key, content: { membership } })),
  person.map((user) => ({
    type: 'm.room.member',
    sender: user,
    state_key: user,
    content: { membership: 'join' },
  })),
  fc
    .tuple(person, fc.dictionary(person, fc.constantFrom(0, 50, 100), { noNullPrototype: true }))
    .map(([sender, users]) => ({
      type: 'm.room.power_levels',
      sender,
      state_key: '',
      content: { users, events: { 'm.room.topic': 0 } },
    })),
  fc
    .tuple(person, fc.constantFrom('public', 'invite'))
    .map(([sender, join_rule]) => ({ type: 'm.room.join_rules', sender, state_key: '', content: { join_rule } })),
  person.map((sender) => ({ type: 'm.room.topic', sender, state_key: '', content: {} })),
)

const step = fc.record({
  said,
  cites: fc.array(fc.nat(), { maxLength: 4 }),
  origin_server_ts: fc.nat(4),
  depth: fc.nat(9),
  isRejected: fc.nat(9).map((n) => n === 0),
})
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** Picks for a state: under each key one of its events, or none. */
const choice = fc.array(fc.nat(), { minLength: 12, maxLength: 12 })

const create = expandEvent({
  event_id: '$create',
  type: 'm.room.create',
  sender: '@a:one.example',
  state_key: '',
  content: {},
  prev_events: [],
})

function eventsOf(steps: readonly Step[]): RoomEvent[] {
  const events = [create]
  steps.forEach(({ said: what, cites, origin_server_ts, depth }, index) => {
    const cited = cites.map((n) => events[n % events.length]!.event_id)
    // Ids that do not sort by age.
    const event_id = `$${(index * 7919) % 101}-${index}`
    // Before version 12 nothing passes that does not cite the create event.
    const auth_events = [...new Set(['$create', ...cited])]
    events.push({ ...expandEvent({ ...what, event_id, auth_events, origin_server_ts, prev_events: ['$x'] }), depth })
  })
  return events
}

/** States that take after each other: each is another choice under some keys only. */
function statesOf(events: readonly RoomEvent[], choices: readonly number[][]): StateMap[] {
  const byKey = Map.groupBy(events, (event) => stateKeyOf(event.type, event.state_key!))
  return choices.map((picks) => {
    const state = new Map<string, EventId>()
    let n = 0
    for (const [key, candidates] of byKey) {
      const pick = picks[n++ % picks.length]! % (candidates.length + 1)
      const fixed = choices[0]![n % picks.length]! % 2 === 0
      const chosen = fixed ? candidates[choices[0]![0]! % candidates.length] : candidates[pick]
      if (key === stateKeyOf('m.room.create', '')) state.set(key, create.event_id)
      else if (chosen !== undefined) state.set(key, chosen.event_id)
    }
    return state
  })
}

export const wildRooms: fc.Arbitrary<WildRoom> = fc
  .record({
    steps: fc.array(step, { minLength: 6, maxLength: 30 }),
    choices: fc.array(choice, { minLength: 3, maxLength: 5 }),
  })
  .map(({ steps, choices }) => {
    const events = eventsOf(steps)
    const [anyState, ...states] = statesOf(events, choices)
    const rejected = events.slice(1).filter((_event, index) => steps[index]!.isRejected)
    return { events, states, anyState: anyState!, rejected: rejected.map((event) => event.event_id) }
  })
