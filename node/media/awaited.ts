import { mxcOf, type MediaAddress } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'

const waitersOf = perNode(() => new Map<string, Set<() => void>>())

/** Tells everybody who waits for the file of this address. */
export function announceArrival(deps: Deps, address: MediaAddress): void {
  for (const tell of waitersOf(deps).get(mxcOf(address)) ?? []) tell()
}

/** Waits until a file may have arrived, `ms` are over, or the caller is gone. Must be called before looking whether it is there. */
export function arrivalOf(deps: Deps, address: MediaAddress, ms: number, signal: AbortSignal) {
  const key = mxcOf(address)
  const waiters = waitersOf(deps)
  const { promise, resolve } = Promise.withResolvers<void>()
  const those = waiters.get(key) ?? new Set()
  waiters.set(key, those.add(resolve))
  const cancel = deps.clock.after(ms, resolve)
  signal.addEventListener('abort', () => resolve(), { once: true })
  if (signal.aborted) resolve()
  const end = () => {
    cancel()
    those.delete(resolve)
    if (those.size === 0) waiters.delete(key)
  }
  return { arrived: promise, end }
}

/** The node stops: nobody waits any longer. */
export function endWaiting(deps: Deps): void {
  for (const those of waitersOf(deps).values()) for (const tell of those) tell()
}
