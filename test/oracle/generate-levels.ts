import type { Json, JsonObject } from '#spec/json.ts'
import type { Dice } from '#test/chaos/dice.ts'

/*
 * Contents of m.room.power_levels: what people set, what nobody should, and what lies on the border.
 */

const common = [0, 0, 25, 49, 50, 50, 51, 75, 99, 100, 101]
const extreme = [-1, -100, 2 ** 53 - 1, -(2 ** 53) + 1]
const texts = ['50', '100', ' 50 ', '+0050', '\t-5', '007', '0', '9007199254740991', '-9007199254740991']
const odd: readonly Json[] = [
  ...['', 'x', '1.5', '1e2', '0x10', '+', '- 5', '5 0', '５０', '50_0', '9007199254740992', 'Infinity', 'NaN'],
  ...[null, true, false, [], {}, [50], { level: 50 }, 2 ** 53, -(2 ** 53), 1.5, 2 ** 60],
]
/** Names that every object answers to, though none has them. */
export const prototypeNames = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']

const fields = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite']
const eventTypes = [
  'm.room.name',
  'm.room.power_levels',
  'm.room.message',
  'm.room.third_party_invite',
  'org.example.x',
]
const notUsers = ['nobody', '@nobody', '@a:', '@a:b c', 'a:one.example', `@${'a'.repeat(250)}:one.example`]

/** How levels are drawn. */
export interface LevelStyle {
  /** How often a level is a text that holds an integer. */
  readonly texts: number
  /** How often it is something that is no level. */
  readonly odd: number
  readonly users: readonly string[]
}

function levelOf(dice: Dice, style: LevelStyle): Json {
  if (dice.chance(style.odd)) return dice.pick(odd)
  if (dice.chance(style.texts)) return dice.pick(texts)
  return dice.chance(0.06) ? dice.pick(extreme) : dice.pick(common)
}

const some = (dice: Dice, names: readonly string[], chance: number): string[] => names.filter(() => dice.chance(chance))

function entriesOf(dice: Dice, style: LevelStyle, names: readonly string[]): Json {
  if (dice.chance(style.odd)) return dice.pick<Json>([null, [], 'x', 5, [1]])
  return Object.fromEntries(names.map((name) => [name, levelOf(dice, style)]))
}

/** Power levels out of nothing; a field or an entry is there with a chance of `density`. */
export function drawLevels(dice: Dice, style: LevelStyle, density: number): JsonObject {
  const users = [...some(dice, style.users, density), ...some(dice, [...notUsers, ...prototypeNames], style.odd / 8)]
  const content: [string, Json][] = some(dice, fields, density).map((field) => [field, levelOf(dice, style)])
  const types = some(dice, [...eventTypes, ...prototypeNames], density / 2)
  if (dice.chance(0.3 + density)) content.push(['events', entriesOf(dice, style, types)])
  if (dice.chance(density)) {
    const kinds = some(dice, ['room', ...prototypeNames], density / 2)
    content.push(['notifications', entriesOf(dice, style, kinds)])
  }
  if (dice.chance(0.3 + density)) content.push(['users', entriesOf(dice, style, users)])
  return Object.fromEntries(content)
}

/** A step from one content to the next: a few things set, a few taken away. */
export function changeLevels(dice: Dice, current: JsonObject, style: LevelStyle): JsonObject {
  const isOneLevel = dice.chance(0.4)
  const change = isOneLevel ? drawOneLevel(dice, style) : drawLevels(dice, style, dice.pick([0, 0.05, 0.05, 0.1, 0.2]))
  return merge(dice, current, change, isOneLevel ? 0.01 : 0.03)
}

function drawOneLevel(dice: Dice, style: LevelStyle): JsonObject {
  const [field, names] = dice.pick([
    ['users', style.users],
    ['users', style.users],
    ['events', eventTypes],
    ['notifications', ['room', 'other']],
  ] as const)
  return { [field]: entriesOf(dice, style, [dice.pick(names)]) }
}

function merge(dice: Dice, current: JsonObject, change: JsonObject, loss: number): JsonObject {
  const kept = Object.entries(current).filter(() => !dice.chance(loss))
  const changed = Object.entries(change).map(([key, value]): [string, Json] => {
    const before = Object.hasOwn(current, key) ? current[key] : undefined
    return [key, isNested(before) && isNested(value) ? merge(dice, before, value, loss) : value]
  })
  return Object.fromEntries([...kept, ...changed])
}

const isNested = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
