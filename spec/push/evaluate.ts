import type { UserId } from '#spec/ids.ts'
import { notificationOf, withoutHistorical, type Notification } from './actions.ts'
import { compileCondition, conditionsOf, equalityOf, scopeOf, type MakeMatcher } from './conditions.ts'
import type { PreparedEvent } from './prepare-event.ts'
import type { PushAction, PushCondition, PushRule, PushRuleKind, PushRuleset } from './push-rule.ts'
import { SharedGlobs } from './shared-globs.ts'
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
  const makeMatcher = sharedMatchers()
  const compiled = (kind: PushRuleKind): CompiledRule<PushVerdict>[] =>
    ruleset[kind].flatMap((rule) => (rule.enabled ? (compileRule(kind, rule, makeMatcher) ?? []) : []))
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

/** One set of globs for each property. */
function sharedMatchers(): MakeMatcher {
  const byPath = new Map<string, SharedGlobs>()
  return (path, pattern) => {
    const globs = byPath.get(path) ?? new SharedGlobs(scopeOf(path))
    byPath.set(path, globs)
    return globs.add(pattern)
  }
}

const byId = (rules: readonly CompiledRule<PushVerdict>[]): ReadonlyMap<string, PushVerdict> =>
  new Map(rules.map(({ outcome }) => [outcome.rule.rule_id, outcome]))

/** Predefined rules are the same objects for most users; none is of two kinds. */
const predefined = new WeakMap<PushRule, CompiledRule<PushVerdict>>()

function compileRule(
  kind: PushRuleKind,
  rule: PushRule,
  makeMatcher: MakeMatcher,
): CompiledRule<PushVerdict> | undefined {
  const known = predefined.get(rule)
  if (known !== undefined) return known
  // What is kept for everybody has its patterns for itself.
  const conditions = compileConditions(conditionsOf(kind, rule), rule.default ? undefined : makeMatcher)
  if (conditions === undefined) return undefined
  const actions = withoutHistorical(rule.actions)
  const compiled = { ...conditions, outcome: { kind, rule, actions, ...notificationOf(actions) } }
  if (rule.default) predefined.set(rule, compiled)
  return compiled
}

/** Nothing if the conditions can never hold together. */
function compileConditions(
  conditions: readonly PushCondition[],
  makeMatcher: MakeMatcher | undefined,
): Omit<CompiledRule<PushVerdict>, 'outcome'> | undefined {
  const guards = conditions.map(equalityOf)
  const guarding = guards.findIndex((guard) => guard !== undefined)
  const rest = conditions.filter((_, i) => i !== guarding)
  const tests = rest.flatMap((condition) => compileCondition(condition, makeMatcher) ?? [])
  return tests.length === rest.length ? { guard: guards[guarding], tests } : undefined
}
