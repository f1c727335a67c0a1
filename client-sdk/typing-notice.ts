import { setTyping } from '#spec/api/client/typing.ts'
import type { RoomId } from '#spec/ids.ts'
import { CallError } from './call.ts'
import type { Replica } from './replica.ts'
import type { SessionKeeper } from './session.ts'

/** How long the node believes one notice, and how soon it is said again, in ms. */
const believedMs = 30_000
const repeatMs = 20_000
/** Without a key press for this long the user has stopped, in ms. */
const pauseMs = 8_000

/** Tells the room that the user is typing: seldom enough not to be a burden, and that it is over. */
export class TypingNotice {
  readonly #roomId: RoomId
  readonly #replica: Replica
  readonly #session: SessionKeeper
  /** When the room was last told so, in ms since 1970; nothing when it knows of none. */
  #toldAt: number | undefined
  #cancelPause = (): void => undefined

  constructor(roomId: RoomId, replica: Replica, session: SessionKeeper) {
    this.#roomId = roomId
    this.#replica = replica
    this.#session = session
  }

  /** At every key press, and when the text is gone. */
  set(isTyping: boolean): void {
    const { platform } = this.#replica
    this.#cancelPause()
    if (!isTyping) return this.#stop()
    this.#cancelPause = platform.after(pauseMs, () => this.#stop())
    const now = platform.now()
    if (this.#toldAt !== undefined && now - this.#toldAt < repeatMs) return
    this.#toldAt = now
    this.#tell(true)
  }

  /** A message was sent: the node takes its sender for no longer typing, or other clients do. */
  sent(): void {
    this.set(false)
  }

  close(): void {
    this.#cancelPause()
    this.#toldAt = undefined
  }

  #stop(): void {
    if (this.#toldAt === undefined) return
    this.#toldAt = undefined
    this.#tell(false)
  }

  /** A notice that does not arrive is not worth a second try. */
  #tell(typing: boolean): void {
    const userId = this.#replica.userId
    if (userId === undefined) return
    const params = { roomId: this.#roomId, userId }
    const body = typing ? { typing, timeout: believedMs } : { typing }
    this.#session.call(setTyping, { params, body }, { timeoutMs: 10_000 }).catch((error: unknown) => {
      if (!(error instanceof CallError)) throw error
    })
  }
}
