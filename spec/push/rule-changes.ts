import type { UserId } from '#spec/ids.ts'
import { inOrder, ownRules } from './change-rules.ts'
import { predefinedRules } from './predefined-rules.ts'
import { pushRuleKinds, type PushAction, type PushRule, type PushRuleKind, type PushRuleset } from './push-rule.ts'

/** A rule that a user made. */
export type OwnRule = Omit<PushRule, 'default'>

/** What a user made of a predefined rule; a field that is as it was is absent. */
export interface PredefinedChange {
  readonly enabled?: boolean
  readonly actions?: readonly PushAction[]
}

/**
 * What a user changed of the predefined rules, and nothing else: the form in which rules are kept, so that rules which are predefined later reach
 * everybody. Plain JSON. Kinds without own rules and predefined rules as they were are absent.
 */
export interface PushRuleChanges {
  /** The user's own rules, each list in the order in which it is tried. */
  readonly own: { readonly [Kind in PushRuleKind]?: readonly OwnRule[] }
  /** By the id of the predefined rule. */
  readonly predefined: { readonly [ruleId: string]: PredefinedChange }
}

/** Of a user who changed nothing. */
export const noRuleChanges: PushRuleChanges = { own: {}, predefined: {} }

/** All the rules of a user, as clients see them. Changes of predefined rules that there no longer are do nothing. */
export function rulesetOf(userId: UserId, changes: PushRuleChanges): PushRuleset {
  const predefined = predefinedRules(userId)
  const rulesOf = (kind: PushRuleKind): readonly PushRule[] =>
    inOrder(
      (changes.own[kind] ?? []).map((rule) => withDefault(rule)),
      predefined[kind].map((rule) => withChange(rule, changes)),
    )
  return {
    override: rulesOf('override'),
    content: rulesOf('content'),
    room: rulesOf('room'),
    sender: rulesOf('sender'),
    underride: rulesOf('underride'),
  }
}

/** What distinguishes a user's rules from the predefined ones: the other way round. */
export function changesOf(userId: UserId, ruleset: PushRuleset): PushRuleChanges {
  const predefined = predefinedRules(userId)
  const own = pushRuleKinds.flatMap((kind) => {
    const rules = ownRules(ruleset[kind]).map(({ default: _default, ...rule }) => rule)
    return rules.length === 0 ? [] : [[kind, rules] as const]
  })
  const changed = pushRuleKinds.flatMap((kind) =>
    predefined[kind].flatMap((original) => {
      const rule = ruleset[kind].find((one) => one.rule_id === original.rule_id)
      const change = rule && changeOf(original, rule)
      return change === undefined ? [] : [[original.rule_id, change] as const]
    }),
  )
  return { own: Object.fromEntries(own), predefined: Object.fromEntries(changed) }
}

const withDefault = ({ rule_id, ...rule }: OwnRule): PushRule => ({ rule_id, default: false, ...rule })

function withChange(rule: PushRule, { predefined }: PushRuleChanges): PushRule {
  return Object.hasOwn(predefined, rule.rule_id) ? { ...rule, ...predefined[rule.rule_id] } : rule
}

function changeOf(original: PushRule, rule: PushRule): PredefinedChange | undefined {
  const enabled = rule.enabled === original.enabled ? undefined : { enabled: rule.enabled }
  const actions = isSame(rule.actions, original.actions) ? undefined : { actions: rule.actions }
  return enabled || actions ? { ...enabled, ...actions } : undefined
}

const isSame = (some: readonly PushAction[], others: readonly PushAction[]): boolean =>
  JSON.stringify(some) === JSON.stringify(others)
