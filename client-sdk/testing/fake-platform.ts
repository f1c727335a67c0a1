import type { Platform } from '../platform.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** A platform whose time moves when the test says so, and whose chance is always the middle. */
export class FakePlatform implements Platform {
  #now = 1_000_000
  #ids = 0
  readonly #timers = new Set<Timer>()
  readonly #wakers = new Set<() => void>()
  hidden = false
  fetch: Platform['fetch'] = () => Promise.reject(new TypeError('nobody there'))
  openSocket: Platform['openSocket'] = () => {
    throw new Error('no sockets here')
  }

  now = (): number => this.#now
  random = (): number => 0.5
  randomId = (): string => `id${++this.#ids}`

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  isHidden = (): boolean => this.hidden

  onWake = (listener: () => void): (() => void) => {
    this.#wakers.add(listener)
    return () => this.#wakers.delete(listener)
  }

  /** The machine comes back from sleep. */
  wake(): void {
    this.#wakers.forEach((listener) => listener())
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Lets time pass, with everything that happens in it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#now = next.at
      next.run()
      await settle()
    }
    this.#now = end
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
