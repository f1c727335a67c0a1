/** Chance that can be repeated: the same seed gives the same throws. */
export interface Dice {
  /** From 0 up to, and without, 1. */
  next(): number
  /** A whole number from 0 up to, and without, `count`. */
  below(count: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** Dice of one's own, which the throws of others do not disturb. */
  fork(): Dice
}

/** The generator "mulberry32": 32 bits of state are plenty for choosing moments and rooms. */
export function diceFrom(seed: number): Dice {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)]!,
    fork: () => diceFrom(below(2 ** 32)),
  }
}
