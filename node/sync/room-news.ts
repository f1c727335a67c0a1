import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import { redactionTargetOf } from '#spec/room/content.ts'
import { erasedAt } from '#node/accounts/moderation/erased.ts'
import type { Deps } from '#node/deps.ts'
import { receiptKind, typingKind, type Receipt, type Typing } from '#node/ephemeral/facts.ts'
import { eventKind, storedEventOf, type EventRow, type Transaction } from '#node/rooms/facts.ts'
import { tokenOf } from '#node/rooms/room-view.ts'
import {
  clientForm,
  delayedScope,
  lacksTarget,
  transactionIn,
  type StoredEvent,
  type Unsigned,
} from '#node/rooms/stored-event.ts'
import type { StoredFact } from '#node/stream/commit.ts'
import { receiptTexts, typingText } from './ephemeral-text.ts'
import { readClosedRooms, readReplaced } from './store.ts'
import { latestState } from './states.ts'
import { sharedSummaries, type SharedSummary } from './room-summaries.ts'
import { changesSummary, summaryFor, summaryText } from './summaries.ts'

interface NewEvent {
  readonly event: StoredEvent
  readonly row: EventRow
}

/** What may differ between two listeners of one room. */
export interface Variation {
  /** The member events that the listener needs with it, joined. */
  readonly members: string
  /** Their unread counts, as fields of the room. */
  readonly unread: string
  readonly heroes: readonly UserId[] | undefined
  /** Given if one of the events is the device's own. */
  readonly device: { readonly userId: UserId; readonly deviceId: string } | undefined
}

/**
 * What a few commits brought to one room, as the part of a frame: made once, for everybody who listens. It must say what `buildAnswer`
 * would; what it cannot say that way is not plain, and is left to `buildAnswer`.
 */
export class RoomNews {
  readonly roomId: RoomId
  /** Those whose member events a listener needs, unless the news itself has them. */
  readonly needed = new Set<UserId>()
  /** Those whose member events the news has. */
  readonly told = new Set<UserId>()
  /** Frames that were made, by what may differ between listeners. */
  readonly frames = new Map<string, Buffer>()
  readonly #events: NewEvent[] = []
  readonly #receipts: Receipt[] = []
  #typing: readonly UserId[] | undefined
  #isPlain = true
  #lastPosition = 0
  #summary: SharedSummary | undefined
  #replaced: ReadonlyMap<EventId, Unsigned> = new Map()
  #texts: readonly string[] = []
  #state = ''
  #ephemeral = ''

  constructor(roomId: RoomId) {
    this.roomId = roomId
  }

  /** False: listeners have to be told by `buildAnswer`. */
  get isPlain(): boolean {
    return this.#isPlain
  }

  get lastPosition(): number {
    return this.#lastPosition
  }

  add({ kind, row, position }: StoredFact): void {
    this.#lastPosition = position
    if (kind === eventKind) {
      const event = row as EventRow
      this.#events.push({ event: storedEventOf({ row: event, position }), row: event })
    } else if (kind === typingKind) this.#typing = (row as Typing).userIds
    else if (kind === receiptKind) this.#receipts.push(row as Receipt)
    else this.#isPlain = false
  }

  /** Makes what all listeners share. Only news with state in it asks the database. */
  async prepare(deps: Deps): Promise<void> {
    const events = this.#events.map(({ event }) => event)
    const state = latestState(events)
    if (state.length > 0) {
      const ids = events.filter((event) => event.stateKey !== null).map((event) => event.eventId)
      const [replaced, summaries, closed] = await Promise.all([
        readReplaced(deps.sql, ids),
        events.some(changesSummary) ? sharedSummaries(deps, [this.roomId]) : undefined,
        readClosedRooms(deps.sql, [this.roomId]),
      ])
      // Where newcomers do not see the past, what a state event replaced is not for everybody.
      if (closed.has(this.roomId)) this.#isPlain = false
      // Nor what somebody wrote who was erased.
      if (replaced.some(({ sender }) => erasedAt(deps, sender) !== undefined)) this.#isPlain = false
      this.#replaced = new Map(replaced.map(({ by, sender: _, ...unsigned }) => [by, unsigned]))
      this.#summary = summaries?.get(this.roomId)
    }
    for (const event of state) if (event.type === 'm.room.member') this.told.add(event.stateKey as UserId)
    for (const userId of [
      ...events.map((event) => event.sender),
      ...(this.#summary?.people ?? []).map((p) => p.userId),
    ])
      if (!this.told.has(userId)) this.needed.add(userId)
    const now = deps.clock.now()
    this.#texts = this.#events.map((event) => this.#eventText(event, now, undefined))
    this.#state = state.map((event) => clientForm(event, { withRoomId: false, now })).join(',')
    const ephemeral = [...(this.#typing ? [typingText(this.#typing)] : []), ...receiptTexts(this.#receipts)]
    this.#ephemeral = ephemeral.length === 0 ? '' : `"ephemeral":{"events":[${ephemeral.join(',')}]},`
  }

  /** True if one of the events was sent by this very device, which is told its own transaction id, or later than this user handed it over. */
  hasEventOf(userId: UserId, deviceId: string): boolean {
    return this.#events.some(({ row }) => isOf(row, userId, deviceId))
  }

  heroesFor(userId: UserId): readonly UserId[] | undefined {
    return this.#summary && summaryFor(this.#summary, userId).heroes
  }

  text(now: number, upTo: number, { members, unread, heroes, device }: Variation): string {
    const texts = device
      ? this.#events.map((event, i) =>
          isOf(event.row, device.userId, device.deviceId)
            ? this.#eventText(event, now, event.row.transaction)
            : this.#texts[i]!,
        )
      : this.#texts
    const first = this.#events[0]
    const before = tokenOf(first ? first.event.position - 1 : upTo)
    const summary = this.#summary ? `"summary":${summaryText({ ...this.#summary, heroes })},` : ''
    return (
      `${JSON.stringify(this.roomId)}:{${summary}"state_after":{"events":[${joined(this.#state, members)}]},` +
      `"timeline":{"events":[${texts.join(',')}],"limited":false,"prev_batch":"${before}"},` +
      `${this.#ephemeral}${unread}}`
    )
  }

  #eventText({ event, row }: NewEvent, now: number, transaction: Transaction | undefined): string {
    const unsigned = {
      membership: 'join',
      ...(transaction && transactionIn(transaction)),
      ...this.#replaced.get(event.eventId),
    }
    const redacts = lacksTarget(event) ? redactionTargetOf(row.version, row.event) : undefined
    return clientForm(event, { withRoomId: false, now, unsigned, redacts })
  }
}

const joined = (...lists: readonly string[]): string => lists.filter((list) => list !== '').join(',')

const isOf = ({ transaction }: EventRow, userId: UserId, deviceId: string): boolean =>
  transaction?.userId === userId && (transaction.deviceId === deviceId || transaction.scope === delayedScope)
