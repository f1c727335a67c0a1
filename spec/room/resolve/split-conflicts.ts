import type { EventId } from '#spec/ids.ts'
import type { StateMap } from './state-map.ts'
import type { StateSets } from './state-sets.ts'

/** A key that some difference names. */
export interface NamedKey {
  /** What each state set has under it. */
  readonly ids: readonly (EventId | undefined)[]
  readonly inBase: EventId | undefined
  readonly isConflicted: boolean
}

/** What the state sets agree on, and what they do not. */
export interface Split {
  readonly base: StateMap
  /** All other keys are unconflicted, as the base has them. */
  readonly named: ReadonlyMap<string, NamedKey>
  readonly hasConflicts: boolean
}

/** Divides state sets into the unconflicted state map and the conflicted state set. Room version 12, "Definitions". */
export function splitConflicts({ base, differences }: StateSets): Split {
  const named = new Map<string, NamedKey>()
  let hasConflicts = false
  for (const naming of differences) {
    for (const key of naming.keys()) {
      if (named.has(key)) continue
      const inBase = base.get(key)
      const ids = differences.map((difference) => {
        const id = difference.get(key)
        return id !== undefined || difference.has(key) ? id : inBase
      })
      const isConflicted = ids.some((id) => id !== ids[0])
      named.set(key, { ids, inBase, isConflicted })
      hasConflicts ||= isConflicted
    }
  }
  return { base, named, hasConflicts }
}

/** What a key has in the unconflicted state map. */
export function unconflictedIn({ base, named }: Split, key: string): EventId | undefined {
  const own = named.get(key)
  if (own === undefined) return base.get(key)
  return own.isConflicted ? undefined : own.ids[0]
}
