import type { SyncResponse } from '#spec/api/client/sync.ts'
import {
  streamPath,
  type AckMessage,
  type ErrorMessage,
  type ServerMessage,
  type StartMessage,
} from '#spec/extensions/stream/messages.ts'
import type { Platform } from './platform.ts'

/** How long a stream may take to open, and to bring its first frame (a full sync may be long), in ms. */
const openWithinMs = 10_000
const firstFrameWithinMs = 60_000
/** After this silence the client asks whether the node is there, and after the second it knows that it is not. */
const pingAfterMs = 25_000
const pongWithinMs = 10_000

/** How a stream ended. */
export interface StreamEnd {
  /** The code of the WebSocket; 1006 where the connection was lost or never made. */
  readonly code: number
  /** The stream brought at least one frame. */
  readonly wasOpen: boolean
  /** Why the node closed it, where it said so. */
  readonly error: ErrorMessage | undefined
  /** What `onFrame` threw. */
  readonly failure: unknown
}

/** A stream that is being followed. */
export interface Stream {
  readonly ended: Promise<StreamEnd>
  /** Asks at once whether the node is still there: after sleep, a dead connection looks alive. */
  readonly check: () => void
  /** Tells the node what is stored here, so that it need not keep what it sent to this device. */
  readonly acknowledge: (token: string) => void
  readonly close: () => void
}

/** Opens a stream. `onFrame` is called with one frame after the other, each when it has finished with the one before. */
export function openStream(
  platform: Platform,
  baseUrl: string,
  start: StartMessage,
  onFrame: (frame: SyncResponse) => Promise<void>,
): Stream {
  const socket = platform.openSocket(baseUrl.replace(/^http/, 'ws') + streamPath)
  let end: Omit<StreamEnd, 'code'> = { wasOpen: false, error: undefined, failure: undefined }
  let frames: Promise<void> = Promise.resolve()
  let cancelTimer = (): void => undefined
  let finish = (_code: number): void => undefined
  const ended = new Promise<StreamEnd>((resolve) => {
    finish = (code) => {
      cancelTimer()
      // The frames that came before the end count.
      void frames.then(() => resolve({ ...end, code }))
    }
  })
  const expect = (withinMs: number, otherwise: () => void): void => {
    cancelTimer()
    cancelTimer = platform.after(withinMs, otherwise)
  }
  const giveUp = (): void => {
    socket.close()
    finish(1006)
  }
  const check = (): void => {
    if (socket.readyState !== socket.OPEN) return
    socket.send(JSON.stringify({ type: 'ping', id: platform.now() }))
    expect(pongWithinMs, giveUp)
  }
  const acknowledge = (token: string): void => {
    if (socket.readyState !== socket.OPEN) return
    socket.send(JSON.stringify({ type: 'ack', next_batch: token } satisfies AckMessage))
  }
  const take = async (frame: SyncResponse): Promise<void> => {
    if (end.failure !== undefined) return
    try {
      await onFrame(frame)
      end = { ...end, wasOpen: true }
    } catch (failure) {
      end = { ...end, failure }
      giveUp()
    }
  }
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify(start))
    expect(firstFrameWithinMs, giveUp)
  })
  socket.addEventListener('message', ({ data }) => {
    expect(pingAfterMs, check)
    const message = readMessage(data)
    if (message === undefined) return giveUp()
    if (!('type' in message)) frames = frames.then(() => take(message as SyncResponse))
    else if (message['type'] === 'error') end = { ...end, error: message as ErrorMessage }
  })
  socket.addEventListener('close', ({ code }) => finish(code))
  // An error is followed by a close.
  socket.addEventListener('error', () => undefined)
  expect(openWithinMs, giveUp)
  return { ended, check, acknowledge, close: giveUp }
}

function readMessage(data: unknown): ServerMessage | undefined {
  try {
    const message: unknown = JSON.parse(String(data))
    return typeof message === 'object' && message !== null ? (message as ServerMessage) : undefined
  } catch {
    return undefined
  }
}
