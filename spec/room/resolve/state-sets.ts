import type { EventId } from '#spec/ids.ts'
import type { StateDifference, StateMap } from './state-map.ts'

/**
 * The states of branches that meet: a state that they go back to, and what each has otherwise. Any state will do as the base; the
 * nearer it is, the smaller the differences, and only these are walked.
 */
export interface StateSets {
  readonly base: StateMap
  /** One for each branch. */
  readonly differences: readonly StateDifference[]
}

/** Whole states as differences from the first. */
export function stateSetsOf(states: readonly StateMap[]): StateSets {
  const base = states[0] ?? new Map<string, EventId>()
  return { base, differences: states.map((state) => differenceOf(base, state)) }
}

/** What makes one state of another. */
export function differenceOf(from: StateMap, to: StateMap): StateDifference {
  const difference = new Map<string, EventId | undefined>()
  if (from === to) return difference
  for (const [key, id] of to) if (from.get(key) !== id) difference.set(key, id)
  for (const key of from.keys()) if (!to.has(key)) difference.set(key, undefined)
  return difference
}

/** A state with a difference applied. */
export function withDifference(base: StateMap, difference: StateDifference): StateMap {
  if (difference.size === 0) return base
  const state = new Map(base)
  for (const [key, id] of difference) {
    if (id === undefined) state.delete(key)
    else state.set(key, id)
  }
  return state
}
