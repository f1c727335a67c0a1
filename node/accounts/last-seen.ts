import { transaction } from '#node/db/transaction.ts'
import { perNode, type Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { updateLastSeen, type Seen } from './store.ts'

/** Written this often, in one statement for all devices: a write per request would cost more than the request. */
const writeEveryMs = 60_000
const maxUserAgentLength = 255

const seenOf = perNode(() => new Map<string, Seen>())

/** Remembers that a device called; in memory only. */
export function noteSeen(deps: Deps, who: Identity, from: { address: string; userAgent: string | undefined }): void {
  const seen = seenOf(deps)
  const at = deps.clock.now()
  const userAgent = from.userAgent?.slice(0, maxUserAgentLength) ?? null
  seen.set(who.tokenHash, { userId: who.userId, deviceId: who.deviceId, at, address: from.address, userAgent })
}

/** Writes down what was noted since the last time. */
export async function writeSeen(deps: Deps): Promise<void> {
  const seen = seenOf(deps)
  if (seen.size === 0) return
  const byDevice = new Map([...seen.values()].map((one) => [`${one.userId} ${one.deviceId}`, one]))
  seen.clear()
  await transaction(deps.sql, (tx) => updateLastSeen(tx, [...byDevice.values()]))
}

/** Writes every minute until the answer is called, which writes a last time. */
export function keepWritingSeen(deps: Deps): () => Promise<void> {
  const state = { running: Promise.resolve(), cancel: () => undefined as void }
  const next = () => {
    state.cancel = deps.clock.after(writeEveryMs, () => {
      state.running = writeOrWarn(deps)
      next()
    })
  }
  next()
  return async () => {
    state.cancel()
    await state.running
    await writeOrWarn(deps)
  }
}

/** Not worth a failure: the next request tells the same. */
const writeOrWarn = (deps: Deps): Promise<void> =>
  writeSeen(deps).catch((error: unknown) => deps.log.warn({ err: error }, 'last seen not written'))
