import type { RoomId, UserId } from '#spec/ids.ts'
import { compileRules, evaluate, type CompiledRules, type PushVerdict } from '#spec/push/evaluate.ts'
import { foldCase } from '#spec/push/fold-case.ts'
import type { PreparedEvent } from '#spec/push/prepare-event.ts'
import type { PushCondition, PushRuleKind } from '#spec/push/push-rule.ts'
import { rulesetOf, type OwnRule, type PushRuleChanges } from '#spec/push/rule-changes.ts'
import type { Settings } from './settings.ts'

/*
 * People whose rules come to the same in a room are judged together, so that a message to a thousand people with the predefined rules is judged
 * once. What names the user (being mentioned, being invited) is left to a look at those who are named.
 */

/** What an event is to somebody. */
export interface Outcome {
  readonly notifies: boolean
  readonly highlights: boolean
}

export const noOutcome: Outcome = { notifies: false, highlights: false }

/** A highlight without a notification is none. */
const outcomeOf = (verdict: PushVerdict | undefined): Outcome =>
  verdict?.notify ? { notifies: true, highlights: verdict.highlight } : noOutcome

/** Somebody of this node in a room. */
export interface Member {
  readonly userId: UserId
  readonly displayName: string | undefined
  readonly settings: Settings
  readonly ruleClass: RuleClass
  /** As it is stored: plain messages of the room do not notify them. */
  isQuiet: boolean
}

/** People in a room whose rules come to the same. */
export interface RuleClass {
  readonly rules: CompiledRules
  /** Of rules that ask for it. */
  readonly displayName: string | undefined
  readonly members: Set<Member>
  /** Plain messages do not notify its people. */
  isQuiet: boolean
  /** Those of whom this is not yet stored. */
  readonly unsettled: Set<Member>
}

/** Stands for everybody: nobody is called this. */
const anybody = '' as UserId
const rulesAboutTheUser = ['.m.rule.is_user_mention', '.m.rule.invite_for_me']

export function newClass(changes: PushRuleChanges, displayName: string | undefined): RuleClass {
  const off = Object.fromEntries(rulesAboutTheUser.map((ruleId) => [ruleId, { enabled: false }]))
  const predefined = { ...changes.predefined, ...off }
  const rules = compileRules(anybody, rulesetOf(anybody, { ...changes, predefined }))
  return { rules, displayName, members: new Set(), isQuiet: false, unsettled: new Set() }
}

/** What an event is to the people of a class who did not send it and are not named in it. */
export const outcomeFor = ({ rules, displayName }: RuleClass, event: PreparedEvent): Outcome =>
  outcomeOf(evaluate(rules, event, displayName))

export const outcomeForOne = (rules: CompiledRules, event: PreparedEvent, displayName: string | undefined): Outcome =>
  outcomeOf(evaluate(rules, event, displayName))

/** What is left of somebody's changes in one room; rules that can have no say there are gone. */
export function changesIn(roomId: RoomId, { own, predefined }: PushRuleChanges): PushRuleChanges {
  const kept = Object.entries(own).flatMap(([kind, rules]) => {
    const relevant = rules.filter((rule) => mayDecide(roomId, kind as PushRuleKind, rule))
    return relevant.length === 0 ? [] : [[kind, relevant] as const]
  })
  return { own: Object.fromEntries(kept), predefined }
}

function mayDecide(roomId: RoomId, kind: PushRuleKind, { rule_id, enabled, conditions = [] }: OwnRule): boolean {
  if (!enabled) return false
  if (kind === 'room') return rule_id === roomId
  return !conditions.some((condition) => asksForOtherRoom(roomId, condition))
}

function asksForOtherRoom(roomId: RoomId, { kind, key, pattern }: PushCondition): boolean {
  if (kind !== 'event_match' || key !== 'room_id' || typeof pattern !== 'string' || /[*?]/.test(pattern)) return false
  return foldCase(pattern) !== foldCase(roomId)
}

/** True if the rules ask how their user is called. */
export const asksForName = ({ own }: PushRuleChanges): boolean =>
  Object.values(own).some((rules) =>
    rules.some(({ conditions = [] }) => conditions.some(({ kind }) => kind === 'contains_display_name')),
  )
