import { expect, test } from 'vitest'
import type { UserId } from '#spec/ids.ts'
import { predefinedRules } from '#spec/push/predefined-rules.ts'
import listed from '../vectors/push-predefined.json' with { type: 'json' }

test('everybody begins with what the specification lists, in its order', () => {
  const { override, underride, ...others } = predefinedRules('@ada:one.example' as UserId)
  const forAda = (rules: unknown): unknown =>
    JSON.parse(JSON.stringify(rules).replaceAll("[the user's Matrix ID]", '@ada:one.example'))
  expect(override).toEqual(forAda(listed.override))
  expect(underride).toEqual(forAda(listed.underride))
  expect(others).toEqual({ content: [], room: [], sender: [] })
})

test('rules that do not name the user are the same for all', () => {
  const [ada, bea] = ['@ada:one.example', '@bea:two.example'].map((userId) => predefinedRules(userId as UserId))
  const differing = ada!.override.filter((rule, i) => rule !== bea!.override[i])
  expect(differing.map((rule) => rule.rule_id)).toEqual(['.m.rule.invite_for_me', '.m.rule.is_user_mention'])
  expect(ada!.underride).toBe(bea!.underride)
})
