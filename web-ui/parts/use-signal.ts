import { useSyncExternalStore } from 'react'

/** Anything that has a present value and tells of changes. */
export interface Readable<Value> {
  get(): Value
  subscribe(listener: () => void): () => void
}

export const useSignal = <Value>(signal: Readable<Value>): Value => useSyncExternalStore(signal.subscribe, signal.get)
