import { expect, test } from 'vitest'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import { maxOwnRules, maxPatternsLength, putRule } from './change-rules.ts'
import { compileCondition } from './conditions.ts'
import { compileRules, evaluate } from './evaluate.ts'
import { foldedText, type FoldedText } from './fold-case.ts'
import { buildAutomaton } from './glob-automaton.ts'
import { piecesOf } from './glob.ts'
import { predefinedRules } from './predefined-rules.ts'
import { prepareEvent, type PreparedEvent } from './prepare-event.ts'
import type { PushRuleset } from './push-rule.ts'
import { SharedGlobs } from './shared-globs.ts'

const kilobytes64 = 65_536
const as = 'a'.repeat(kilobytes64)
const words = 'ab ba '.repeat(kilobytes64 / 6)
const texts = { 'one letter': as, words, signs: '.'.repeat(kilobytes64) }

/** As many patterns of a kind as a user's rules may have. */
function asManyAsAllowed(patternOf: (n: number) => string): string[] {
  const patterns: string[] = []
  let length = 0
  for (let n = 0; n < maxOwnRules; n++) {
    length += patternOf(n).length + 1
    if (length > maxPatternsLength) break
    patterns.push(patternOf(n))
  }
  return patterns
}

const hostile = {
  'a thousand stars, letters and any characters': asManyAsAllowed(() => '*a?'),
  'long ones of stars and letters': asManyAsAllowed((n) => `${'*a'.repeat(250)}${n}`),
  'long ones of letters and any characters': asManyAsAllowed((n) => `${'a?'.repeat(250)}${n}`),
  'words that end otherwise': asManyAsAllowed((n) => `${'ab ba '.repeat(10)}${n}`),
}
const pairs = Object.entries(hostile).flatMap(([name, patterns]) =>
  Object.entries(texts).map(([of, text]) => ({ name: `${name}, on ${of}`, patterns, text })),
)

/** A text that can be read character by character only, and counts how often that is done. */
function countingText(text: string) {
  const steps = { count: 0 }
  const ready = foldedText(text)
  const folded = {
    length: text.length,
    codePointAt: (at: number) => {
      steps.count++
      return ready.folded.codePointAt(at)
    },
  } as unknown as string
  const counting: FoldedText = { ...ready, folded }
  return { steps, counting }
}

test.each(pairs)('patterns go through a long text once and together: $name', ({ patterns, text }) => {
  expect(patterns.length).toBeGreaterThan(7)
  for (const scope of ['words', 'whole'] as const) {
    const globs = new SharedGlobs(scope)
    const matchers = patterns.map((pattern) => globs.add(pattern))
    const { steps, counting } = countingText(text)
    for (const matches of [...matchers, ...matchers]) matches(counting)
    expect(steps.count).toBeLessThanOrEqual(kilobytes64)
  }
  // A step goes over this many words of states.
  expect(buildAutomaton(patterns.map(piecesOf)).starts.length).toBeLessThanOrEqual(maxPatternsLength / 32 + 1)
})

const ada = '@ada:one.example' as UserId
const content = (ruleset: PushRuleset, ruleId: string, pattern: string): PushRuleset =>
  putRule(ruleset, { kind: 'content', ruleId, body: { pattern, actions: ['notify'] } })

const decide = (ruleset: PushRuleset, body: string): string | undefined =>
  evaluate(
    compileRules(ada, ruleset),
    prepareEvent(
      {
        event_id: '$event' as EventId,
        room_id: '!room:one.example' as RoomId,
        type: 'm.room.message',
        sender: '@bea:two.example' as UserId,
        content: { body },
        origin_server_ts: 1,
      },
      { memberCount: 5, senderLevel: 0, notificationLevel: () => 50 },
    ),
    undefined,
  )?.rule.rule_id

test('the first of many rules decides about a long text as about a short one', () => {
  let ruleset = predefinedRules(ada)
  for (let n = 999; n >= 0; n--) ruleset = content(ruleset, `rule${n}`, n % 100 === 7 ? 'z?' : '*a?')
  for (const filling of ['', words]) {
    expect(decide(ruleset, `b zz ${filling.replaceAll('a', 'c')}`)).toBe('rule7')
    expect(decide(ruleset, `b az ${filling}`)).toBe('rule0')
    expect(decide(ruleset, `b ${filling.replaceAll('a', 'c')}`)).toBe('.m.rule.message')
  }
})

test('the patterns of all rules have a limit together', () => {
  let ruleset = predefinedRules(ada)
  for (let n = 0; n < 8; n++) ruleset = content(ruleset, `rule${n}`, 'a'.repeat(511))
  const tooMuch = expect.objectContaining({ code: 'M_TOO_LARGE' })
  expect(() => content(ruleset, 'another', '')).toThrow(tooMuch)
  const glob = { kind: 'event_match', key: 'content.body', pattern: 'b' }
  const equality = { kind: 'event_match', key: 'room_id', pattern: '!room:one.example' }
  const put = (ruleId: string, ...conditions: { kind: string }[]): PushRuleset =>
    putRule(ruleset, { kind: 'override', ruleId, body: { conditions, actions: [] } })
  expect(() => put('override', equality, glob)).toThrow(tooMuch)
  // What asks a property to be a text is looked up, and what has no pattern goes through no text.
  expect(put('override', equality, { kind: 'contains_display_name' }).override).toHaveLength(
    ruleset.override.length + 1,
  )
  // A changed rule counts once.
  expect(content(ruleset, 'rule3', 'b'.repeat(511)).content[4]).toMatchObject({ pattern: 'b'.repeat(511) })
  expect(() => content(ruleset, 'rule3', 'b'.repeat(512))).toThrow(tooMuch)
})

test('a name is looked for once, however many rules ask', () => {
  const asks = compileCondition({ kind: 'contains_display_name' })!
  let passes = 0
  const text = foldedText(as)
  const counting = {
    ...text,
    boundaries: () => {
      passes++
      return text.boundaries()
    },
  }
  const event = { property: () => ({ text: counting }) } as unknown as PreparedEvent
  const [name, other] = ['a'.repeat(256), 'a'.repeat(255)]
  for (let n = 0; n < 1000; n++) expect(asks(event, name)).toBe(false)
  expect(passes).toBe(1)
  expect(asks(event, other)).toBe(false)
  expect(passes).toBe(2)
})

test('each member is asked about by their own name, and a name that nobody would write is in no text', () => {
  const asks = compileCondition({ kind: 'contains_display_name' })!
  const longest = 'a'.repeat(256)
  const event = { property: () => ({ text }) } as unknown as PreparedEvent
  const text = foldedText(`Ada ${longest} ${longest}b`)
  for (const [name, isThere] of [
    ['ada', true],
    ['Bea', false],
    ['ada', true],
    [longest, true],
    [`${longest}b`, false],
  ] as const)
    expect(asks(event, name)).toBe(isThere)
})
