import { invalidParam, MatrixError, notFound } from '#spec/errors.ts'
import type { DeviceId, EventId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { isLongerThan, maxEventBytes, maxKeyBytes } from '#spec/limits.ts'
import { encodeBase64Url } from '#spec/sign.ts'
import { noticesUserOf } from '#node/accounts/notices-user.ts'
import { registerNoticesUser } from '#node/accounts/register.ts'
import { accountIsActive } from '#node/accounts/store.ts'
import type { Deps } from '#node/deps.ts'
import { inTurn } from '#node/stream/in-turn.ts'
import { checkState, sendMessage, sendState } from '../send-event.ts'
import { noticesRoomFor } from './notices-room.ts'

export interface ServerNotice {
  /** `m.room.message`, if absent. */
  readonly type?: string | undefined
  /** Makes it a piece of state. */
  readonly stateKey?: string | undefined
  readonly content: JsonObject
  /** A notice that is sent to the same user once more under the same id is the same notice. */
  readonly txnId?: string | undefined
}

/**
 * Tells a user something in the server's own name, in a room that is for this alone: they are invited to it, and cannot decline.
 * Throws M_INVALID_PARAM, M_TOO_LARGE; M_NOT_FOUND for whoever has no account here; M_USER_IN_USE where a person has the name that the server is to speak by.
 */
export async function sendServerNotice(deps: Deps, userId: UserId, notice: ServerNotice): Promise<EventId> {
  if (userId === noticesUserOf(deps) || !(await accountIsActive(deps.sql, userId)))
    throw notFound('There is no such user on this server.')
  const { type = 'm.room.message', stateKey, content } = notice
  await checkNotice(deps, { ...notice, type })
  const speaker = await registerNoticesUser(deps)
  // Two at once would each make a room.
  const roomId = await inTurn(deps, `server notices ${userId}`, () => noticesRoomFor(deps, speaker, userId))
  if (stateKey !== undefined) return sendState(deps, speaker, { roomId, type, stateKey, content })
  const txnId = notice.txnId ?? encodeBase64Url(deps.random.bytes(18))
  return sendMessage(deps, { userId: speaker, deviceId: '' as DeviceId }, { roomId, type, content, txnId })
}

/** What the envelope of an event takes at most. */
const envelopeBytes = 2_048

/** What cannot be sent is refused before anybody is invited for it. */
async function checkNotice(
  deps: Deps,
  { type, stateKey, content, txnId = '' }: ServerNotice & { readonly type: string },
): Promise<void> {
  for (const part of [type, stateKey ?? '', txnId])
    if (isLongerThan(part, maxKeyBytes))
      throw invalidParam(`A type, a state key and a transaction id have at most ${maxKeyBytes} bytes.`)
  if (isLongerThan(JSON.stringify(content), maxEventBytes - envelopeBytes))
    throw new MatrixError('M_TOO_LARGE', 'The notice is too large.')
  if (stateKey !== undefined) await checkState(deps, { type, stateKey, content })
}
