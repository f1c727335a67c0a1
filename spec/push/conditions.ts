import { isJsonObject, type Json } from '#spec/json.ts'
import { foldCase, type FoldedText } from './fold-case.ts'
import { literalWordMatcher, wholeMatcher, wordMatcher, type TextMatcher } from './glob.ts'
import type { PreparedEvent } from './prepare-event.ts'
import { parsePropertyPath } from './property-path.ts'
import type { PushCondition, PushRule, PushRuleKind } from './push-rule.ts'
import type { GlobScope } from './shared-globs.ts'

/*
 * The conditions of push rules. Client-Server API, "Conditions".
 */

/** Content rules say theirs with a pattern; room and sender rules are found by their ids. */
export function conditionsOf(kind: PushRuleKind, { pattern, conditions = [] }: PushRule): readonly PushCondition[] {
  if (kind === 'room' || kind === 'sender') return []
  return kind === 'content' ? [{ kind: 'event_match', key: 'content.body', pattern: pattern ?? null }] : conditions
}

/** Whether a condition holds for an event and a member, who is called `displayName` in the room. */
export type ConditionTest = (event: PreparedEvent, displayName: string | undefined) => boolean

/** Makes the matcher of a glob for the property at a path. */
export type MakeMatcher = (path: string, pattern: string) => TextMatcher

type Compile = (condition: PushCondition, makeMatcher: MakeMatcher) => ConditionTest | undefined

/** A condition by its kind; nothing if a parameter is absent or of the wrong form. */
const tests: ReadonlyMap<string, Compile> = new Map<string, Compile>([
  ['event_match', eventMatch],
  ['event_property_is', ({ key, value }) => (isText(key) && isScalar(value) ? propertyIs(key, value) : undefined)],
  [
    'event_property_contains',
    ({ key, value }) => (isText(key) && isScalar(value) ? propertyContains(key, value) : undefined),
  ],
  ['contains_display_name', () => containsDisplayName],
  ['room_member_count', ({ is }) => (isText(is) ? memberCount(is) : undefined)],
  ['sender_notification_permission', ({ key }) => (isText(key) ? notificationPermission(key) : undefined)],
])

/** A glob that stands alone. */
const matcherAlone: MakeMatcher = (path, pattern) => (scopeOf(path) === 'words' ? wordMatcher : wholeMatcher)(pattern)

/** How a glob is to match the property at a path. */
export const scopeOf = (path: string): GlobScope => (path === body ? 'words' : 'whole')

/** The test of a condition; nothing if it can never hold: unknown kinds and wrong parameters. */
export const compileCondition = (
  condition: PushCondition,
  makeMatcher: MakeMatcher = matcherAlone,
): ConditionTest | undefined => tests.get(condition.kind)?.(condition, makeMatcher)

/** True for a condition with all the parameters that its kind has, and for any of a kind that is not known here. */
export function isPushCondition(value: unknown): value is PushCondition {
  if (!isJsonObject(value) || typeof value['kind'] !== 'string') return false
  const condition: PushCondition = { ...value, kind: value['kind'] }
  return !tests.has(condition.kind) || compileCondition(condition) !== undefined
}

const body = 'content.body'

/** A property that is a text, when case is folded. */
export interface Equality {
  readonly path: string
  readonly names: readonly string[]
  readonly folded: string
}

/** What a condition comes to if it asks a property to be one text, as most do; nothing for any other. */
export function equalityOf({ kind, key, pattern }: PushCondition): Equality | undefined {
  if (kind !== 'event_match' || !isText(key) || !isText(pattern) || key === body) return undefined
  return /[*?]/.test(pattern) ? undefined : { path: key, names: parsePropertyPath(key), folded: foldCase(pattern) }
}

/** `event_match`: a glob on the whole of a property, or on some words of `content.body`. */
function eventMatch(condition: PushCondition, makeMatcher: MakeMatcher): ConditionTest | undefined {
  const { key, pattern } = condition
  if (!isText(key) || !isText(pattern)) return undefined
  const names = parsePropertyPath(key)
  const matches = equalityOf(condition) === undefined ? makeMatcher(key, pattern) : wholeMatcher(pattern)
  return (event) => {
    const { text } = event.property(key, names)
    return text !== undefined && matches(text)
  }
}

function propertyIs(key: string, value: Json): ConditionTest {
  const names = parsePropertyPath(key)
  return (event) => event.property(key, names).value === value
}

function propertyContains(key: string, value: Json): ConditionTest {
  const names = parsePropertyPath(key)
  return (event) => event.property(key, names).items?.has(value) ?? false
}

const bodyNames = parsePropertyPath(body)

/** The longest name that is looked for; longer ones than clients may set come from other servers, and nobody writes them. */
const maxNameLength = 256

/** Of a text whether the name that was asked for last is in it: any number of a user's rules ask the same. */
const latestNames = new WeakMap<FoldedText, { readonly name: string; readonly isThere: boolean }>()

/** A member without a name is never meant. */
function containsDisplayName(event: PreparedEvent, displayName: string | undefined): boolean {
  if (displayName === undefined || displayName === '' || displayName.length > maxNameLength) return false
  const { text } = event.property(body, bodyNames)
  if (text === undefined) return false
  const latest = latestNames.get(text)
  if (latest?.name === displayName) return latest.isThere
  const isThere = literalWordMatcher(displayName)(text)
  latestNames.set(text, { name: displayName, isThere })
  return isThere
}

const comparison = /^(==|<=|>=|<|>)?([0-9]+)$/

function memberCount(is: string): ConditionTest | undefined {
  const [, operator, digits] = comparison.exec(is) ?? []
  if (digits === undefined) return undefined
  const limit = Number(digits)
  switch (operator) {
    case '<':
      return ({ context }) => context.memberCount < limit
    case '<=':
      return ({ context }) => context.memberCount <= limit
    case '>':
      return ({ context }) => context.memberCount > limit
    case '>=':
      return ({ context }) => context.memberCount >= limit
    default:
      return ({ context }) => context.memberCount === limit
  }
}

const notificationPermission =
  (key: string): ConditionTest =>
  ({ context }) =>
    context.senderLevel >= context.notificationLevel(key)

const isText = (value: Json | undefined): value is string => typeof value === 'string'

/** A value of canonical JSON that is neither an array nor an object. */
const isScalar = (value: Json | undefined): value is string | number | boolean | null =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)
