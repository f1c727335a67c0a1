import { perNode, type Deps } from '#node/deps.ts'

const queuesOf = perNode(() => new Map<string, Promise<void>>())

/** Runs `work` when all work queued before it under this key has settled: what it reads cannot change before it writes. */
export async function inTurn<T>(deps: Deps, key: string, work: () => Promise<T>): Promise<T> {
  const queues = queuesOf(deps)
  const before = queues.get(key)
  const { promise, resolve } = Promise.withResolvers<void>()
  queues.set(key, promise)
  await before
  try {
    return await work()
  } finally {
    if (queues.get(key) === promise) queues.delete(key)
    resolve()
  }
}
