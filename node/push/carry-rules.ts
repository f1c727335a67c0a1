import type { RoomId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { maxOwnRules, ownRules, putRule } from '#spec/push/change-rules.ts'
import type { PushCondition, PushRule, PushRuleset } from '#spec/push/push-rule.ts'
import type { Replacement } from '#node/rooms/carry-settings.ts'

const kinds = ['override', 'room'] as const

/** Rules with what a user has set for a room set for the one that stands in for it too. What is set for that already stays. */
export function carryRules(ruleset: PushRuleset, { from, to }: Replacement): PushRuleset {
  let rules = ruleset
  for (const kind of kinds) {
    const rule = ruleset[kind].find((one) => one.rule_id === from)
    const isSet = ruleset[kind].some((one) => one.rule_id === to)
    if (rule === undefined || isSet || isFull(rules)) continue
    rules = putRule(rules, { kind, ruleId: to, body: bodyFor(rule, { from, to }) })
  }
  return rules
}

const isFull = (ruleset: PushRuleset) => Object.values(ruleset).flatMap(ownRules).length >= maxOwnRules

const bodyFor = ({ actions, conditions }: PushRule, { from, to }: Replacement) => ({
  actions: [...actions],
  ...(conditions && { conditions: conditions.map((condition) => moved(condition, from, to)) }),
})

function moved(condition: PushCondition, from: RoomId, to: RoomId): PushCondition {
  const entries = Object.entries(condition as JsonObject).map(([key, value]) => [key, value === from ? to : value])
  return Object.fromEntries(entries) as PushCondition
}
