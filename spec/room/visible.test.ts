import { expect, test } from 'vitest'
import type { JsonObject } from '#spec/json.ts'
import { isVisible, visibilityCase, visibilityOf, type Visibility } from '#spec/room/visible.ts'

const visibilities = ['world_readable', 'shared', 'invited', 'joined'] as const
const memberships = ['join', 'invite', 'leave', 'ban', 'knock', undefined] as const

/** Rows: visibility; columns: membership; a letter each: always, never, or if joined Later. */
const expected = { world_readable: 'AAAAAA', shared: 'ALLLLL', invited: 'AANNNN', joined: 'ANNNNN' }

test.each(visibilities)('%s by membership at the event', (historyVisibility) => {
  const answers = memberships.map((membership) => {
    const before = { historyVisibility, membership }
    const now = isVisible({ before, joinedLater: false })
    const later = isVisible({ before, joinedLater: true })
    return now ? 'A' : later ? 'L' : 'N'
  })
  expect(answers.join('')).toBe(expected[historyVisibility])
})

const ask = (
  event: { type: string; state_key?: string; content: JsonObject },
  state: Record<string, JsonObject>,
): boolean =>
  isVisible(
    visibilityCase(
      event,
      '@u:a',
      (type, key) => (state[`${type} ${key}`] ? { content: state[`${type} ${key}`]! } : undefined),
      false,
    ),
  )

test('a room without a visibility that is understood is shared', () => {
  const message = { type: 'm.room.message', content: {} }
  expect(ask(message, { 'm.room.member @u:a': { membership: 'join' } })).toBe(true)
  expect(ask(message, {})).toBe(false)
  expect(isVisible(visibilityCase(message, '@u:a', () => undefined, true))).toBe(true)
  expect(
    isVisible(visibilityCase(message, '@u:a', () => ({ content: { history_visibility: 'all', membership: 5 } }), true)),
  ).toBe(true)
})

test('a change of visibility is seen from either side', () => {
  const change = (to: string): boolean =>
    ask(
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: to } },
      { 'm.room.history_visibility ': { history_visibility: 'joined' } },
    )
  expect(change('world_readable')).toBe(true)
  expect(change('invited')).toBe(false)
  const back = { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } }
  expect(ask(back, { 'm.room.history_visibility ': { history_visibility: 'world_readable' } })).toBe(true)
  expect(
    ask(
      { ...back, content: { history_visibility: 'world_readable' }, state_key: 'x' },
      { 'm.room.history_visibility ': { history_visibility: 'joined' } },
    ),
  ).toBe(false)
})

test("one's own membership is seen from either side", () => {
  const joined = { 'm.room.history_visibility ': { history_visibility: 'joined' } }
  const member = (membership: string, before?: string, of = '@u:a'): boolean =>
    ask(
      { type: 'm.room.member', state_key: of, content: { membership } },
      { ...joined, ...(before ? { 'm.room.member @u:a': { membership: before } } : {}) },
    )
  expect(member('join')).toBe(true)
  expect(member('leave', 'join')).toBe(true)
  expect(member('ban', 'join')).toBe(true)
  expect(member('invite')).toBe(false)
  expect(member('leave', 'invite')).toBe(false)
  expect(member('join', undefined, '@other:a')).toBe(false)
})

/** Of an erased sender: visibility, membership at the event, whether the user was in the room before the erasure, and what they see. */
const erased: [(typeof visibilities)[number], (typeof memberships)[number], boolean, Visibility][] = [
  ['joined', 'join', false, 'whole'],
  ['joined', undefined, true, 'hidden'],
  ['invited', 'invite', false, 'whole'],
  ['invited', undefined, true, 'hidden'],
  ['shared', 'join', false, 'whole'],
  ['shared', undefined, true, 'whole'],
  ['shared', undefined, false, 'redacted'],
  ['shared', 'invite', false, 'redacted'],
  ['world_readable', 'join', false, 'whole'],
  ['world_readable', 'leave', true, 'whole'],
  ['world_readable', undefined, false, 'redacted'],
  ['world_readable', 'invite', false, 'redacted'],
]

test.each(erased)(
  'of an erased sender, %s and %s, in the room before: %s, is %s',
  (historyVisibility, membership, joinedBefore, seen) => {
    const given = { before: { historyVisibility, membership }, joinedLater: true }
    expect(visibilityOf({ ...given, erasure: { joinedBefore } })).toBe(seen)
    expect(isVisible({ ...given, erasure: { joinedBefore } })).toBe(seen !== 'hidden')
    // Without the erasure it is there or not.
    expect(visibilityOf(given)).toBe(seen === 'hidden' ? 'hidden' : 'whole')
  },
)

test('either side of a change counts for who saw it before the erasure', () => {
  const [none, inside] = [undefined, 'join'] as const
  const historyVisibility = 'shared'
  const sides = {
    before: { historyVisibility, membership: none },
    after: { historyVisibility, membership: inside },
  } as const
  expect(visibilityOf({ ...sides, joinedLater: true, erasure: { joinedBefore: false } })).toBe('whole')
  expect(visibilityOf({ before: sides.before, joinedLater: false, erasure: { joinedBefore: false } })).toBe('hidden')
})
