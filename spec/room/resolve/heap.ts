/** A binary heap: gives out the foremost of what was put in. */
export class Heap<Item> {
  readonly #items: Item[] = []
  readonly #isBefore: (a: Item, b: Item) => boolean

  constructor(isBefore: (a: Item, b: Item) => boolean) {
    this.#isBefore = isBefore
  }

  push(item: Item): void {
    let at = this.#items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(this.#items[at]!, this.#items[parent]!)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  /** Takes out the foremost; nothing if the heap is empty. */
  pop(): Item | undefined {
    const first = this.#items[0]
    const last = this.#items.pop()
    if (this.#items.length === 0 || last === undefined) return last
    this.#items[0] = last
    for (let at = 0; ;) {
      const least = this.#leastOf(at)
      if (least === at) return first
      this.#swap(at, least)
      at = least
    }
  }

  /** The place of the foremost of an item and its two children. */
  #leastOf(at: number): number {
    const items = this.#items
    let least = at
    for (let child = 2 * at + 1; child <= 2 * at + 2 && child < items.length; child++) {
      if (this.#isBefore(items[child]!, items[least]!)) least = child
    }
    return least
  }

  #swap(a: number, b: number): void {
    const kept = this.#items[a]!
    this.#items[a] = this.#items[b]!
    this.#items[b] = kept
  }
}
