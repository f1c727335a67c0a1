/** How long to wait before the next attempt, in milliseconds; `undefined` gives the job up. `attempts` counts those that failed, from 1. */
export type Backoff = (attempts: number) => number | undefined

/**
 * Doubles from `firstMs` to `mostMs`, then stays there; gives up after `attempts`, if that is said. Whoever runs many lanes at once adds
 * no chance to it: lanes that failed together were started by different causes, and the worker takes only some of them at a time.
 */
export const doubling =
  (firstMs: number, mostMs: number, attempts = Infinity): Backoff =>
  (failed) =>
    failed >= attempts ? undefined : Math.min(mostMs, firstMs * 2 ** Math.min(failed - 1, 40))

/** From five seconds to an hour, for ever: what must be done at last, however long the other side is away. */
export const patient: Backoff = doubling(5_000, 3_600_000)
