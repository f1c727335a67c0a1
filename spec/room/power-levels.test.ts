import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '#spec/json.ts'
import { AuthFailure, checkAuth } from '#spec/room/auth.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'
import { expandEvent } from '#spec/vectors/short-event.ts'

/*
 * Rule 10 of room version 12 against a second reading of its text, written as plainly as the text is.
 */

const v12 = requireRoomVersion('12')
const [creator, strong, weak, other] = ['@creator:a', '@strong:a', '@weak:b', '@other:b'] as const
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
  try {
    checkAuth(v12, expandEvent({ ...levels, content: next }), (type, key) => state[`${type} ${key}`], create)
    return null
  } catch (error) {
    if (error instanceof AuthFailure) return error.rule
    throw error
  }
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
    { numRuns: 3000 },
  )
})
