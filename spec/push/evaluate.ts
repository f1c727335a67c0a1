import type { UserId } from '#spec/ids.ts'
import { notificationOf, withoutHistorical, type Notification } from './actions.ts'
import { compileCondition, equalityOf } from './conditions.ts'
import type { PreparedEvent } from './prepare-event.ts'
import type { PushAction, PushCondition, PushRule, PushRuleKind, PushRuleset } from './push-rule.ts'
import { firstMatch, listRules, type CompiledRule, type RuleList } from './rule-list.ts'

/*
 * Push rules put to use: compiled once for each version of a user's rules, an event prepared once for all members.
 * Client-Server API, "Push Rules".
 */

/** The rule that decides about an event, and what it comes to. */
export interface PushVerdict extends Notification {
  readonly kind: PushRuleKind
  readonly rule: PushRule
  /** The rule's, without the historical ones. */
  readonly actions: readonly PushAction[]
}

/** The enabled rules of a user. */
export interface CompiledRules {
  readonly userId: UserId
  /** Override and content rules. */
  readonly above: RuleList<PushVerdict>
  readonly byRoom: ReadonlyMap<string, PushVerdict>
  readonly bySender: ReadonlyMap<string, PushVerdict>
  readonly underride: RuleList<PushVerdict>
}

/** Compiles the rules of a user. Rules that can never match are left out. */
export function compileRules(userId: UserId, ruleset: PushRuleset): CompiledRules {
  const compiled = (kind: PushRuleKind): CompiledRule<PushVerdict>[] =>
    ruleset[kind].flatMap((rule) => (rule.enabled ? (compileRule(kind, rule) ?? []) : []))
  return {
    userId,
    above: listRules([...compiled('override'), ...compiled('content')]),
    byRoom: byId(compiled('room')),
    bySender: byId(compiled('sender')),
    underride: listRules(compiled('underride')),
  }
}

/**
 * The rule that decides about an event for a user, who is called `displayName` in the room; nothing if none matches, or if the user sent the event.
 * Notify only where there is a verdict that says `notify`.
 */
export function evaluate(
  rules: CompiledRules,
  event: PreparedEvent,
  displayName: string | undefined,
): PushVerdict | undefined {
  if (event.sender === rules.userId) return undefined
  return (
    firstMatch(rules.above, event, displayName) ??
    rules.byRoom.get(event.roomId) ??
    rules.bySender.get(event.sender) ??
    firstMatch(rules.underride, event, displayName)
  )
}

const byId = (rules: readonly CompiledRule<PushVerdict>[]): ReadonlyMap<string, PushVerdict> =>
  new Map(rules.map(({ outcome }) => [outcome.rule.rule_id, outcome]))

/** Predefined rules are the same objects for most users; none is of two kinds. */
const predefined = new WeakMap<PushRule, CompiledRule<PushVerdict>>()

function compileRule(kind: PushRuleKind, rule: PushRule): CompiledRule<PushVerdict> | undefined {
  const known = predefined.get(rule)
  if (known !== undefined) return known
  const conditions = compileConditions(conditionsOf(kind, rule))
  if (conditions === undefined) return undefined
  const actions = withoutHistorical(rule.actions)
  const compiled = { ...conditions, outcome: { kind, rule, actions, ...notificationOf(actions) } }
  if (rule.default) predefined.set(rule, compiled)
  return compiled
}

/** Content rules say theirs with a pattern; room and sender rules are found by their ids. */
function conditionsOf(kind: PushRuleKind, { pattern, conditions = [] }: PushRule): readonly PushCondition[] {
  if (kind === 'room' || kind === 'sender') return []
  return kind === 'content' ? [{ kind: 'event_match', key: 'content.body', pattern: pattern ?? null }] : conditions
}

/** Nothing if the conditions can never hold together. */
function compileConditions(
  conditions: readonly PushCondition[],
): Omit<CompiledRule<PushVerdict>, 'outcome'> | undefined {
  const guards = conditions.map(equalityOf)
  const guarding = guards.findIndex((guard) => guard !== undefined)
  const rest = conditions.filter((_, i) => i !== guarding)
  const tests = rest.flatMap((condition) => compileCondition(condition) ?? [])
  return tests.length === rest.length ? { guard: guards[guarding], tests } : undefined
}
