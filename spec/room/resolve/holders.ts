/** A set of state sets: a number by which `HolderSets` knows it. Equal sets have equal numbers. */
export type Holders = number

export const noHolders: Holders = 0

/**
 * The sets of state sets that come up, each made once: there may be more state sets than a number has bits, but events differ little in
 * who holds them.
 */
export class HolderSets {
  readonly all: Holders
  /** The state sets in each, as bits. */
  readonly #bits: bigint[] = []
  readonly #numbers = new Map<bigint, Holders>()
  /** What was asked before, by the one and then by the other. */
  readonly #unions: Map<Holders, Holders>[] = []

  constructor(count: number) {
    this.#numberOf(0n)
    this.all = this.#numberOf((1n << BigInt(count)) - 1n)
  }

  /** The one state set with an index. */
  only(index: number): Holders {
    return this.#numberOf(1n << BigInt(index))
  }

  /** The state sets of either. */
  union(a: Holders, b: Holders): Holders {
    if (a === b || b === noHolders || a === this.all) return a
    if (a === noHolders || b === this.all) return b
    const known = this.#unions[a]!.get(b)
    if (known !== undefined) return known
    const made = this.#numberOf(this.#bits[a]! | this.#bits[b]!)
    this.#unions[a]!.set(b, made)
    return made
  }

  #numberOf(bits: bigint): Holders {
    const known = this.#numbers.get(bits)
    if (known !== undefined) return known
    const number = this.#bits.push(bits) - 1
    this.#unions.push(new Map())
    this.#numbers.set(bits, number)
    return number
  }
}
