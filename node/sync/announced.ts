import type { Deps } from '#node/deps.ts'

/**
 * Resolves when what is in the database up to `position` has been announced in this process: between COMMIT and the announcement a reader
 * may see rows of which memory does not know yet.
 */
export async function announced(deps: Deps, position: number): Promise<void> {
  if (deps.stream.head >= position) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = deps.stream.onCommit(() => resolve())
  // A log that has come to rest announces nothing more.
  await Promise.race([promise, deps.stream.idle()])
  stop()
}
