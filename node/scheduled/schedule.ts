import { limitExceeded, invalidParam, MatrixError } from '#spec/errors.ts'
import type { RoomId } from '#spec/ids.ts'
import { canonicalJson, type JsonObject } from '#spec/json.ts'
import { isLongerThan, maxKeyBytes } from '#spec/limits.ts'
import { encodeBase64Url } from '#spec/sign.ts'
import { mostScheduledEvents } from '#node/accounts/describe-server.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { inTurn } from '#node/stream/in-turn.ts'
import type { Identity } from '#node/http/route.ts'
import { outside } from '#node/rooms/room.ts'
import { checkState, targetIn } from '#node/rooms/send-event.ts'
import { readMember } from '#node/rooms/store.ts'
import { noteScheduledState } from './scheduled-state.ts'
import { senderOf } from './send-due.ts'
import * as store from './store.ts'

export const longestDelayMs = (deps: Deps): number => deps.config.longestEventDelayHours * 3_600_000

interface Request {
  readonly roomId: RoomId
  readonly type: string
  readonly stateKey?: string | undefined
  readonly content: JsonObject
  readonly delayMs: number
  /** Absent where the endpoint has none. */
  readonly txnId?: string | undefined
}

/** Keeps an event until its time has come; answers with the id by which it is handled until then. */
export async function schedule(deps: Deps, sender: Identity, asked: Request): Promise<string> {
  const { userId, deviceId } = sender
  const { roomId, type, stateKey, content, delayMs, txnId } = asked
  await check(deps, sender, asked)
  const txnKey = txnId === undefined ? null : JSON.stringify([roomId, type, txnId])
  return inTurn(deps, `delayed events of ${userId}`, async () => {
    const known = txnKey === null ? undefined : await store.readDelayId(deps.sql, userId, deviceId, txnKey)
    if (known !== undefined) return known
    const now = deps.clock.now()
    const { count, next } = await store.readWaiting(deps.sql, userId)
    if (count >= mostScheduledEvents) throw limitExceeded(Math.max(1_000, next! - now))
    const delayId = encodeBase64Url(deps.random.bytes(24))
    const event = {
      delayId,
      userId,
      deviceId,
      txnKey,
      roomId,
      type,
      stateKey: stateKey ?? null,
      delayMs,
      runningSince: now,
    }
    if (stateKey !== undefined) noteScheduledState(deps, { roomId, type, stateKey })
    await transaction(deps.sql, (tx) => store.insertDelayed(tx, { ...event, content: canonicalJson(content) }))
    senderOf(deps).look()
    return delayId
  })
}

/** What can be said now: whether its sender may send it is judged at its time. */
async function check(deps: Deps, { userId }: Identity, { roomId, type, stateKey, content, delayMs, txnId }: Request) {
  const most = longestDelayMs(deps)
  if (delayMs > most)
    throw new MatrixError('M_UNKNOWN', 'An event cannot be delayed for so long on this server.', {
      extra: { 'org.matrix.msc4140.errcode': 'M_MAX_DELAY_EXCEEDED', 'org.matrix.msc4140.max_delay': most },
    })
  for (const text of [type, stateKey ?? '', txnId ?? ''])
    if (isLongerThan(text, maxKeyBytes))
      throw invalidParam(`Types, state keys and transaction ids have at most ${maxKeyBytes} bytes.`)
  if ((await readMember(deps.sql, roomId, userId))?.membership !== 'join') throw outside()
  if (stateKey !== undefined) await checkState(deps, { type, stateKey, content })
  else if (type === 'm.room.redaction') targetIn(content)
}
