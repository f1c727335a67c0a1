import type { EventId } from '#spec/ids.ts'
import type { StateMap } from './state-map.ts'
import type { StateSets } from './state-sets.ts'

/**
 * What the state sets agree on, and what they do not. Keys that some difference names have a place, from 0 on, and what is known of them stands in
 * lists under it; all other keys are unconflicted, as the base has them.
 */
export interface Split {
  readonly base: StateMap
  readonly setCount: number
  readonly places: ReadonlyMap<string, number>
  readonly inBase: readonly (EventId | undefined)[]
  /** What each state set has: `setCount` for each place. */
  readonly ids: readonly (EventId | undefined)[]
  readonly isConflicted: readonly boolean[]
  readonly hasConflicts: boolean
}

/** Divides state sets into the unconflicted state map and the conflicted state set. Room version 12, "Definitions". */
export function splitConflicts({ base, differences }: StateSets): Split {
  const setCount = differences.length
  const places = new Map<string, number>()
  const inBase: (EventId | undefined)[] = []
  const ids: (EventId | undefined)[] = []
  for (let set = 0; set < setCount; set++) {
    differences[set]!.forEach((id, key) => {
      let place = places.get(key)
      if (place === undefined) {
        place = places.size
        places.set(key, place)
        const there = base.get(key)
        inBase.push(there)
        for (let other = 0; other < setCount; other++) ids.push(there)
      }
      ids[place * setCount + set] = id
    })
  }
  const isConflicted = inBase.map((_, place) => !isAgreed(ids, place * setCount, setCount))
  return { base, setCount, places, inBase, ids, isConflicted, hasConflicts: isConflicted.includes(true) }
}

function isAgreed(ids: readonly (EventId | undefined)[], from: number, count: number): boolean {
  for (let at = from + 1; at < from + count; at++) if (ids[at] !== ids[from]) return false
  return true
}

/** What a key has in the unconflicted state map. */
export function unconflictedIn(split: Split, key: string): EventId | undefined {
  const place = split.places.get(key)
  return place === undefined ? split.base.get(key) : agreedAt(split, place)
}

/** What the key at a place has in the unconflicted state map. */
export const agreedAt = ({ isConflicted, ids, setCount }: Split, place: number): EventId | undefined =>
  isConflicted[place] ? undefined : ids[place * setCount]
