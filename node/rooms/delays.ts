import { MatrixError } from '#spec/errors.ts'
import type { RoomId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { perNode, type Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'

/** An event that a client asks to be sent later. */
export interface DelayRequest {
  readonly roomId: RoomId
  readonly type: string
  readonly stateKey?: string
  readonly content: JsonObject
  readonly delayMs: number
  readonly txnId?: string
}

/** Keeps the event, and answers with the id by which it is handled. */
type TakeDelay = (sender: Identity, asked: DelayRequest) => Promise<string>

const takerOf = perNode(() => ({ take: undefined as TakeDelay | undefined }))

/** A later slice says that it keeps events until their time has come. */
export function takeDelays(deps: Deps, take: TakeDelay): void {
  takerOf(deps).take = take
}

export function delayEvent(deps: Deps, sender: Identity, asked: DelayRequest): Promise<string> {
  const { take } = takerOf(deps)
  // Sending it at once would be the opposite of what is asked for.
  if (take === undefined) throw new MatrixError('M_UNRECOGNIZED', 'This server does not send events later.')
  return take(sender, asked)
}
