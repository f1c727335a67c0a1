import { expect, test } from 'vitest'
import type { Json, JsonObject } from '#spec/json.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { visibilityCase, visibilityOf, type Visibility } from '#spec/room/visible.ts'
import { expandEvent } from '#spec/vectors/short-event.ts'
import { diceFrom, type Dice } from '#test/chaos/dice.ts'
import { sightOf, type Happening } from './visibility.ts'

/*
 * What a user sees of each event of a room, against the text of the specification read off the whole history.
 */

const people = ['@a:one.example', '@b:one.example', '@c:two.example', '@d:two.example']
const observers = [...people, '@stranger:three.example']
const histories = 1000
const stepsPerHistory = 40

const memberships: readonly Json[] = [
  'join',
  'join',
  'join',
  'leave',
  'leave',
  'invite',
  'invite',
  'ban',
  'knock',
  'odd',
  5,
]
const visibilities: readonly Json[] = ['world_readable', 'shared', 'invited', 'joined', 'joined', 'nonsense', 5, null]

function drawContent(dice: Dice, key: string, values: readonly Json[]): JsonObject {
  return dice.chance(0.05) ? {} : { [key]: dice.pick(values) }
}

function drawEvent(dice: Dice, sender: string): RoomEvent {
  const roll = dice.below(10)
  if (roll < 4) {
    const state_key = dice.pick(people)
    return expandEvent({
      type: 'm.room.member',
      sender,
      state_key,
      content: drawContent(dice, 'membership', memberships),
    })
  }
  if (roll < 6) {
    const content = drawContent(dice, 'history_visibility', visibilities)
    const state_key = dice.pick(['', '', '', '', 'x', undefined])
    return expandEvent({
      type: 'm.room.history_visibility',
      sender,
      content,
      ...(state_key !== undefined && { state_key }),
    })
  }
  const isState = roll === 9
  return expandEvent({
    type: isState ? 'm.room.topic' : 'm.room.message',
    sender,
    content: {},
    ...(isState && { state_key: '' }),
  })
}

/** A history in which anything follows anything; whoever is erased sends nothing more. */
function drawHistory(dice: Dice): Happening[] {
  const history: Happening[] = []
  let senders = people
  for (let step = 0; step < stepsPerHistory; step++) {
    const sender = dice.pick(senders)
    const isErased = step > 10 && senders.length > 1 && dice.chance(0.04)
    history.push(isErased ? { erased: sender } : { event: drawEvent(dice, sender) })
    if (isErased) senders = senders.filter((one) => one !== sender)
  }
  return history
}

/** The answer of the product, from what a server keeps: state before the event, and when people joined. */
function answer(history: readonly Happening[], index: number, event: RoomEvent, user: string): Visibility {
  const before = history.slice(0, index).flatMap((one) => ('event' in one ? [one.event] : []))
  const stateBefore = (type: string, key: string) =>
    before.findLast((one) => one.type === type && one.state_key === key)
  const joins = history.flatMap((one, at) => ('event' in one && isJoin(one.event, user) ? [at] : []))
  const erasedAt = history.findIndex((one) => 'erased' in one && one.erased === event.sender)
  return visibilityOf({
    ...visibilityCase(
      event,
      user,
      stateBefore,
      joins.some((at) => at > index),
    ),
    ...(erasedAt > index && { erasure: { joinedBefore: joins.some((at) => at > index && at < erasedAt) } }),
  })
}

const isJoin = ({ type, state_key, content }: RoomEvent, user: string): boolean =>
  type === 'm.room.member' && state_key === user && content['membership'] === 'join'

test('everybody sees of every event what the specification says', () => {
  const seed = 7
  const dice = diceFrom(seed)
  const counts = { whole: 0, redacted: 0, hidden: 0 }
  for (let number = 0; number < histories; number++) {
    const history = drawHistory(dice)
    for (const [index, one] of history.entries()) {
      if (!('event' in one)) continue
      for (const user of observers) {
        const expected = sightOf(history, index, user)
        const own = answer(history, index, one.event, user)
        counts[expected]++
        if (own !== expected)
          expect(own, `seed ${seed}, history ${number}: ${user}, ${index} of ${JSON.stringify(history)}`).toBe(expected)
      }
    }
  }
  expect(counts.whole + counts.redacted + counts.hidden).toBeGreaterThan(150_000)
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5000)
})
