import { isJsonObject, type Json } from '#spec/json.ts'
import { foldCase } from '#spec/push/fold-case.ts'
import type { PushContext, PushEvent } from '#spec/push/prepare-event.ts'
import type { PushCondition, PushRule, PushRuleKind, PushRuleset } from '#spec/push/push-rule.ts'

/*
 * A second reading of "Push Rules" in the Client-Server API, as plain as the text and as slow: what the first one is measured by.
 * Both ask `foldCase` which letters are the same, since the specification leaves that open.
 */

interface Asked {
  readonly userId: string
  readonly event: PushEvent
  readonly context: PushContext
  readonly displayName: string | undefined
}

/** The rule that decides, and its kind. */
export function evaluateLiterally(ruleset: PushRuleset, asked: Asked): [PushRuleKind, PushRule] | undefined {
  if (asked.event.sender === asked.userId) return undefined
  for (const kind of ['override', 'content', 'room', 'sender', 'underride'] as const)
    for (const rule of ruleset[kind]) if (rule.enabled && ruleMatches(kind, rule, asked)) return [kind, rule]
  return undefined
}

function ruleMatches(kind: PushRuleKind, rule: PushRule, asked: Asked): boolean {
  if (kind === 'room') return rule.rule_id === asked.event.room_id
  if (kind === 'sender') return rule.rule_id === asked.event.sender
  if (kind === 'content')
    return conditionHolds({ kind: 'event_match', key: 'content.body', pattern: rule.pattern ?? null }, asked)
  return (rule.conditions ?? []).every((condition) => conditionHolds(condition, asked))
}

function conditionHolds(condition: PushCondition, { event, context, displayName }: Asked): boolean {
  const { key, pattern, value, is } = condition
  const property = typeof key === 'string' ? walk({ ...event } as unknown as Json, splitLiterally(key)) : undefined
  switch (condition.kind) {
    case 'event_match':
      if (typeof property !== 'string' || typeof pattern !== 'string') return false
      return key === 'content.body' ? wordsMatch(pattern, property) : globMatches(pattern, property)
    case 'event_property_is':
      return property !== undefined && isScalar(value) && property === value
    case 'event_property_contains':
      return Array.isArray(property) && isScalar(value) && property.some((item) => item === value)
    case 'contains_display_name':
      return contains(event.content['body'], displayName)
    case 'room_member_count':
      return typeof is === 'string' && countHolds(is, context.memberCount)
    case 'sender_notification_permission':
      return typeof key === 'string' && context.senderLevel >= context.notificationLevel(key)
    default:
      return false
  }
}

const isScalar = (value: Json | undefined): boolean =>
  value === null || ['string', 'boolean'].includes(typeof value) || Number.isSafeInteger(value)

/** The names of a path, read character by character. */
export function splitLiterally(path: string): string[] {
  const names = ['']
  for (let i = 0; i < path.length; i++) {
    const [here, next] = [path[i]!, path[i + 1]]
    if (here === '.') names.push('')
    else if (here === '\\' && (next === '.' || next === '\\')) {
      names[names.length - 1] += next
      i++
    } else names[names.length - 1] += here
  }
  return names
}

const walk = (value: Json | undefined, [name, ...others]: readonly string[]): Json | undefined =>
  name === undefined ? value : isJsonObject(value) && Object.hasOwn(value, name) ? walk(value[name], others) : undefined

function countHolds(is: string, count: number): boolean {
  const digits = is.replace(/^(==|<=|>=|<|>)/, '')
  if (!/^[0-9]+$/.test(digits)) return false
  const holds: Record<string, boolean> = {
    '': count === Number(digits),
    '==': count === Number(digits),
    '<': count < Number(digits),
    '>': count > Number(digits),
    '<=': count <= Number(digits),
    '>=': count >= Number(digits),
  }
  return holds[is.slice(0, is.length - digits.length)]!
}

function contains(body: Json | undefined, name: string | undefined): boolean {
  if (typeof body !== 'string' || name === undefined || name === '') return false
  return partsOf(body).some((part) => foldCase(part) === foldCase(name))
}

/** Whether a part between two word boundaries matches. */
export const wordsMatch = (pattern: string, text: string): boolean =>
  partsOf(text).some((part) => globMatches(pattern, part))

function partsOf(text: string): string[] {
  const isWord = (at: number): boolean => /[A-Za-z0-9_]/.test(text[at]!)
  const boundaries = Array.from({ length: text.length + 1 }, (_, at) => at).filter(
    (at) => at === 0 || at === text.length || (!isWithinCharacter(text, at) && (!isWord(at - 1) || !isWord(at))),
  )
  return boundaries.flatMap((from) => boundaries.filter((to) => to >= from).map((to) => text.slice(from, to)))
}

const isWithinCharacter = (text: string, at: number): boolean => text.codePointAt(at - 1)! > 0xffff

/** Glob matching by dynamic programming: row by row, whether a start of the pattern matches each start of the text. */
export function globMatches(pattern: string, text: string): boolean {
  const characters = [...foldCase(text)]
  let row = [true, ...characters.map(() => false)]
  for (const item of foldCase(pattern)) {
    const next = [item === '*' && row[0]!]
    for (const [i, character] of characters.entries())
      next.push(item === '*' ? row[i + 1]! || next[i]! : row[i]! && (item === '?' || item === character))
    row = next
  }
  return row[characters.length]!
}
