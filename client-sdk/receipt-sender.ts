import { setReadMarkers } from '#spec/api/client/receipts.ts'
import type { EventId, RoomId } from '#spec/ids.ts'
import { backoffMs } from './backoff.ts'
import { CallError } from './call.ts'
import { sleep } from './platform.ts'
import type { Replica } from './replica.ts'
import { isMessage } from './room-row.ts'
import type { SessionKeeper } from './session.ts'
import { isEventRow, type PendingReceipt, type RoomRow } from './store/store.ts'

/** How many newer events are looked at to say how many of them are unread. */
const countedRows = 500

/** Marks rooms as read: here at once, at the node as soon as it can be reached. */
export class ReceiptSender {
  readonly #replica: Replica
  readonly #session: SessionKeeper
  readonly #onProblem: (error: unknown) => void
  readonly #busy = new Set<RoomId>()
  readonly #closed = new AbortController()
  #retry = new AbortController()
  #failures = 0

  constructor(replica: Replica, session: SessionKeeper, onProblem: (error: unknown) => void) {
    this.#replica = replica
    this.#session = session
    this.#onProblem = onProblem
  }

  /** The user has read up to this event, or to the newest. Going back is not possible. */
  async markRead(roomId: RoomId, eventId: EventId | undefined, isPrivate: boolean): Promise<void> {
    await this.#replica.exclusive(async () => {
      const row = this.#replica.rooms.get(roomId)
      const target = eventId ?? row?.newestEventId
      if (!row || target === undefined) return
      if (target === row.readEventId && row.unreadCount === 0 && row.highlightCount === 0) return
      const unread = await this.#unreadAfter(row, target)
      if (unread === undefined) return
      const unreadCount = Math.min(row.unreadCount, unread)
      const highlightCount = Math.min(row.highlightCount, unread)
      const read = { readEventId: target, pendingReceipt: { eventId: target, isPrivate } }
      await this.#replica.commit({ rooms: [{ ...row, ...read, unreadCount, highlightCount }] })
    })
    this.#send(roomId)
  }

  /** Sends what the node has not confirmed, now. */
  flush(): void {
    this.#failures = 0
    this.#retry.abort()
    this.#retry = new AbortController()
    for (const { roomId, pendingReceipt } of this.#replica.rooms.values()) if (pendingReceipt) this.#send(roomId)
  }

  close(): void {
    this.#closed.abort()
    this.#retry.abort()
  }

  /** How many messages of others stand after this event; nothing where the user had read further already. */
  async #unreadAfter(row: RoomRow, target: EventId): Promise<number | undefined> {
    if (target === row.newestEventId) return 0
    const { store, userId } = this.#replica
    const wanted = row.readEventId === undefined ? [target] : [target, row.readEventId]
    const rows = await store.eventRows(row.roomId, wanted)
    const place = rows.find(({ eventId }) => eventId === target)?.ordinal
    const read = rows.find(({ eventId }) => eventId === row.readEventId)?.ordinal
    if (place === undefined || (read !== undefined && read > place)) return undefined
    const newer = (await store.timelineAfter(row.roomId, place, countedRows)).filter(isEventRow)
    return newer.filter(({ event }) => isMessage(event.type) && event.sender !== userId).length
  }

  #send(roomId: RoomId): void {
    if (this.#busy.has(roomId)) return
    this.#busy.add(roomId)
    this.#sendNewest(roomId).catch(this.#onProblem)
  }

  /** Sends until what stands there is what was sent. */
  async #sendNewest(roomId: RoomId): Promise<void> {
    try {
      for (let pending = this.#pending(roomId); pending; pending = this.#pending(roomId)) {
        const error = await this.#sendOne(roomId, pending)
        if (!error) await this.#confirm(roomId, pending.eventId)
        else if (!error.isTemporary) return
        else await this.#wait(error)
      }
    } finally {
      this.#busy.delete(roomId)
    }
  }

  /**
   * Returns why the node could not be told. A receipt that it refuses (a room left meanwhile, an event that is gone) counts as told:
   * it will not be taken later either.
   */
  async #sendOne(roomId: RoomId, { eventId, isPrivate }: PendingReceipt): Promise<CallError | undefined> {
    const body = { 'm.fully_read': eventId, [isPrivate ? 'm.read.private' : 'm.read']: eventId }
    try {
      await this.#session.call(setReadMarkers, { params: { roomId }, body }, { signal: this.#closed.signal })
      this.#failures = 0
      return undefined
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      return error.kind === 'matrix' && !error.isTemporary ? undefined : error
    }
  }

  /** Nothing but the end cuts a wait short that the node has named. */
  #wait({ retryAfterMs }: CallError): Promise<void> {
    const { platform } = this.#replica
    if (retryAfterMs !== undefined) return sleep(platform, retryAfterMs, this.#closed.signal)
    return sleep(platform, backoffMs(this.#failures++, platform.random(), platform.isHidden()), this.#retry.signal)
  }

  #pending(roomId: RoomId): PendingReceipt | undefined {
    if (this.#closed.signal.aborted) return undefined
    return this.#replica.rooms.get(roomId)?.pendingReceipt
  }

  #confirm(roomId: RoomId, eventId: EventId): Promise<void> {
    return this.#replica.exclusive(async () => {
      const row = this.#replica.rooms.get(roomId)
      if (row?.pendingReceipt?.eventId !== eventId) return
      await this.#replica.commit({ rooms: [{ ...row, pendingReceipt: undefined }] })
    })
  }
}
