import type { Percentiles } from './load-plan.ts'

/** A growing list of times in ms, without an object for each. */
export class Times {
  #values = new Float64Array(4096)
  #count = 0

  add(ms: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#count * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#count++] = ms
  }

  /** 0 where there are none. */
  percentiles(): Percentiles {
    const sorted = this.#values.slice(0, this.#count).sort()
    const at = (share: number) => sorted[Math.min(this.#count - 1, Math.floor(this.#count * share))] ?? 0
    return { p50: at(0.5), p99: at(0.99) }
  }
}
