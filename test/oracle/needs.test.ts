import { expect, test } from 'vitest'
import { checkAuth, checkAuthEvents, type StateLookup } from '#spec/room/auth.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { authNeeds } from '#spec/room/needs.ts'
import { requireRoomVersion, roomVersionIds, ruleNumberIn, type RoomVersion } from '#spec/room/versions.ts'
import { ruleThatRefuses } from '#spec/vectors/auth-decision.ts'
import { stateOf } from './generate-room.ts'
import { draw, told, type Draw } from './lists.ts'

/*
 * That an event cites what it is judged by: all of it, and nothing else.
 */

const eventsPerVersion = 6000

/** An event, what it must cite, and the verdict on it with some of the state. */
function asked(versionId: string, { room, question }: Draw) {
  const version = requireRoomVersion(versionId)
  const { event, verify } = question
  const needs = authNeeds(version, event)
  const needed = needs.flatMap(([type, key]) => stateOf(room, type, key) ?? [])
  const judge = (state: StateLookup, create: RoomEvent | undefined): string | null =>
    ruleThatRefuses(() => checkAuth(version, event, state, create, { verify }))
  const object = (cited: readonly RoomEvent[]): string | null =>
    ruleThatRefuses(() => checkAuthEvents(version, event, cited))
  return { version, event, needs, needed, judge, object }
}

const among =
  (events: readonly RoomEvent[]): StateLookup =>
  (type, key) =>
    events.find((event) => event.type === type && event.state_key === key)

test.each(roomVersionIds)('version %s: what an event must cite is all that it is judged by', (versionId) => {
  for (const drawn of draw(versionId, eventsPerVersion, 100 + Number(versionId))) {
    const { needs, needed, judge } = asked(versionId, drawn)
    if (new Set(needs.map(String)).size < needs.length) expect(needs, told(drawn)).toEqual('each once')
    const missed: string[] = []
    const judged = judge((type, key) => {
      if (!needs.some((need) => need[0] === type && need[1] === key)) missed.push(`${type} ${key}`)
      return stateOf(drawn.room, type, key)
    }, drawn.room.create)
    if (missed.length > 0 || judged !== judge(among(needed), drawn.room.create))
      expect(missed, told(drawn)).toEqual(['nothing'])
  }
})

test.each(roomVersionIds)('version %s: nothing else may be cited', (versionId) => {
  let count = 0
  for (const drawn of draw(versionId, eventsPerVersion / 10, 200 + Number(versionId))) {
    const { version, event, needed, object } = asked(versionId, drawn)
    if (event.type === 'm.room.create' || event.room_id !== drawn.room.roomId) continue
    expect(object(needed), told(drawn)).toBe(null)
    for (const other of drawn.room.state.values()) {
      if (needed.includes(other)) continue
      count++
      if (object([...needed, other]) !== ruleNumberIn(version, '3.2')) expect(other, told(drawn)).toBeUndefined()
    }
  }
  expect(count).toBeGreaterThan(2000)
})

/** What a piece of state is to an event: its type, and of memberships whose. */
function roleOf(event: RoomEvent, piece: RoomEvent): string {
  const type = piece.type.slice('m.room.'.length)
  if (type !== 'member') return type
  if (piece.state_key === event.sender) return 'sender'
  return piece.state_key === event.state_key ? 'target' : 'voucher'
}

const memberships = ['join', 'invite', 'leave', 'ban', 'knock']
const kindOf = ({ type, content }: RoomEvent): string =>
  type !== 'm.room.member'
    ? 'other'
    : memberships.includes(String(content['membership']))
      ? String(content['membership'])
      : 'odd'

/** The pieces that an event cites although no rule asks for them. */
const unaskedIn = ({ knocking, restrictedJoins }: RoomVersion): string[] => [
  ...['ban target', 'invite join_rules', 'join target'],
  // A knock by somebody else is refused whoever it is for; where nobody can knock it is an odd membership like others.
  ...['knock power_levels', 'knock target', ...(knocking ? [] : ['knock create', 'knock join_rules', 'knock sender'])],
  // Only who vouches for a join needs a level.
  ...(restrictedJoins ? [] : ['join power_levels']),
  ...['odd create', 'odd power_levels', 'odd sender', 'odd target'],
]

test.each(roomVersionIds)('version %s: each piece that is cited can decide, but for these', (versionId) => {
  const cited = new Set<string>()
  const decisive = new Set<string>()
  for (const drawn of draw(versionId, eventsPerVersion * 4, 300 + Number(versionId))) {
    const { event, needed, judge } = asked(versionId, drawn)
    for (const piece of needed) {
      const name = `${kindOf(event)} ${roleOf(event, piece)}`
      cited.add(name)
      if (decisive.has(name)) continue
      const without = among(needed.filter((one) => one !== piece))
      const create = piece.type === 'm.room.create' ? undefined : drawn.room.create
      const isAllowed = judge(among(needed), drawn.room.create) === null
      if ((judge(without, create) === null) !== isAllowed) decisive.add(name)
    }
  }
  const unasked = unaskedIn(requireRoomVersion(versionId)).filter((name) => cited.has(name))
  expect([...cited].filter((name) => !decisive.has(name)).toSorted()).toEqual(unasked.toSorted())
  expect(decisive.size).toBeGreaterThan(12)
})
