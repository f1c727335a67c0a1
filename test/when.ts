import type { Signal } from '#client-sdk/signal.ts'

/** Waits for what a test expects to happen, never longer than this, in ms. */
const patienceMs = 15_000

/** Resolves with what `find` makes of the signal's value, as soon as that is something other than `undefined` or `false`. */
export function when<T, Found>(
  signal: Signal<T>,
  find: (value: T) => Found | undefined | false,
  what = 'what the test waits for',
): Promise<Found> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = find(signal.get())
      if (found === undefined || found === false) return
      end()
      resolve(found)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error(`Waited ${patienceMs / 1000} s for ${what}.`))
    }, patienceMs)
    const unsubscribe = signal.subscribe(look)
    const end = () => {
      clearTimeout(timer)
      unsubscribe()
    }
    look()
  })
}
