/** A value that changes. Neither function needs `this`, so `useSyncExternalStore(s.subscribe, s.get)` works as it stands. */
export interface Signal<T> {
  /** The present value. It is never changed in place. */
  readonly get: () => T
  /** Calls `listener` after each change, once per batch. Returns the end of it. */
  readonly subscribe: (listener: () => void) => () => void
}

/** A signal together with the right to change it. */
export interface WritableSignal<T> extends Signal<T> {
  /** Sets the value; listeners hear of it unless it is the one that stood there. */
  readonly set: (value: T) => void
}

let depth = 0
const waiting = new Set<() => void>()

/** A new signal. */
export function signal<T>(initial: T): WritableSignal<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      if (Object.is(value, next)) return
      value = next
      batch(() => listeners.forEach((listener) => waiting.add(listener)))
    },
    subscribe(listener) {
      // A function of its own, so that one listener may subscribe twice.
      const own = (): void => listener()
      listeners.add(own)
      return () => {
        listeners.delete(own)
        waiting.delete(own)
      }
    },
  }
}

/** Runs `change`; the listeners of all signals that it sets are called after it, each once, also when it throws. */
export function batch<T>(change: () => T): T {
  depth += 1
  try {
    return change()
  } finally {
    depth -= 1
    if (depth === 0) flush()
  }
}

/** A listener that throws must not keep the others from hearing: its error is raised on its own, later. */
function flush(): void {
  const listeners = [...waiting]
  waiting.clear()
  for (const listener of listeners) {
    try {
      listener()
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
