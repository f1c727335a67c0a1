import type { ConditionTest, Equality } from './conditions.ts'
import type { PreparedEvent } from './prepare-event.ts'

/*
 * The first of many rules that matches, without trying them all: most rules ask some property to be one text (a type, a room), so they are
 * looked up by that text, and only those that it fits are tried.
 */

/** A rule made ready, and what it leads to. */
export interface CompiledRule<Outcome> {
  /** A property that must be this, or the rule need not be tried. */
  readonly guard: Equality | undefined
  /** What must hold besides. */
  readonly tests: readonly ConditionTest[]
  readonly outcome: Outcome
}

interface Placed<Outcome> {
  /** The rule's place in the list. */
  readonly at: number
  readonly rule: CompiledRule<Outcome>
}

/** Rules in order, by their guards. */
export interface RuleList<Outcome> {
  readonly guarded: readonly GuardedRules<Outcome>[]
  readonly unguarded: readonly Placed<Outcome>[]
}

/** The rules whose guards ask for one property, by what they ask it to be. */
interface GuardedRules<Outcome> extends Omit<Equality, 'folded'> {
  readonly byText: Map<string, Placed<Outcome>[]>
}

/** Puts rules, the most important first, into a list. */
export function listRules<Outcome>(rules: readonly CompiledRule<Outcome>[]): RuleList<Outcome> {
  const unguarded: Placed<Outcome>[] = []
  const guarded = new Map<string, GuardedRules<Outcome>>()
  for (const [at, rule] of rules.entries()) {
    const { guard } = rule
    if (guard === undefined) {
      unguarded.push({ at, rule })
      continue
    }
    const group = guarded.get(guard.path) ?? { path: guard.path, names: guard.names, byText: new Map() }
    guarded.set(guard.path, group)
    const fitting = group.byText.get(guard.folded)
    if (fitting === undefined) group.byText.set(guard.folded, [{ at, rule }])
    else fitting.push({ at, rule })
  }
  return { guarded: [...guarded.values()], unguarded }
}

/** What the first rule that matches leads to. */
export function firstMatch<Outcome>(
  { guarded, unguarded }: RuleList<Outcome>,
  event: PreparedEvent,
  displayName: string | undefined,
): Outcome | undefined {
  let first: Placed<Outcome> | undefined
  for (const { path, names, byText } of guarded) {
    const { text } = event.property(path, names)
    const fitting = text && byText.get(text.folded)
    if (fitting !== undefined) first = earlier(first, fitting, event, displayName)
  }
  return earlier(first, unguarded, event, displayName)?.rule.outcome
}

/** The first of some rules that matches, unless what was found before stands before it. */
function earlier<Outcome>(
  found: Placed<Outcome> | undefined,
  rules: readonly Placed<Outcome>[],
  event: PreparedEvent,
  displayName: string | undefined,
): Placed<Outcome> | undefined {
  for (const placed of rules) {
    if (found !== undefined && found.at < placed.at) return found
    if (holds(placed.rule.tests, event, displayName)) return placed
  }
  return found
}

function holds(tests: readonly ConditionTest[], event: PreparedEvent, displayName: string | undefined): boolean {
  for (const test of tests) if (!test(event, displayName)) return false
  return true
}
