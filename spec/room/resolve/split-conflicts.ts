import type { EventId } from '#spec/ids.ts'
import type { StateMap } from './state-map.ts'

/** What the state sets agree on, and what they do not. */
export interface Split {
  /** Keys that have the same event in every set. */
  readonly unconflicted: StateMap
  /** Every event under any other key. */
  readonly conflicted: ReadonlySet<EventId>
}

/** Divides state sets into the unconflicted state map and the conflicted state set. Room version 12, "Definitions". */
export function splitConflicts(stateSets: readonly StateMap[]): Split {
  const unconflicted = new Map<string, EventId>()
  const conflicted = new Set<EventId>()
  stateSets.forEach((stateSet, i) => {
    for (const [key, id] of stateSet) {
      if (stateSets.every((other) => other.get(key) === id)) {
        if (i === 0) unconflicted.set(key, id)
      } else conflicted.add(id)
    }
  })
  return { unconflicted, conflicted }
}
