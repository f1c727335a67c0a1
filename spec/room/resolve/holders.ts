/** A set of state sets: the bit of each is 1 shifted by its index. */
export type Holders = bigint

/** The state sets up to an index, without it. */
export const firstHolders = (count: number): Holders => (1n << BigInt(count)) - 1n

/** The one state set with an index. */
export const holderAt = (index: number): Holders => 1n << BigInt(index)

/** The state sets of either; that of which nothing new comes is not made anew. */
export const union = (a: Holders, b: Holders): Holders => (a === 0n ? b : b === 0n || a === b ? a : a | b)
