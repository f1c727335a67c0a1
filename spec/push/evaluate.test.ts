import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Json, JsonObject } from '#spec/json.ts'
import { compileRules, evaluate, type PushVerdict } from '#spec/push/evaluate.ts'
import { prepareEvent, type PushContext, type PushEvent } from '#spec/push/prepare-event.ts'
import {
  pushRuleKinds,
  type PushAction,
  type PushCondition,
  type PushRule,
  type PushRuleset,
} from '#spec/push/push-rule.ts'
import { rulesetOf, type PushRuleChanges } from '#spec/push/rule-changes.ts'
import { predefinedRules } from './predefined-rules.ts'
import { evaluateLiterally } from './testing/evaluate-literally.ts'

interface RoomOfCase {
  readonly member_count: number
  readonly sender_level: number | 'Infinity'
  readonly notifications: Record<string, number>
}
interface Defaults {
  readonly user_id: UserId
  readonly rules: PushRuleChanges
  readonly event: Pick<PushEvent, 'event_id' | 'room_id' | 'origin_server_ts'>
  readonly context: RoomOfCase
}
interface Case {
  readonly name: string
  readonly of?: string
  readonly rules?: PushRuleChanges
  readonly event: Omit<PushEvent, keyof Defaults['event']> & Partial<PushEvent>
  readonly context?: Partial<RoomOfCase>
  readonly display_name?: string
  readonly expected: { kind: string; rule_id: string; actions: PushAction[] } | null
}

const [first, ...others] = readFileSync(new URL('../vectors/push.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const defaults = JSON.parse(first!) as Defaults
const cases = others.map((line) => JSON.parse(line) as Case)
const ada = defaults.user_id

function contextOf({ member_count, sender_level, notifications }: RoomOfCase): PushContext {
  const levels = new Map(Object.entries(notifications))
  return {
    memberCount: member_count,
    senderLevel: Number(sender_level),
    notificationLevel: (key) => levels.get(key) ?? 50,
  }
}

const asked = (one: Case) => ({
  userId: ada,
  ruleset: rulesetOf(ada, one.rules ?? defaults.rules),
  event: { ...defaults.event, ...one.event },
  context: contextOf({ ...defaults.context, ...one.context }),
  displayName: one.display_name,
})
type Asked = ReturnType<typeof asked>

const decide = ({ userId, ruleset, event, context, displayName }: Asked): PushVerdict | undefined =>
  evaluate(compileRules(userId, ruleset), prepareEvent(event, context), displayName)

test.each(cases)('$name', (one) => {
  const verdict = decide(asked(one))
  expect(verdict ? { kind: verdict.kind, rule_id: verdict.rule.rule_id, actions: verdict.actions } : null).toEqual(
    one.expected,
  )
  const [kind, rule] = evaluateLiterally(asked(one).ruleset, asked(one)) ?? []
  expect(kind && { kind, rule_id: rule?.rule_id }).toEqual(
    one.expected ? { kind: one.expected.kind, rule_id: one.expected.rule_id } : undefined,
  )
})

test('every predefined rule decides some case and leaves another', () => {
  const predefined = predefinedRules(ada)
  const ids = pushRuleKinds.flatMap((kind) => predefined[kind].map((rule) => rule.rule_id))
  const about = (id: string, decides: boolean): Case[] =>
    cases.filter(({ of, expected }) => `.m.rule.${of}` === id && (expected?.rule_id === id) === decides)
  expect(ids.filter((id) => about(id, true).length === 0)).toEqual([])
  expect(ids.filter((id) => about(id, false).length === 0)).toEqual([])
  expect(ids).toHaveLength(15)
})

const verdictOf = (...actions: PushAction[]): PushVerdict | undefined => {
  const rule: PushRule = { rule_id: 'mine', default: false, enabled: true, conditions: [], actions }
  return decide({
    ...asked(cases.find((one) => one.name === 'a message among three')!),
    ruleset: { ...predefinedRules(ada), override: [rule] },
  })
}

test('what actions come to', () => {
  expect(verdictOf()).toMatchObject({ notify: false, highlight: false, tweaks: {} })
  expect(verdictOf('notify')).toMatchObject({ notify: true, highlight: false, tweaks: {} })
  expect(verdictOf('dont_notify', 'coalesce')).toMatchObject({ notify: false, actions: [] })
  const highlight = { set_tweak: 'highlight' }
  expect(verdictOf('notify', highlight)).toMatchObject({ highlight: true, tweaks: { highlight: true } })
  expect(verdictOf({ ...highlight, value: true })).toMatchObject({ notify: false, highlight: true })
  expect(verdictOf({ ...highlight, value: false })).toMatchObject({ highlight: false, tweaks: { highlight: false } })
  expect(verdictOf({ ...highlight, value: 'yes' })).toMatchObject({ highlight: false })
  expect(verdictOf(highlight, { ...highlight, value: false })).toMatchObject({ highlight: false })
  const sound = { set_tweak: 'sound', value: 'bell' }
  expect(verdictOf('notify', sound, { set_tweak: 'x.flash', value: [1] })?.tweaks).toEqual({
    sound: 'bell',
    'x.flash': [1],
  })
  expect(verdictOf({ set_tweak: 'sound' }, { value: 5 }, 'x.unknown')?.tweaks).toEqual({})
})

const pick = fc.constantFrom
const keys = pick(
  'type',
  'state_key',
  'sender',
  'content.body',
  'content.a',
  String.raw`content.m\.x.a`,
  String.raw`content.m\\`,
  'content',
)
const scalars = pick<Json>('a', 'b', '', 0, 1, true, false, null, ada, 1.5)
const conditions = fc.oneof(
  fc.record({ kind: pick('event_match'), key: keys, pattern: pick<Json>('a', 'a*', '*b', '?', '', 'A b', '*', 5) }),
  fc.record({ kind: pick('event_property_is', 'event_property_contains'), key: keys, value: scalars }),
  fc.record({ kind: pick('contains_display_name', 'x.unknown') }),
  fc.record({ kind: pick('room_member_count'), is: pick<Json>('2', '==3', '<3', '>2', '<=2', '>=3', '~2', 2) }),
  fc.record({ kind: pick('sender_notification_permission'), key: pick<Json>('room', 'x', 5) }),
) as fc.Arbitrary<PushCondition>
const actions = fc.subarray<PushAction>(['notify', 'dont_notify', { set_tweak: 'highlight' }])

const rulesWith = (ids: fc.Arbitrary<string>, fields: object): fc.Arbitrary<PushRule[]> =>
  fc.uniqueArray(fc.record({ rule_id: ids, default: fc.constant(false), enabled: fc.boolean(), ...fields, actions }), {
    selector: (rule) => rule.rule_id,
    maxLength: 4,
  })
const names = pick('one', 'two', 'three', 'four', 'five')
const conditional = rulesWith(names, { conditions: fc.array(conditions, { maxLength: 3 }) })
const rulesets: fc.Arbitrary<PushRuleset> = fc
  .record({
    override: conditional,
    content: rulesWith(names, { pattern: pick('a', 'b*', '?', 'a b', 'c') }),
    room: rulesWith(pick('!room:one.example', '!x:a'), {}),
    sender: rulesWith(pick('@bea:two.example', '@x:a'), {}),
    underride: conditional,
    predefined: fc.boolean(),
  })
  .map(({ predefined, ...own }) => {
    if (!predefined) return own
    const { override, underride } = predefinedRules(ada)
    return { ...own, override: [...own.override, ...override], underride: [...own.underride, ...underride] }
  })

const values = fc.oneof(scalars, fc.array(scalars, { maxLength: 3 }), fc.record({ a: scalars }))
const questions: fc.Arbitrary<Omit<Asked, 'ruleset'>> = fc
  .record({
    type: pick('m.room.message', 'm.room.encrypted', 'm.reaction', 'm.room.member', 'a'),
    state: fc.option(pick<string>('', ada, 'a'), { nil: undefined }),
    sender: pick<string>('@bea:two.example', '@bea:two.example', '@cem:a', ada),
    content: fc.dictionary(
      pick('body', 'a', 'm.x', 'm\\', 'msgtype', 'm.mentions'),
      values,
    ) as fc.Arbitrary<JsonObject>,
    body: fc.option(pick('a b', 'A', 'bab', 'Ada', 'b, a'), { nil: undefined }),
    memberCount: pick(1, 2, 3),
    senderLevel: pick(0, 50, Infinity),
    displayName: fc.option(pick('', 'a', 'ADA'), { nil: undefined }),
  })
  .map(({ type, state, sender, content, body, memberCount, senderLevel, displayName }) => ({
    userId: ada,
    event: {
      event_id: '$event' as EventId,
      room_id: '!room:one.example' as RoomId,
      type,
      sender: sender as UserId,
      ...(state === undefined ? undefined : { state_key: state }),
      content: body === undefined ? content : { ...content, body },
      origin_server_ts: 1,
    },
    context: { memberCount, senderLevel, notificationLevel: (key: string) => (key === 'room' ? 50 : 51) },
    displayName,
  }))

test('compiled rules decide as the text says, and twice alike', () => {
  const deciding = new Set<string>()
  fc.assert(
    fc.property(rulesets, questions, (ruleset, question) => {
      const [kind, rule] = evaluateLiterally(ruleset, question) ?? []
      deciding.add(String(kind))
      const rules = compileRules(ada, ruleset)
      const event = prepareEvent(question.event, question.context)
      const verdict = evaluate(rules, event, question.displayName)
      expect(verdict?.kind).toBe(kind)
      expect(verdict?.rule).toBe(rule)
      expect(verdict?.notify ?? false).toBe(rule?.actions.includes('notify') ?? false)
      // The prepared event remembers what was asked of it; that changes no answer.
      expect(evaluate(rules, event, question.displayName)).toBe(verdict)
      expect(decide({ ...question, ruleset })).toEqual(verdict)
    }),
    { seed: 11, numRuns: 4000 },
  )
  expect([...deciding].sort()).toEqual([...pushRuleKinds, 'undefined'].sort())
})

test('disabled rules change nothing', () => {
  fc.assert(
    fc.property(rulesets, questions, (ruleset, question) => {
      const enabled = Object.fromEntries(
        pushRuleKinds.map((kind) => [kind, ruleset[kind].filter((rule) => rule.enabled)]),
      ) as unknown as PushRuleset
      expect(decide({ ...question, ruleset: enabled })).toEqual(decide({ ...question, ruleset }))
    }),
    { seed: 12, numRuns: 1000 },
  )
})

test('one prepared event answers for every member as if it were asked alone', () => {
  fc.assert(
    fc.property(fc.array(rulesets, { maxLength: 6 }), questions, (members, question) => {
      const event = prepareEvent(question.event, question.context)
      for (const ruleset of members)
        expect(evaluate(compileRules(ada, ruleset), event, question.displayName)).toEqual(
          decide({ ...question, ruleset }),
        )
    }),
    { seed: 13, numRuns: 500 },
  )
})
