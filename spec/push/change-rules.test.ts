import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MatrixError } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import {
  deleteRule,
  enableRule,
  findRule,
  maxOwnRules,
  maxRuleBytes,
  maxRuleIdBytes,
  putRule,
  setRuleActions,
  type PushRuleDraft,
} from '#spec/push/change-rules.ts'
import { predefinedRules } from '#spec/push/predefined-rules.ts'
import { pushRuleKinds, type PushAction, type PushRuleKind, type PushRuleset } from '#spec/push/push-rule.ts'
import { changesOf, noRuleChanges, rulesetOf } from '#spec/push/rule-changes.ts'

const ada = '@ada:one.example' as UserId
const fresh = rulesetOf(ada, noRuleChanges)
const notify = { actions: ['notify'] }
const room = '!room:one.example'

function errorOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof MatrixError) return `${error.status} ${error.code}`
    throw error
  }
  return 'none'
}

const put = (ruleset: PushRuleset, ruleId: string, more: Partial<PushRuleDraft> = {}): PushRuleset =>
  putRule(ruleset, { kind: 'underride', ruleId, body: notify, ...more })
const ids = (ruleset: PushRuleset, kind: PushRuleKind = 'underride'): string[] =>
  ruleset[kind].map((rule) => rule.rule_id)
const ownIds = (ruleset: PushRuleset): string[] => ids(ruleset).filter((id) => !id.startsWith('.'))
/** Own underride rules, the first the most important. */
const having = (...ruleIds: string[]): PushRuleset => ruleIds.toReversed().reduce((all, id) => put(all, id), fresh)

test('a new rule is enabled and the first of the own ones, before the predefined ones', () => {
  const two = put(put(fresh, 'a'), 'b')
  expect(ids(two).slice(0, 3)).toEqual(['b', 'a', '.m.rule.call'])
  expect(findRule(two, 'underride', 'b')).toEqual({
    rule_id: 'b',
    default: false,
    enabled: true,
    conditions: [],
    actions: ['notify'],
  })
  expect(ids(put(fresh, 'x', { kind: 'override' }), 'override').slice(0, 3)).toEqual([
    '.m.rule.master',
    'x',
    '.m.rule.suppress_notices',
  ])
  expect(fresh).toEqual(predefinedRules(ada))
})

test('each kind has its fields', () => {
  const content = putRule(fresh, { kind: 'content', ruleId: 'c', body: { ...notify, pattern: 'cake' } })
  expect(content.content).toEqual([
    { rule_id: 'c', default: false, enabled: true, pattern: 'cake', actions: ['notify'] },
  ])
  expect(putRule(fresh, { kind: 'room', ruleId: room, body: { actions: [], conditions: [] } }).room).toEqual([
    { rule_id: room, default: false, enabled: true, actions: [] },
  ])
  const conditions = [{ kind: 'contains_display_name' }]
  const override = put(fresh, 'o', { kind: 'override', body: { ...notify, conditions } })
  expect(findRule(override, 'override', 'o').conditions).toEqual(conditions)
  const wrong = (kind: PushRuleKind, ruleId: string, more: object): string =>
    errorOf(() => putRule(fresh, { kind, ruleId, body: { ...notify, ...more } }))
  expect(wrong('content', 'c', {})).toBe('400 M_MISSING_PARAM')
  expect(wrong('content', 'c', { pattern: 'x', conditions })).toBe('400 M_INVALID_PARAM')
  expect(wrong('room', room, { conditions })).toBe('400 M_INVALID_PARAM')
  expect(wrong('sender', ada, { pattern: 'x' })).toBe('400 M_INVALID_PARAM')
  expect(wrong('override', 'o', { pattern: 'x' })).toBe('400 M_INVALID_PARAM')
})

test.each<[kind: PushRuleKind, ruleId: string, refused: boolean]>([
  ['override', '.m.rule.master', true],
  ['override', '.mine', true],
  ['override', '', true],
  ['override', 'a/b', true],
  ['override', String.raw`a\b`, true],
  ['override', 'a.b é *', false],
  ['override', 'é'.repeat(maxRuleIdBytes / 2), false],
  ['override', `${'é'.repeat(maxRuleIdBytes / 2)}e`, true],
  ['room', 'kitchen', true],
  ['room', ada, true],
  ['room', room, false],
  ['sender', room, true],
  ['sender', ada, false],
])('%s rules: is the id %j refused? %j', (kind, ruleId, refused) => {
  expect(errorOf(() => put(fresh, ruleId, { kind }))).toBe(refused ? '400 M_INVALID_PARAM' : 'none')
})

test('before and after', () => {
  const three = having('a', 'b', 'c')
  const placed = (ruleId: string, place: Partial<PushRuleDraft>): string => ownIds(put(three, ruleId, place)).join('')
  expect(placed('x', {})).toBe('xabc')
  expect(placed('x', { before: 'b' })).toBe('axbc')
  expect(placed('x', { after: 'b' })).toBe('abxc')
  expect(placed('x', { after: 'c' })).toBe('abcx')
  expect(placed('x', { before: 'c', after: 'a' })).toBe('abxc')
  // A rule that is there moves, or stays where it is.
  expect(placed('b', {})).toBe('abc')
  expect(placed('c', { before: 'a' })).toBe('cab')
  expect(placed('a', { after: 'c' })).toBe('bca')
  const wrong = (place: Partial<PushRuleDraft>): string => errorOf(() => put(three, 'b', place))
  expect(wrong({ before: 'nobody' })).toBe('400 M_UNKNOWN')
  expect(wrong({ after: 'nobody' })).toBe('400 M_UNKNOWN')
  expect(wrong({ before: 'a', after: 'nobody' })).toBe('400 M_UNKNOWN')
  expect(wrong({ before: '.m.rule.message' })).toBe('400 M_UNKNOWN')
  expect(wrong({ after: 'b' })).toBe('400 M_UNKNOWN')
  expect(wrong({ after: '' })).toBe('400 M_UNKNOWN')
})

test('a rule that is put again has new contents and is as enabled as it was', () => {
  const disabled = enableRule(having('a', 'b'), 'underride', 'b', false)
  const changed = put(disabled, 'b', { body: { actions: [] } })
  expect(findRule(changed, 'underride', 'b')).toMatchObject({ enabled: false, actions: [] })
  expect(ids(changed)).toEqual(ids(disabled))
})

test('predefined rules can be disabled and given other actions, not deleted', () => {
  const changed = setRuleActions(
    enableRule(fresh, 'override', '.m.rule.master', true),
    'underride',
    '.m.rule.message',
    [],
  )
  expect(ids(changed, 'override')).toEqual(ids(fresh, 'override'))
  expect(findRule(changed, 'override', '.m.rule.master')).toMatchObject({ enabled: true, default: true })
  expect(findRule(changed, 'underride', '.m.rule.message').actions).toEqual([])
  expect(errorOf(() => deleteRule(fresh, 'underride', '.m.rule.message'))).toBe('400 M_INVALID_PARAM')
})

test('own rules are deleted', () => {
  expect(ownIds(deleteRule(having('a', 'b', 'c'), 'underride', 'b'))).toEqual(['a', 'c'])
})

test.each<[string, (ruleset: PushRuleset, kind: PushRuleKind, ruleId: string) => unknown]>([
  ['findRule', findRule],
  ['deleteRule', deleteRule],
  ['enableRule', (...where) => enableRule(...where, true)],
  ['setRuleActions', (...where) => setRuleActions(...where, [])],
])('%s of a rule that is not there', (_, run) => {
  const rules = having('a')
  expect(errorOf(() => run(rules, 'underride', 'b'))).toBe('404 M_NOT_FOUND')
  expect(errorOf(() => run(rules, 'override', 'a'))).toBe('404 M_NOT_FOUND')
  expect(errorOf(() => run(rules, 'override', '.m.rule.message'))).toBe('404 M_NOT_FOUND')
  expect(errorOf(() => run(rules, 'underride', '.m.rule.nothing'))).toBe('404 M_NOT_FOUND')
})

test('sizes are limited', () => {
  const own = (rule_id: string) => ({ rule_id, enabled: true, conditions: [], actions: [] })
  const many = Array.from({ length: maxOwnRules - 1 }, (_, i) => own(`n${i}`))
  const almost = rulesetOf(ada, { own: { override: many }, predefined: {} })
  const full = put(almost, 'last')
  expect(errorOf(() => put(full, 'more'))).toBe('413 M_TOO_LARGE')
  expect(errorOf(() => put(full, 'last', { body: { actions: [] } }))).toBe('none')

  const sized = (bytes: number): PushAction[] => [
    { set_tweak: 'x'.repeat(bytes - '[[],"",[{"set_tweak":""}]]'.length) },
  ]
  const master = ['override', '.m.rule.master'] as const
  expect(errorOf(() => setRuleActions(fresh, ...master, sized(maxRuleBytes)))).toBe('none')
  expect(errorOf(() => setRuleActions(fresh, ...master, sized(maxRuleBytes + 1)))).toBe('413 M_TOO_LARGE')
  expect(errorOf(() => put(fresh, 'a', { body: { actions: sized(maxRuleBytes + 1) } }))).toBe('413 M_TOO_LARGE')
  const pattern = 'é'.repeat(maxRuleBytes / 2)
  expect(errorOf(() => put(fresh, 'a', { kind: 'content', body: { actions: [], pattern } }))).toBe('413 M_TOO_LARGE')
})

test('only what was changed is kept', () => {
  expect(changesOf(ada, fresh)).toEqual(noRuleChanges)
  const changed = enableRule(
    setRuleActions(having('a'), 'underride', '.m.rule.message', []),
    'underride',
    '.m.rule.call',
    false,
  )
  expect(changesOf(ada, changed)).toEqual({
    own: { underride: [{ rule_id: 'a', enabled: true, conditions: [], actions: ['notify'] }] },
    predefined: { '.m.rule.message': { actions: [] }, '.m.rule.call': { enabled: false } },
  })
  const back = enableRule(
    deleteRule(setRuleActions(changed, 'underride', '.m.rule.message', ['notify']), 'underride', 'a'),
    'underride',
    '.m.rule.call',
    true,
  )
  expect(changesOf(ada, back)).toEqual(noRuleChanges)
})

test('changes of predefined rules that there no longer are do nothing', () => {
  expect(rulesetOf(ada, { own: {}, predefined: { '.m.rule.roomnotif': { enabled: false } } })).toEqual(fresh)
})

/** Ids that rules of a kind may have, so that most steps can be taken. */
const idsOf: Record<PushRuleKind, readonly string[]> = {
  override: ['a', 'b', 'c', '.m.rule.master', '.m.rule.reaction'],
  content: ['a', 'b', 'c'],
  room: [room, '!kitchen:one.example'],
  sender: [ada, '@bea:two.example'],
  underride: ['a', 'b', 'c', '.m.rule.message', '.m.rule.call'],
}
const step = fc.constantFrom(...pushRuleKinds).chain((kind) =>
  fc.record({
    run: fc.constantFrom('put', 'put', 'delete', 'enable', 'act'),
    kind: fc.constant(kind),
    ruleId: fc.constantFrom(...idsOf[kind]),
    place: fc.constantFrom({}, {}, { before: 'a' }, { after: 'b' }),
    enabled: fc.boolean(),
    actions: fc.constantFrom<PushAction[]>([], ['notify'], ['notify', { set_tweak: 'highlight' }]),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

function take(ruleset: PushRuleset, { run, kind, ruleId, place, enabled, actions }: Step): PushRuleset {
  const pattern = kind === 'content' ? { pattern: 'cake' } : {}
  if (run === 'put') return putRule(ruleset, { kind, ruleId, body: { actions, ...pattern }, ...place })
  if (run === 'delete') return deleteRule(ruleset, kind, ruleId)
  return run === 'enable' ? enableRule(ruleset, kind, ruleId, enabled) : setRuleActions(ruleset, kind, ruleId, actions)
}

test('whatever was done, the kept form gives the same rules back, and nothing is out of order', () => {
  let taken = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => {
      let ruleset = fresh
      for (const one of steps) {
        if (errorOf(() => take(ruleset, one)) !== 'none') continue
        ruleset = take(ruleset, one)
        taken++
      }
      const kept: typeof noRuleChanges = JSON.parse(JSON.stringify(changesOf(ada, ruleset)))
      expect(rulesetOf(ada, kept)).toEqual(ruleset)
      for (const kind of pushRuleKinds) {
        const all = ids(ruleset, kind).filter((id) => id !== '.m.rule.master')
        expect(new Set(all).size).toBe(all.length)
        expect(all.toSorted((one, other) => Number(one.startsWith('.')) - Number(other.startsWith('.')))).toEqual(all)
        expect(all.filter((id) => id.startsWith('.'))).toEqual(ids(fresh, kind).filter((id) => id !== '.m.rule.master'))
      }
      expect(ids(ruleset, 'override')[0]).toBe('.m.rule.master')
    }),
    { seed: 5, numRuns: 300 },
  )
  expect(taken).toBeGreaterThan(1000)
})
