import type { RoomId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { checkSession, onSessionEnd } from '#node/accounts/session-end.ts'
import { subscribe } from '#node/stream/wake.ts'
import { readRange } from './read-messages.ts'
import { outside } from './room.ts'
import { parseToken, tokenOf, viewOf } from './room-view.ts'

const usualWaitMs = 30_000
const longestWaitMs = 60_000
const largestPage = 100

const waitingOf = perNode(() => ({ isOver: false, ends: new Set<() => void>() }))

/** Ends whatever waits, now and from now on: the node stops. */
export function endListening(deps: Deps): void {
  const waiting = waitingOf(deps)
  waiting.isOver = true
  for (const end of [...waiting.ends]) end()
}

interface Asked {
  readonly roomId: RoomId
  readonly from: string | undefined
  readonly timeoutMs: number | undefined
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal
}

/**
 * What happens in a room after a token, as JSON text; waits for it for a while. It subscribes before it reads, so that nothing falls between.
 * Whoever the room is closed to in the meantime is told so, and whoever is logged out.
 */
export async function listenToRoom(
  deps: Deps,
  reader: Identity,
  { roomId, from, timeoutMs, signal }: Asked,
): Promise<string> {
  const start = from === undefined ? deps.stream.head : parseToken(from)
  const endsAt = deps.clock.now() + Math.min(timeoutMs ?? usualWaitMs, longestWaitMs)
  const bell = ring(deps, { roomId, reader, signal })
  let after = start
  try {
    for (;;) {
      bell.reset()
      await checkSession(deps, reader)
      const view = await viewOf(deps, reader.userId, roomId)
      if (!view.isCurrent) throw outside()
      const range = { after, upTo: view.upTo, direction: 'f', limit: largestPage } as const
      const { texts, next } = await readRange(deps, reader, roomId, range)
      if (bell.isOver()) await checkSession(deps, reader)
      after = next ?? Math.max(after, view.upTo)
      const left = endsAt - deps.clock.now()
      if (texts.length > 0 || left <= 0 || bell.isOver())
        return `{"start":"${tokenOf(start)}","end":"${tokenOf(after)}","chunk":[${texts.join(',')}]}`
      if (next === undefined) await bell.rings(left)
    }
  } finally {
    bell.stop()
  }
}

function ring(deps: Deps, { roomId, reader, signal }: { roomId: RoomId; reader: Identity; signal: AbortSignal }) {
  const waiting = waitingOf(deps)
  let wake = Promise.withResolvers<void>()
  let hasEnded = false
  const call = () => wake.resolve()
  const unsubscribe = subscribe(deps, { rooms: [roomId], user: reader.userId }, call)
  const unwatch = onSessionEnd(deps, reader, () => {
    hasEnded = true
    call()
  })
  waiting.ends.add(call)
  signal.addEventListener('abort', call)
  return {
    isOver: () => waiting.isOver || hasEnded || signal.aborted,
    reset: () => void (wake = Promise.withResolvers<void>()),
    async rings(ms: number) {
      const cancel = deps.clock.after(ms, call)
      await wake.promise
      cancel()
    },
    stop() {
      unsubscribe()
      unwatch()
      waiting.ends.delete(call)
      signal.removeEventListener('abort', call)
    },
  }
}
