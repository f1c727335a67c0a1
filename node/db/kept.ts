/**
 * What was read from the database, by key, kept until somebody says that it is another. What was being read while that was said is
 * answered, and not kept: it may be of before. All that is kept has a size of `most`; what was kept first makes room.
 */
export class Kept<Value extends object> {
  readonly #most: number
  readonly #sizeOf: (value: Value) => number
  readonly #values = new Map<string, Value>()
  /** The newest reading of each key: whoever forgets the key takes it away. */
  readonly #readings = new Map<string, symbol>()

  #size = 0

  constructor(most: number, sizeOf: (value: Value) => number = () => 1) {
    this.#most = most
    this.#sizeOf = sizeOf
  }

  get(key: string): Value | undefined {
    return this.#values.get(key)
  }

  /** What is kept, or else what `read` answers; that is kept if it is not forgotten meanwhile and `isLasting`. */
  async getOrRead(
    key: string,
    read: () => Promise<Value>,
    isLasting: (value: Value) => boolean = () => true,
  ): Promise<Value> {
    const found = this.#values.get(key)
    if (found !== undefined) return found
    const reading = Symbol()
    this.#readings.set(key, reading)
    try {
      const value = await read()
      if (this.#readings.get(key) === reading && isLasting(value)) this.#keep(key, value)
      return value
    } finally {
      if (this.#readings.get(key) === reading) this.#readings.delete(key)
    }
  }

  forget(key: string): void {
    this.#drop(key)
    this.#readings.delete(key)
  }

  forgetAll(): void {
    this.#values.clear()
    this.#readings.clear()
    this.#size = 0
  }

  #keep(key: string, value: Value): void {
    this.#drop(key)
    this.#values.set(key, value)
    this.#size += this.#sizeOf(value)
    for (const first of this.#values.keys()) {
      if (this.#size <= this.#most) return
      this.#drop(first)
    }
  }

  #drop(key: string): void {
    const value = this.#values.get(key)
    if (value === undefined) return
    this.#values.delete(key)
    this.#size -= this.#sizeOf(value)
  }
}
