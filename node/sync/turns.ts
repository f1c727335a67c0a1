import { perNode, type Deps } from '#node/deps.ts'

/** How many answers are made at a time: when a thousand readers are woken at once, the log must still get a connection to the database. */
const mostAtATime = 4

const turnsOf = perNode(() => ({ underWay: 0, waiting: [] as (() => void)[] }))

/** Runs `work` when few others are at it, first come, first served. */
export async function inTurn<T>(deps: Deps, work: () => Promise<T>): Promise<T> {
  const turns = turnsOf(deps)
  if (turns.underWay >= mostAtATime) await new Promise<void>((resolve) => void turns.waiting.push(resolve))
  else turns.underWay++
  try {
    return await work()
  } finally {
    const next = turns.waiting.shift()
    if (next) next()
    else turns.underWay--
  }
}
