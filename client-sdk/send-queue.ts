import { redactEvent, sendEvent } from '#spec/api/client/events.ts'
import type { EventId, RoomId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { backoffMs } from './backoff.ts'
import { CallError } from './call.ts'
import { sleep } from './platform.ts'
import type { Replica } from './replica.ts'
import type { ItemStatus } from './room-summary.ts'
import type { SessionKeeper } from './session.ts'
import { signal } from './signal.ts'
import type { OutboxError, OutboxRow } from './store/store.ts'

/** What to put into the queue. */
export interface Outgoing {
  readonly roomId: RoomId
  readonly type: string
  readonly content: JsonObject
  readonly redacts?: EventId | undefined
}

/**
 * Sends what the user writes, once and in order.
 *
 * 1. An item is in the store before anything goes to the network, and stays until it comes back as an event or is removed.
 * 2. Its transaction id is made once: however often it is sent, the node makes one event of it.
 * 3. The items of a room go one after the other, rooms beside each other.
 * 4. No answer, a broken node or too many calls: tried again, for as long as it takes. A refusal: the item is `failed`, and the next one goes.
 */
export class SendQueue {
  readonly #replica: Replica
  readonly #session: SessionKeeper
  readonly #onProblem: (error: unknown) => void
  /** The rooms that are being sent to. */
  readonly #busy = new Set<RoomId>()
  /** The item of each busy room that is on the wire, for `statusOf`. */
  readonly sending = signal<ReadonlySet<string>>(new Set())
  readonly #closed = new AbortController()
  #retry = new AbortController()
  #failures = 0

  constructor(replica: Replica, session: SessionKeeper, onProblem: (error: unknown) => void) {
    this.#replica = replica
    this.#session = session
    this.#onProblem = onProblem
  }

  /** Stores an item and begins to send it. Returns the transaction id. */
  async add({ roomId, type, content, redacts }: Outgoing): Promise<string> {
    const { platform, session } = this.#replica
    if (!session) throw new CallError('signed-out', 'Nobody is logged in')
    const txnId = platform.randomId()
    await this.#replica.exclusive(() => {
      const last = [...this.#replica.outbox.values()].at(-1)
      const row: OutboxRow = {
        txnId,
        roomId,
        seq: (last?.seq ?? 0) + 1,
        deviceId: session.deviceId,
        type,
        content,
        redacts,
        createdAt: platform.now(),
        status: 'queued',
      }
      return this.#replica.commit({ outbox: [row] })
    })
    this.#send(roomId)
    return txnId
  }

  /** Sends a failed item again, at the end of its room's queue. Where it may have arrived before, it becomes a new message. */
  async retry(txnId: string): Promise<void> {
    const { platform, session } = this.#replica
    const found = await this.#replica.exclusive(async () => {
      const row = this.#replica.outbox.get(txnId)
      const last = [...this.#replica.outbox.values()].at(-1)
      if (row?.status !== 'failed' || !last || !session) return undefined
      const isNew = row.deviceId !== session.deviceId
      const again: OutboxRow = {
        ...row,
        seq: last.seq + 1,
        status: 'queued',
        error: undefined,
        deviceId: session.deviceId,
      }
      await this.#replica.commit({
        removedOutbox: [txnId],
        outbox: [isNew ? { ...again, txnId: platform.randomId() } : again],
      })
      return row
    })
    if (found) this.#send(found.roomId)
  }

  /** Takes an item out. False: it is being sent, or was. */
  remove(txnId: string): Promise<boolean> {
    return this.#replica.exclusive(async () => {
      const row = this.#replica.outbox.get(txnId)
      if (!row || row.status === 'sent' || this.sending.get().has(txnId)) return false
      await this.#replica.commit({ removedOutbox: [txnId] })
      return true
    })
  }

  /** Sends what waits, now: at the start, and whenever the node is there again. */
  flush(): void {
    this.#failures = 0
    this.#retry.abort()
    this.#retry = new AbortController()
    for (const { roomId, status } of this.#replica.outbox.values()) if (status === 'queued') this.#send(roomId)
  }

  /** Stops; what is on the wire is left to itself. */
  close(): void {
    this.#closed.abort()
    this.#retry.abort()
  }

  #send(roomId: RoomId): void {
    if (this.#busy.has(roomId) || this.#closed.signal.aborted) return
    this.#busy.add(roomId)
    this.#sendAll(roomId).catch(this.#onProblem)
  }

  /** The room is free again in the very step that finds nothing to send: an item added after that starts anew. */
  async #sendAll(roomId: RoomId): Promise<void> {
    try {
      for (let next = this.#next(roomId); next; next = this.#next(roomId)) {
        const error = await this.#sendOne(next)
        if (!error) continue
        if (error.kind === 'signed-out' || error.kind === 'aborted') return
        await this.#wait(error)
      }
    } finally {
      this.#busy.delete(roomId)
    }
  }

  /** Nothing but the end cuts a wait short that the node has named. */
  #wait({ retryAfterMs }: CallError): Promise<void> {
    const { platform } = this.#replica
    if (retryAfterMs !== undefined) return sleep(platform, retryAfterMs, this.#closed.signal)
    return sleep(platform, backoffMs(this.#failures++, platform.random(), platform.isHidden()), this.#retry.signal)
  }

  #next(roomId: RoomId): OutboxRow | undefined {
    if (this.#closed.signal.aborted) return undefined
    return [...this.#replica.outbox.values()].find((row) => row.roomId === roomId && row.status === 'queued')
  }

  /** Returns why it has to be tried again, or nothing when the node has answered. */
  async #sendOne(row: OutboxRow): Promise<CallError | undefined> {
    this.#mark(row.txnId, true)
    try {
      const { event_id: eventId } = await this.#put(row)
      this.#failures = 0
      await this.#settle(row.txnId, { status: 'sent', eventId })
      return undefined
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      if (error.isTemporary || error.kind !== 'matrix' || error.status === 401) return error
      await this.#settle(row.txnId, {
        status: 'failed',
        error: { kind: 'matrix', code: error.code, message: error.message },
      })
      return undefined
    } finally {
      this.#mark(row.txnId, false)
    }
  }

  #put({ roomId, type, content, txnId, redacts }: OutboxRow): Promise<{ event_id: EventId }> {
    const options = { signal: this.#closed.signal }
    if (redacts === undefined) {
      return this.#session.call(sendEvent, { params: { roomId, eventType: type, txnId }, body: content }, options)
    }
    return this.#session.call(redactEvent, { params: { roomId, eventId: redacts, txnId }, body: content }, options)
  }

  /** An item that came back as an event while the answer was on its way is gone already, and stays so. */
  #settle(
    txnId: string,
    result: { status: 'sent'; eventId: EventId } | { status: 'failed'; error: OutboxError },
  ): Promise<void> {
    return this.#replica.exclusive(async () => {
      const row = this.#replica.outbox.get(txnId)
      if (!row || row.status !== 'queued') return
      const isBack =
        result.status === 'sent' && (await this.#replica.store.eventRows(row.roomId, [result.eventId])).length > 0
      await this.#replica.commit(isBack ? { removedOutbox: [txnId] } : { outbox: [{ ...row, ...result }] })
    })
  }

  #mark(txnId: string, isSending: boolean): void {
    const sending = new Set(this.sending.get())
    if (isSending) sending.add(txnId)
    else sending.delete(txnId)
    this.sending.set(sending)
  }
}

/** How far an item has come. */
export const statusOf = (row: OutboxRow, sending: ReadonlySet<string>): ItemStatus =>
  row.status === 'queued' && sending.has(row.txnId) ? 'sending' : row.status
