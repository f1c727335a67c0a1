import type { Deps } from '#node/deps.ts'
import { checkSession } from '#node/accounts/session-end.ts'
import type { Identity } from '#node/http/route.ts'
import { Bell } from './bell.ts'
import { buildAnswer, type Answer } from './build-answer.ts'
import type { Reader } from './reader.ts'

const longestWaitMs = 60_000

/**
 * The first answer that is not empty, or the empty one when the time is over or the caller, who is heard through `signal`, has gone.
 *
 * What waits subscribes before it reads, so that whatever is committed between its reading and its waiting has already called it. Which
 * rooms to subscribe to it learns by reading: after a change of these it reads once more. Whoever is logged out while they wait is told so at once.
 */
export async function waitForNews(
  deps: Deps,
  reader: Reader,
  since: number,
  { timeoutMs, signal, identity }: { timeoutMs: number; signal: AbortSignal; identity: Identity },
): Promise<Answer> {
  const endsAt = deps.clock.now() + Math.min(timeoutMs, longestWaitMs)
  const bell = new Bell(deps, identity, signal)
  try {
    for (;;) {
      bell.reset()
      await checkSession(deps, identity)
      const answer = await buildAnswer(deps, reader, since)
      if (bell.isOver) await checkSession(deps, identity)
      const left = endsAt - deps.clock.now()
      if (!answer.isEmpty || left <= 0 || bell.isOver) return answer
      if (!bell.listenTo(answer)) await bell.rings(left)
    }
  } finally {
    bell.stop()
  }
}
