import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '#spec/json.ts'
import { checkAuth, powerLevelOf, requiredLevelOf } from '#spec/room/auth.ts'
import { asLevel } from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { requireRoomVersion, roomVersionIds, ruleNumberIn } from '#spec/room/versions.ts'
import { ruleThatRefuses } from '#spec/vectors/auth-decision.ts'
import { expandEvent, type ShortEvent } from '#spec/vectors/short-event.ts'

/*
 * Rule 10 of room version 12 against a second reading of its text, written as plainly as the text is; and the levels at the
 * edges: without end, at the largest integers, written as texts.
 */

const v12 = requireRoomVersion('12')
const [creator, second, strong, weak, other] = ['@creator:a', '@second:a', '@strong:a', '@weak:b', '@other:b'] as const
const create = expandEvent({ type: 'm.room.create', sender: creator, state_key: '', content: {}, event_id: '$create' })
const fields = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite']

const has = (object: JsonObject, key: string): boolean => Object.keys(object).includes(key)
const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
const isInteger = (value: Json | undefined): value is number => typeof value === 'number' && Number.isInteger(value)

/** The number of the part of rule 10 that rejects, read from the text from top to bottom. */
function literally(next: JsonObject, current: JsonObject | undefined, sender: string, level: number): string | null {
  for (const field of fields) if (has(next, field) && !isInteger(next[field])) return '10.1'
  for (const field of ['events', 'notifications']) {
    const value = next[field]
    if (has(next, field) && !(isObject(value) && Object.values(value).every(isInteger))) return '10.2'
  }
  const users = has(next, 'users') ? next['users'] : {}
  if (!isObject(users) || !Object.values(users).every(isInteger)) return '10.3'
  if (!Object.keys(users).every((user) => /^@[^:]*:[a-z]$/.test(user))) return '10.3'
  if (has(users, creator)) return '10.4'
  if (current === undefined) return null
  for (const field of fields) {
    const [before, after] = [current[field], next[field]] as (number | undefined)[]
    if (before === after) continue
    if (before !== undefined && before > level) return '10.6.1'
    if (after !== undefined && after > level) return '10.6.2'
  }
  const entries = (field: string): [string, number | undefined, number | undefined][] => {
    const [before, after] = [current[field] ?? {}, next[field] ?? {}] as Record<string, number>[]
    return [...new Set([...Object.keys(before!), ...Object.keys(after!)])]
      .map((key): [string, number | undefined, number | undefined] => [key, before![key], after![key]])
      .filter(([, a, b]) => a !== b)
  }
  const changed = [...entries('events'), ...entries('notifications')]
  if (changed.some(([, before]) => before !== undefined && before > level)) return '10.7.1'
  if (changed.some(([, , after]) => after !== undefined && after > level)) return '10.8.1'
  if (entries('users').some(([user, before]) => user !== sender && before !== undefined && before >= level))
    return '10.9.1'
  if (entries('users').some(([, , after]) => after !== undefined && after > level)) return '10.10.1'
  return null
}

function decide(next: JsonObject, current: JsonObject | undefined, sender: string): string | null {
  const levels = { type: 'm.room.power_levels', sender, state_key: '' }
  const state: Record<string, RoomEvent> = {
    [`m.room.member ${sender}`]: expandEvent({
      type: 'm.room.member',
      sender,
      state_key: sender,
      content: { membership: 'join' },
    }),
    ...(current && { 'm.room.power_levels ': expandEvent({ ...levels, content: current }) }),
  }
  return ruleThatRefuses(() =>
    checkAuth(v12, expandEvent({ ...levels, content: next }), (type, key) => state[`${type} ${key}`], create),
  )
}

const level = fc.constantFrom(-1, 0, 25, 49, 50, 51, 100, 2 ** 53 - 1)
const entriesOf = (keys: readonly string[], value: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 })
const contentOf = (
  value: fc.Arbitrary<Json>,
  odd: fc.Arbitrary<Json>,
  users: readonly string[],
): fc.Arbitrary<JsonObject> =>
  fc.record(
    {
      ...Object.fromEntries(fields.map((field) => [field, value])),
      events: fc.oneof({ weight: 9, arbitrary: entriesOf(['x', 'y'], value) }, odd),
      notifications: fc.oneof({ weight: 9, arbitrary: entriesOf(['room', 'y'], value) }, odd),
      users: fc.oneof({ weight: 9, arbitrary: entriesOf(users, value) }, odd),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonObject>
const people = [strong, weak, other]
const sound = contentOf(level, fc.constant({}), people)
const broken = contentOf(
  fc.oneof({ weight: 20, arbitrary: level as fc.Arbitrary<Json> }, fc.constantFrom<Json>('50', null, true, [], {})),
  fc.constantFrom<Json>('', null, [], 5),
  [...people, creator, 'nobody', '@a'],
)

/** A small change to what is set is what people do, and where the rules differ. */
const pairs = fc.oneof(
  fc.tuple(sound, sound),
  fc.tuple(sound, broken),
  fc.tuple(sound, sound).map(([current, change]) => [current, { ...current, ...change }] as const),
)

test('each change of power levels is judged as the text says', () => {
  fc.assert(
    fc.property(pairs, fc.constantFrom(creator, strong, weak), fc.boolean(), ([current, next], sender, isFirst) => {
      // Rule 8 comes before rule 10: the sender has the level to change levels.
      const held = sender === creator ? Infinity : 50
      const before = { ...current, events: { ...(current['events'] as JsonObject), 'm.room.power_levels': 0 } }
      const usable =
        sender === creator
          ? before
          : { ...before, users: { ...((before as JsonObject)['users'] as JsonObject), [sender]: held } }
      const first = isFirst && sender === creator
      expect(decide(next, first ? undefined : usable, sender)).toBe(
        literally(next, first ? undefined : usable, sender, held),
      )
    }),
    { numRuns: 3000, seed: 10 },
  )
})

const largest = 2 ** 53 - 1

/** Judges an event of a room of a version whose power levels are `content`, in which everybody named has joined. */
function judgeIn(
  id: string,
  content: JsonObject,
  short: Pick<ShortEvent, 'type' | 'sender' | 'state_key' | 'content'>,
) {
  const inRoom = [creator, second, strong, weak].map((user) =>
    expandEvent({ type: 'm.room.member', sender: user, state_key: user, content: { membership: 'join' } }),
  )
  const levels = expandEvent({ type: 'm.room.power_levels', sender: creator, state_key: '', content })
  const made = { ...create, content: { creator, additional_creators: [second] } }
  const find = (type: string, key: string): RoomEvent | undefined =>
    [...inRoom, levels].find((event) => event.type === type && event.state_key === key)
  return ruleThatRefuses(() => checkAuth(requireRoomVersion(id), expandEvent(short), find, made))
}
const set = (sender: string, content: JsonObject) => ({ type: 'm.room.power_levels', sender, state_key: '', content })
const change = (sender: string, target: string, membership: string) => ({
  type: 'm.room.member',
  sender,
  state_key: target,
  content: { membership },
})

test('nothing that an event can say is a level without end', () => {
  for (const id of roomVersionIds) {
    const version = requireRoomVersion(id)
    for (const value of [
      Infinity,
      -Infinity,
      NaN,
      'Infinity',
      '+Infinity',
      '1e999',
      '9'.repeat(400),
      `-${'9'.repeat(400)}`,
    ])
      expect(asLevel(version, value), `${value} in ${id}`).toBeUndefined()
  }
})

test('a creator stands above every level, and beside the other creators', () => {
  const highest = { users: { [strong]: largest }, users_default: largest, kick: largest, ban: largest, invite: largest }
  const content = { ...highest, events: { 'org.example.x': largest }, events_default: largest, state_default: largest }
  const state = { type: 'org.example.x', state_key: '', content: {} }
  for (const user of [creator, second]) {
    expect(judgeIn('12', content, { ...state, sender: user })).toBe(null)
    for (const membership of ['leave', 'ban'])
      expect(judgeIn('12', content, change(user, strong, membership))).toBe(null)
    expect(judgeIn('12', content, set(user, { ...content, users: { [strong]: -largest } }))).toBe(null)
    // Nobody is above a creator: neither the highest level, nor another creator, nor they themselves.
    for (const above of [strong, creator, second]) {
      const rule = above === user ? null : '5.5.5'
      expect(judgeIn('12', content, change(above, user, 'leave'))).toBe(rule)
      expect(judgeIn('12', content, change(above, user, 'ban'))).toBe('5.6.3')
    }
  }
  // The highest level there is opens everything else.
  expect(judgeIn('12', content, { ...state, sender: strong })).toBe(null)
  expect(judgeIn('12', { ...content, users_default: 0 }, { ...state, sender: weak })).toBe('8')
})

test('no entry lowers a creator, where entries of creators have got into the levels', () => {
  const levels = (content: JsonObject) => expandEvent(set(strong, content))
  const made = { ...create, content: { additional_creators: [second] } }
  for (const content of [{ users: { [creator]: -largest, [second]: 0 } }, { users_default: -1 }, {}, { users: [] }])
    for (const user of [creator, second]) expect(powerLevelOf(v12, user, levels(content), made)).toBe(Infinity)
  expect(powerLevelOf(v12, strong, undefined, made)).toBe(0)
  expect(powerLevelOf(v12, creator, undefined, undefined)).toBe(0)
  expect(requiredLevelOf(v12, 'x', true, levels({ events: { x: largest } }))).toBeLessThan(Infinity)
})

test.each(roomVersionIds)('in version %s levels are exact up to 2^53 - 1, and end there', (id) => {
  const version = requireRoomVersion(id)
  for (const value of [largest, largest - 1, -largest]) expect(asLevel(version, value)).toBe(value)
  for (const value of [largest + 1, largest + 2, -largest - 1, 2 ** 60, 0.5])
    expect(asLevel(version, value)).toBeUndefined()
  const content = { users: { [strong]: largest - 1, [weak]: largest - 2 }, state_default: largest - 2 }
  const entry = (value: Json): string | null => judgeIn(id, content, set(strong, { ...content, events: { x: value } }))
  const numberOf = (rule: string): string => ruleNumberIn(version, rule)
  expect(entry(largest - 1)).toBe(null)
  expect(entry(largest)).toBe(numberOf('10.8.1'))
  expect(judgeIn(id, content, set(strong, { ...content, users: { [strong]: largest } }))).toBe(numberOf('10.10.1'))
  expect(judgeIn(id, content, set(strong, { ...content, users: { [strong]: largest + 1 } }))).toBe(numberOf('10.3'))
  expect(judgeIn(id, content, set(weak, { ...content, users: { [weak]: largest - 2 } }))).toBe(numberOf('10.9.1'))
  expect(judgeIn(id, content, change(strong, weak, 'leave'))).toBe(null)
  expect(judgeIn(id, content, change(weak, strong, 'leave'))).toBe(numberOf('5.5.5'))
})

const texts = fc.record({
  value: fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, largest, -largest, largest - 1)),
  zeroes: fc.nat({ max: 20 }),
  hasPlus: fc.boolean(),
  around: fc.tuple(fc.constantFrom('', ' ', '  ', '\t', '\n'), fc.constantFrom('', ' ', '\r\n')),
})

test('until version 9 a text that holds an integer is that integer, later it is none', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(...roomVersionIds), ({ value, zeroes, hasPlus, around }, id) => {
      const sign = value < 0 ? '-' : hasPlus ? '+' : ''
      const text = around[0] + sign + '0'.repeat(zeroes) + String(Math.abs(value)) + around[1]
      const version = requireRoomVersion(id)
      // An integer has no second zero.
      expect(asLevel(version, text)).toBe(version.integerPowerLevels ? undefined : value + 0)
    }),
    { numRuns: 2000, seed: 9 },
  )
})

test.each(['6', '7', '8', '9'])('in version %s a text counts as the integer that it holds', (id) => {
  const numberOf = (rule: string): string => ruleNumberIn(requireRoomVersion(id), rule)
  const content = { users: { [strong]: ' 050', [weak]: '50', [other]: '49' }, ban: '75', events: { x: '+75' } }
  // Written otherwise it has not changed.
  const rewritten = { users: { [strong]: 50, [weak]: 50, [other]: 49 }, ban: 75, events: { x: 75 } }
  expect(judgeIn(id, content, set(strong, rewritten))).toBe(null)
  expect(judgeIn(id, rewritten, set(strong, content))).toBe(null)
  expect(judgeIn(id, content, set(strong, { ...content, ban: '76' }))).toBe(numberOf('10.6.1'))
  expect(judgeIn(id, content, set(strong, { ...content, kick: '51' }))).toBe(numberOf('10.6.2'))
  expect(judgeIn(id, content, set(strong, { ...content, events: { x: '74' } }))).toBe(numberOf('10.7.1'))
  expect(judgeIn(id, content, set(strong, { ...content, events: { x: '75', y: '51' } }))).toBe(numberOf('10.8.1'))
  expect(judgeIn(id, content, set(strong, { ...content, users: { ...content.users, [weak]: '9' } }))).toBe(
    numberOf('10.9.1'),
  )
  // As numbers: as texts '9' would be more than '50', and '100' less.
  expect(judgeIn(id, content, set(strong, { ...content, users: { ...content.users, [other]: '9' } }))).toBe(null)
  expect(judgeIn(id, content, set(strong, { ...content, users: { ...content.users, [other]: '100' } }))).toBe(
    numberOf('10.10.1'),
  )
  expect(judgeIn(id, { ...content, kick: '100' }, change(strong, other, 'leave'))).toBe(numberOf('5.5.5'))
  expect(judgeIn(id, { ...content, kick: '9' }, change(strong, other, 'leave'))).toBe(null)
})
