import type { RoomId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { onSessionEnd } from '#node/accounts/session-end.ts'
import type { Identity } from '#node/http/route.ts'
import { subscribe } from '#node/stream/wake.ts'
import type { Answer } from './build-answer.ts'

const drainsOf = perNode(() => ({ isDraining: false, ends: new Set<() => void>() }))

/** Ends every long poll, now and from now on: the node stops. */
export function endWaiting(deps: Deps): void {
  const drains = drainsOf(deps)
  drains.isDraining = true
  for (const end of [...drains.ends]) end()
}

/** Rings for one reader when something concerns them, and when there is no use in waiting any longer: the session may have ended. */
export class Bell {
  readonly #deps: Deps
  readonly #identity: Identity
  readonly #signal: AbortSignal
  readonly #unwatch: () => void
  readonly #end = () => this.#ring(true)
  #rooms: ReadonlySet<RoomId> | undefined
  #unsubscribe: () => void = () => undefined
  #hasRung = false
  #isOver = false
  #wake: () => void = () => undefined

  constructor(deps: Deps, identity: Identity, signal: AbortSignal) {
    this.#deps = deps
    this.#identity = identity
    this.#signal = signal
    const drains = drainsOf(deps)
    this.#isOver = drains.isDraining || signal.aborted
    drains.ends.add(this.#end)
    this.#unwatch = onSessionEnd(deps, identity, this.#end)
    signal.addEventListener('abort', this.#end)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Call before reading: what rings from now on is not in what is read, or may not be. */
  reset(): void {
    this.#hasRung = false
  }

  /** Listens to the rooms of an answer. True if something may have been stored between the answer and this: read again. */
  listenTo({ joined, head }: Pick<Answer, 'joined' | 'head'>): boolean {
    const known = this.#rooms
    if (known && known.size === joined.length && joined.every((roomId) => known.has(roomId))) return false
    this.#unsubscribe()
    this.#rooms = new Set(joined)
    this.#unsubscribe = subscribe(this.#deps, { rooms: joined, user: this.#identity.userId }, () => this.#ring(false))
    return this.#deps.stream.head > head
  }

  /** Resolves when it rings, or after `ms`. */
  async rings(ms: number): Promise<void> {
    if (this.#hasRung || this.#isOver) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const cancel = this.#deps.clock.after(ms, resolve)
    await promise
    cancel()
  }

  stop(): void {
    this.#unwatch()
    this.#unsubscribe()
    drainsOf(this.#deps).ends.delete(this.#end)
    this.#signal.removeEventListener('abort', this.#end)
  }

  #ring(isLast: boolean): void {
    this.#hasRung = true
    this.#isOver ||= isLast
    this.#wake()
  }
}
