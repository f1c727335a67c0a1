import { getEvent } from '#spec/api/client/events.ts'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import { CallError } from './call.ts'
import { fillGap } from './fill-gap.ts'
import { itemOf, itemsOf } from './items-of.ts'
import type { Replica } from './replica.ts'
import type { SendQueue } from './send-queue.ts'
import type { SessionKeeper } from './session.ts'
import { signal } from './signal.ts'
import { isEventRow, type Changes, type GapRow, type TimelineRow } from './store/store.ts'
import type { TimelineItem, TimelineState } from './timeline-item.ts'
import type { Timeline } from './timeline.ts'

/** Rows of a new window. */
const firstRows = 50
/** The most rows of a window: more slow scrolling down. */
const maxRows = 600
/** How much of a hole that a lost connection left is fetched unasked: pages, and events in each. */
const unaskedPages = 4
const pageSize = 100

/** What a window needs of its room. */
export interface WindowRoom {
  readonly roomId: RoomId
  readonly replica: Replica
  readonly session: SessionKeeper
  readonly queue: SendQueue
  /** Which event each other user has read up to. */
  readonly receipts: () => ReadonlyMap<UserId, EventId>
  readonly txnIds: ReadonlyMap<EventId, string>
  /** False while it is known that the node does not answer: then nothing waits for it in vain. */
  readonly isReachable: () => boolean
  readonly onProblem: (error: unknown) => void
}

/**
 * The rows of a window are a stretch of the store: nothing that stands there between the first and the last is left out.
 * Reads of the store happen inside `replica.exclusive`, so that no commit falls between the read and its place in the window.
 */
export class TimelineWindow implements Timeline {
  readonly items
  readonly state
  readonly #items = signal<readonly TimelineItem[]>([])
  readonly #state = signal<TimelineState>({ loadingOlder: true, loadingNewer: false, atStart: false, atEnd: true })
  readonly #room: WindowRoom
  readonly #onClose: (window: TimelineWindow) => void
  readonly #endFollowing: () => void
  #rows: readonly TimelineRow[] = []
  #isLoaded = false
  #isClosed = false
  /** Gaps are being closed, or will be in their turn. */
  #isClosing = false
  /** Loads go one after the other. */
  #last: Promise<void>

  constructor(room: WindowRoom, onClose: (window: TimelineWindow) => void) {
    this.#room = room
    this.#onClose = onClose
    this.items = this.#items
    this.state = this.#state
    this.#endFollowing = room.queue.sending.subscribe(() => this.refresh())
    this.#last = this.#loadEnd().catch(room.onProblem)
  }

  loadOlder = (count = 30): Promise<void> => this.#load({ loadingOlder: true }, () => this.#readOlder(count))

  loadNewer = (count = 30): Promise<void> => this.#load({ loadingNewer: true }, () => this.#readNewer(count))

  jumpToEnd = (): Promise<void> => this.#load({ loadingNewer: true }, () => this.#loadEnd())

  closeGap = (key: string): Promise<void> =>
    this.#load({}, async () => {
      const gap = this.#gapBefore(key)
      if (gap) await this.#fill(gap, pageSize)
    })

  event = async (eventId: EventId): Promise<TimelineItem | undefined> => {
    const { replica, session, roomId, txnIds } = this.#room
    const item = this.#items.get().find((each) => each.eventId === eventId)
    if (item) return item
    const [row] = await replica.store.eventRows(roomId, [eventId])
    if (row) return itemOf(row, txnIds)
    try {
      const event = await session.call(getEvent, { params: { roomId, eventId } })
      return itemOf({ roomId, ordinal: 0, eventId, event }, txnIds)
    } catch (error) {
      if (error instanceof CallError && error.status === 404) return undefined
      throw error
    }
  }

  close = (): void => {
    this.#isClosed = true
    this.#endFollowing()
    this.#onClose(this)
  }

  /** These changes were written. */
  changed(changes: Changes): void {
    const { roomId } = this.#room
    const put = changes.timeline?.filter((row) => row.roomId === roomId) ?? []
    const removed = changes.removedTimeline?.filter((row) => row.roomId === roomId) ?? []
    const isDropped = changes.droppedRooms?.includes(roomId) === true
    if (isDropped) this.#rows = []
    if (this.#isLoaded && put.length + removed.length > 0) {
      this.#rows = merge(this.#rows, put, new Set(removed.map((row) => row.ordinal)), this.#state.get().atEnd)
      if (this.#rows.length > 2 * maxRows) this.#setRows(this.#rows.slice(-maxRows), { atStart: false })
      if (put.some((row) => !isEventRow(row))) this.#gapArrived()
    }
    this.refresh()
  }

  /** What stood at the start of history may not do so any more. */
  #gapArrived(): void {
    this.#set({ atStart: false })
    this.closeGaps()
  }

  /** The store was written by somebody else: reads the same stretch again. */
  reloaded(): void {
    const { replica, roomId } = this.#room
    void this.#load({}, () =>
      replica.exclusive(async () => {
        const first = this.#rows[0]?.ordinal ?? -Infinity
        const rows = await replica.store.timelineAfter(roomId, first - 1, maxRows)
        this.#setRows(rows, { atEnd: rows.length < maxRows, atStart: false })
      }),
    )
  }

  /** Fetches what the loss of a connection left out in the middle of the window, some pages of it. */
  closeGaps(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    void this.#load({}, () => this.#closeHoles(unaskedPages)).finally(() => (this.#isClosing = false))
  }

  /** Makes the items anew, where they have changed. */
  refresh(): void {
    const { roomId, replica, queue, receipts, txnIds } = this.#room
    const sources = {
      ownUserId: replica.userId,
      rows: this.#rows,
      outbox: [...replica.outbox.values()].filter((row) => row.roomId === roomId),
      sending: queue.sending.get(),
      atEnd: this.#state.get().atEnd,
      receipts: receipts(),
      txnIds,
    }
    this.#items.set(itemsOf(sources, this.#items.get()))
  }

  /** One load after the other; a failure is told in `state`. */
  #load(flags: Partial<TimelineState>, run: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(async () => {
      if (this.#isClosed) return
      this.#set(flags)
      try {
        await run()
        this.#set({ loadingOlder: false, loadingNewer: false, error: undefined })
      } catch (error) {
        this.#set({
          loadingOlder: false,
          loadingNewer: false,
          error: error instanceof Error ? error : new Error(String(error)),
        })
        if (!(error instanceof CallError)) this.#room.onProblem(error)
      }
    })
    return this.#last
  }

  #loadEnd(): Promise<void> {
    const { replica, roomId } = this.#room
    return replica.exclusive(async () => {
      const rows = await replica.store.timelineBefore(roomId, Infinity, firstRows)
      this.#isLoaded = true
      this.#setRows(rows, { loadingOlder: false, atEnd: true, atStart: false })
      // With nothing stored, history begins with what will come.
      if (rows.length < firstRows && (!rows[0] || isEventRow(rows[0]))) this.#set({ atStart: true })
    })
  }

  async #closeHoles(pages: number): Promise<void> {
    for (let page = 0; page < pages && !this.#isClosed; page++) {
      const hole = this.#rows.slice(1).findLast((row) => !isEventRow(row))
      if (!hole || !(await this.#fill(hole as GapRow, pageSize))) return
    }
  }

  /**
   * 1. Closes holes that were left before.
   * 2. Takes from the store, down to the first gap.
   * 3. Where the window begins with a gap, fetches a page of it.
   * 4. Where the node cannot be reached, goes on below the gap with what is stored, and leaves a hole.
   */
  async #readOlder(count: number): Promise<void> {
    if (this.#room.isReachable()) await this.#closeHoles(unaskedPages)
    const wanted = this.#rows.filter(isEventRow).length + count
    while (this.#rows.filter(isEventRow).length < wanted && !this.#state.get().atStart && !this.#isClosed) {
      const first = this.#rows[0]
      if (!first || isEventRow(first)) await this.#takeOlder(count, true)
      else if (!(await this.#fill(first, Math.max(count, 30)).catch((error: unknown) => this.#passGap(error, count))))
        return
    }
  }

  async #passGap(error: unknown, count: number): Promise<never> {
    await this.#takeOlder(count, false)
    throw error
  }

  #takeOlder(count: number, stopsAtGap: boolean): Promise<void> {
    const { replica, roomId } = this.#room
    return replica.exclusive(async () => {
      const older = await replica.store.timelineBefore(roomId, this.#rows[0]?.ordinal ?? Infinity, count)
      const gap = stopsAtGap ? older.findLastIndex((row) => !isEventRow(row)) : 0
      const rows = [...older.slice(Math.max(0, gap)), ...this.#rows]
      const letsGo = rows.length > maxRows
      const atStart = older.length === 0 && stopsAtGap
      this.#setRows(letsGo ? rows.slice(0, maxRows) : rows, letsGo ? { atStart, atEnd: false } : { atStart })
    })
  }

  #readNewer(count: number): Promise<void> {
    const { replica, roomId } = this.#room
    return replica.exclusive(async () => {
      const newer = await replica.store.timelineAfter(roomId, this.#rows.at(-1)?.ordinal ?? -Infinity, count)
      const rows = [...this.#rows, ...newer]
      const letsGo = rows.length > maxRows
      const atEnd = newer.length < count
      this.#setRows(letsGo ? rows.slice(-maxRows) : rows, letsGo ? { atEnd, atStart: false } : { atEnd })
    })
  }

  /** False: another tab has filled it; the window will be read again. */
  async #fill(gap: GapRow, limit: number): Promise<boolean> {
    if (!this.#room.isReachable()) throw new CallError('network', 'The node is out of reach')
    const isFilled = await fillGap(this.#room.replica, this.#room.session, gap, limit)
    if (!isFilled) this.reloaded()
    return isFilled
  }

  /** The gap right before the item of this key. */
  #gapBefore(key: string): GapRow | undefined {
    const item = this.#items.get().find((each) => each.key === key)
    const at = this.#rows.findIndex((row) => isEventRow(row) && row.eventId === item?.eventId)
    const row = this.#rows[at - 1]
    return row && !isEventRow(row) ? row : undefined
  }

  #setRows(rows: readonly TimelineRow[], state: Partial<TimelineState>): void {
    this.#rows = rows
    this.#set(state)
    this.refresh()
  }

  #set(state: Partial<TimelineState>): void {
    const now = this.#state.get()
    const entries = Object.entries(state)
    if (entries.some(([name, value]) => now[name as keyof TimelineState] !== value))
      this.#state.set({ ...now, ...state })
  }
}

/** Puts changed rows where they belong. What stands below the window is left to `loadOlder`; what stands above, to its end. */
function merge(
  rows: readonly TimelineRow[],
  put: readonly TimelineRow[],
  removed: ReadonlySet<number>,
  atEnd: boolean,
): readonly TimelineRow[] {
  const first = rows[0]?.ordinal ?? -Infinity
  const last = rows.at(-1)?.ordinal ?? -Infinity
  const byOrdinal = new Map(rows.filter((row) => !removed.has(row.ordinal)).map((row) => [row.ordinal, row]))
  for (const row of put) {
    const isInside = row.ordinal >= first && (row.ordinal <= last || atEnd)
    if (isInside) byOrdinal.set(row.ordinal, row)
  }
  return [...byOrdinal.values()].sort((a, b) => a.ordinal - b.ordinal)
}
