import type { ReadMark } from '#node/ephemeral/facts.ts'
import type { Exception, RoomNotification } from '#node/push/facts.ts'
import type { Count, Unread } from '#node/push/unread.ts'

interface CountSoFar extends Count {
  /** The position of the last event that it counts, or a later one. */
  readonly last: number
}

/** How a listener stands in a room: what is unread to them, and whom they know. */
export class Standing {
  /** They know this many of the feed's senders, the first ones: saves asking for each. */
  knownSenders = 0
  #isQuiet = false
  #threads: Map<string, CountSoFar> | undefined

  /** What is unread, by thread. Nothing: it has to be read before it is told. */
  get unread(): ReadonlyMap<string, Count> | undefined {
    return this.#threads
  }

  /** As it was read at a position. */
  learn({ isQuiet, threads }: Unread, upTo: number): void {
    this.#isQuiet = isQuiet
    this.#threads = new Map([...threads].map(([threadId, count]) => [threadId, { ...count, last: upTo }]))
  }

  /** Something happened that only the database can tell the consequences of. */
  forget(): void {
    this.#threads = undefined
  }

  /** An event has notified everybody. */
  notify({ threadId, highlights }: RoomNotification, position: number): void {
    if (!this.#isQuiet) this.#add(threadId, { notified: 1, highlighted: highlights ? 1 : 0 }, position)
  }

  /** An event is something else to this listener. */
  except({ threadId, notified, highlighted }: Exception, position: number): void {
    this.#add(threadId, { notified, highlighted }, position)
  }

  setQuiet(isQuiet: boolean): void {
    this.#isQuiet = isQuiet
  }

  /** They have read on. Whoever has read up to the last event has nothing unread; of anybody else memory cannot tell. */
  read({ threadId }: ReadMark, position: number): void {
    for (const [id, { last }] of this.#threads ?? []) {
      if (threadId !== '' && threadId !== id) continue
      if (last > position) return this.forget()
      this.#threads?.delete(id)
    }
  }

  #add(threadId: string, { notified, highlighted }: Count, last: number): void {
    const before = this.#threads?.get(threadId)
    const count = {
      notified: (before?.notified ?? 0) + notified,
      highlighted: (before?.highlighted ?? 0) + highlighted,
    }
    if (count.notified === 0 && count.highlighted === 0) this.#threads?.delete(threadId)
    else this.#threads?.set(threadId, { ...count, last })
  }
}
