import { invalidParam, MatrixError, missingParam, notFound } from '#spec/errors.ts'
import { isRoomId, isUserId } from '#spec/ids.ts'
import { isLongerThan, utf8Length } from '#spec/limits.ts'
import { conditionsOf, equalityOf } from './conditions.ts'
import { isPredefinedId, masterRuleId } from './predefined-rules.ts'
import { pushRuleKinds, type PushAction, type PushRule, type PushRuleKind, type PushRuleset } from './push-rule.ts'
import type { PushRuleBody } from './rule-schemas.ts'

/*
 * What users may do to their rules: each function takes a ruleset and gives the changed one. Client-Server API, "Push Rules: API".
 */

/** The most rules that a user may make. Ours, as the two below: the specification names none. */
export const maxOwnRules = 1000
/** The longest id of a rule, in bytes. */
export const maxRuleIdBytes = 300
/** The most bytes that a rule's conditions, pattern and actions take as JSON. */
export const maxRuleBytes = 1024

/**
 * How long the patterns of a user's own rules may be together, each with one character more than it has: all of them go through every message that the
 * user gets. Those that only ask a property to be a text do not count.
 */
export const maxPatternsLength = 4096

/** A rule's place: right before or right after another rule of the user's own. `before` counts where both are given. */
export interface RulePlace {
  readonly before?: string | undefined
  readonly after?: string | undefined
}

/** A rule that a client puts. */
export interface PushRuleDraft extends RulePlace {
  readonly kind: PushRuleKind
  readonly ruleId: string
  readonly body: PushRuleBody
}

/** A rule by kind and id. Throws M_NOT_FOUND. */
export function findRule(ruleset: PushRuleset, kind: PushRuleKind, ruleId: string): PushRule {
  const found = ruleset[kind].find((rule) => rule.rule_id === ruleId)
  if (found === undefined) throw notFound('There is no such push rule')
  return found
}

/**
 * Adds a rule or changes one; a changed one stays as enabled as it was, and where it was unless told. A new one is enabled and the first of the
 * user's own. Throws M_INVALID_PARAM for an id that is not allowed and for fields that the kind does not have; M_UNKNOWN (400) for a place beside
 * a rule that is not there or is predefined; M_MISSING_PARAM for a content rule without a pattern; M_TOO_LARGE.
 */
export function putRule(ruleset: PushRuleset, draft: PushRuleDraft): PushRuleset {
  const { kind, ruleId } = draft
  checkRuleId(kind, ruleId)
  const old = ruleset[kind].find((rule) => rule.rule_id === ruleId)
  const rule: PushRule = { rule_id: ruleId, default: false, enabled: old?.enabled ?? true, ...fieldsOf(draft) }
  const own = ownRules(ruleset[kind])
  const others = own.filter((other) => other.rule_id !== ruleId)
  if (old === undefined && countOwn(ruleset) >= maxOwnRules)
    throw tooLarge(`You have ${maxOwnRules} push rules, the most`)
  checkPatterns(ruleset, kind, rule)
  const place = placeOf(draft, others) ?? (old === undefined ? 0 : own.indexOf(old))
  return withOwnRules(ruleset, kind, others.toSpliced(place, 0, rule))
}

/** Takes a rule away. Throws M_NOT_FOUND; M_INVALID_PARAM for a predefined one. */
export function deleteRule(ruleset: PushRuleset, kind: PushRuleKind, ruleId: string): PushRuleset {
  if (findRule(ruleset, kind, ruleId).default) throw invalidParam('A predefined push rule can be disabled, not deleted')
  return { ...ruleset, [kind]: ruleset[kind].filter((rule) => rule.rule_id !== ruleId) }
}

/** Enables or disables a rule, predefined ones too. Throws M_NOT_FOUND. */
export const enableRule = (ruleset: PushRuleset, kind: PushRuleKind, ruleId: string, enabled: boolean): PushRuleset =>
  replaceRule(ruleset, kind, { ...findRule(ruleset, kind, ruleId), enabled })

/** Sets what a rule does, predefined ones too. Throws M_NOT_FOUND, M_TOO_LARGE. */
export function setRuleActions(
  ruleset: PushRuleset,
  kind: PushRuleKind,
  ruleId: string,
  actions: readonly PushAction[],
): PushRuleset {
  const rule = { ...findRule(ruleset, kind, ruleId), actions }
  checkSize(rule)
  return replaceRule(ruleset, kind, rule)
}

/** The rules of one kind in the order in which they are tried: the master rule, the user's own, the other predefined ones. */
export function inOrder(own: readonly PushRule[], predefined: readonly PushRule[]): readonly PushRule[] {
  const isMaster = (rule: PushRule): boolean => rule.rule_id === masterRuleId
  return [...predefined.filter(isMaster), ...own, ...predefined.filter((rule) => !isMaster(rule))]
}

/** The user's own rules of a list. */
export const ownRules = (rules: readonly PushRule[]): readonly PushRule[] => rules.filter((rule) => !rule.default)

const withOwnRules = (ruleset: PushRuleset, kind: PushRuleKind, own: readonly PushRule[]): PushRuleset => ({
  ...ruleset,
  [kind]: inOrder(
    own,
    ruleset[kind].filter((rule) => rule.default),
  ),
})

const replaceRule = (ruleset: PushRuleset, kind: PushRuleKind, changed: PushRule): PushRuleset => ({
  ...ruleset,
  [kind]: ruleset[kind].map((rule) => (rule.rule_id === changed.rule_id ? changed : rule)),
})

const countOwn = (ruleset: PushRuleset): number => Object.values(ruleset).flatMap(ownRules).length

function checkRuleId(kind: PushRuleKind, ruleId: string): void {
  if (isPredefinedId(ruleId))
    throw invalidParam('Ids of push rules that start with a dot are those of predefined rules')
  if (ruleId === '' || /[/\\]/.test(ruleId)) throw invalidParam('The id of a push rule is not empty and has no slashes')
  if (isLongerThan(ruleId, maxRuleIdBytes))
    throw invalidParam(`The id of a push rule has ${maxRuleIdBytes} bytes at most`)
  if (kind === 'room' && !isRoomId(ruleId)) throw invalidParam('The id of a room rule is the id of the room')
  if (kind === 'sender' && !isUserId(ruleId)) throw invalidParam('The id of a sender rule is the id of the user')
}

type RuleFields = Pick<PushRule, 'conditions' | 'pattern' | 'actions'>
type SizedFields = { readonly [Field in keyof RuleFields]: RuleFields[Field] | undefined }

/** The fields that a rule of this kind has. What another kind would have is refused: without it, the rule would match more than was asked for. */
function fieldsOf({ kind, body }: PushRuleDraft): RuleFields {
  const { conditions = [], pattern, actions } = body
  checkSize(body)
  const isConditional = kind === 'override' || kind === 'underride'
  if (!isConditional && conditions.length > 0) throw invalidParam('Only override and underride rules have conditions')
  if (kind !== 'content' && pattern !== undefined) throw invalidParam('Only content rules have a pattern')
  if (isConditional) return { conditions, actions }
  if (kind !== 'content') return { actions }
  if (pattern === undefined) throw missingParam('A content rule needs a pattern')
  return { pattern, actions }
}

function checkSize({ conditions = [], pattern = '', actions }: SizedFields): void {
  if (utf8Length(JSON.stringify([conditions, pattern, actions])) > maxRuleBytes)
    throw tooLarge(`A push rule has ${maxRuleBytes} bytes at most`)
}

/** Checked where the new rule has patterns, so that any other can be changed whatever there was before. */
function checkPatterns(ruleset: PushRuleset, kind: PushRuleKind, rule: PushRule): void {
  const added = patternsLength(kind, rule)
  const old = ruleset[kind].filter(({ rule_id }) => rule_id === rule.rule_id)
  const others = pushRuleKinds.flatMap((one) => ownRules(ruleset[one]).map((other) => patternsLength(one, other)))
  const sum = [...others, added, ...old.map((one) => -patternsLength(kind, one))].reduce((a, b) => a + b, 0)
  if (added > 0 && sum > maxPatternsLength)
    throw tooLarge(`The patterns of your push rules have ${maxPatternsLength} characters at most, together`)
}

function patternsLength(kind: PushRuleKind, rule: PushRule): number {
  const globs = conditionsOf(kind, rule).filter(
    (condition) => condition.kind === 'event_match' && equalityOf(condition) === undefined,
  )
  return globs.reduce((sum, { pattern }) => sum + (typeof pattern === 'string' ? pattern.length + 1 : 0), 0)
}

/** Where among the user's other rules one is asked to stand; nothing if no place was asked for. */
function placeOf({ before, after }: RulePlace, others: readonly PushRule[]): number | undefined {
  const [first, second] = [before, after].map((ruleId) =>
    ruleId === undefined ? undefined : indexOfRule(others, ruleId),
  )
  return first ?? (second === undefined ? undefined : second + 1)
}

function indexOfRule(rules: readonly PushRule[], ruleId: string): number {
  const index = rules.findIndex((rule) => rule.rule_id === ruleId)
  if (index === -1)
    throw new MatrixError('M_UNKNOWN', `There is no push rule of your own to stand beside: ${ruleId.slice(0, 64)}`, {
      status: 400,
    })
  return index
}

const tooLarge = (message: string): MatrixError => new MatrixError('M_TOO_LARGE', message)
