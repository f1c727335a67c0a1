import type { RoomId, UserId } from '#spec/ids.ts'
import { receiptKind, typingKind, type Receipt, type Typing } from '#node/ephemeral/facts.ts'
import { eventKind, storedEventOf, type EventRow } from '#node/rooms/facts.ts'
import { tokenOf } from '#node/rooms/room-view.ts'
import { clientForm } from '#node/rooms/stored-event.ts'
import type { StoredFact } from '#node/stream/commit.ts'
import { receiptTexts, typingText } from './ephemeral-text.ts'

interface NewEvent {
  readonly position: number
  readonly row: EventRow
}

/**
 * What a few commits brought to one room, as the part of a frame: made once, for everybody who listens. It must say what `buildAnswer`
 * would; what it cannot say that way is not plain, and is left to `buildAnswer`.
 */
export class RoomNews {
  readonly roomId: RoomId
  readonly senders = new Set<UserId>()
  readonly #events: NewEvent[] = []
  readonly #receipts: Receipt[] = []
  #typing: readonly UserId[] | undefined
  #isPlain = true
  #lastPosition = 0
  #sharedTexts: readonly string[] | undefined
  #ephemeral: string | undefined
  /** Frames by what may differ between listeners. */
  readonly frames = new Map<string, Buffer>()

  constructor(roomId: RoomId) {
    this.roomId = roomId
  }

  /** False: a listener has to be told by `buildAnswer`. */
  get isPlain(): boolean {
    return this.#isPlain
  }

  get lastPosition(): number {
    return this.#lastPosition
  }

  /** What the last event brought the room's count to. */
  get attentionCount(): number | undefined {
    return this.#events.at(-1)?.row.attentionCount
  }

  add({ kind, row, position }: StoredFact): void {
    this.#lastPosition = position
    if (kind === eventKind) {
      const event = row as EventRow
      if (event.event.state_key !== undefined) this.#isPlain = false
      this.#events.push({ position, row: event })
      this.senders.add(event.event.sender)
    } else if (kind === typingKind) this.#typing = (row as Typing).userIds
    else if (kind === receiptKind) this.#receipts.push(row as Receipt)
    else this.#isPlain = false
  }

  /** True if one of the events was sent by this very device, which is told its own transaction id. */
  hasEventOf(userId: UserId, deviceId: string): boolean {
    return this.senders.has(userId) && this.#events.some(({ row }) => isOf(row, userId, deviceId))
  }

  /** `members`: state that the listener needs with it; `unread`: their counts; `device`: given if one of the events is the device's own. */
  text(
    now: number,
    upTo: number,
    {
      members,
      unread,
      device,
    }: { members: string; unread: string; device: { userId: UserId; deviceId: string } | undefined },
  ): string {
    this.#sharedTexts ??= this.#events.map((event) => eventText(event, now, undefined))
    const texts = device
      ? this.#events.map((event, i) =>
          isOf(event.row, device.userId, device.deviceId)
            ? eventText(event, now, event.row.transaction?.txnId)
            : this.#sharedTexts![i]!,
        )
      : this.#sharedTexts
    const first = this.#events[0]
    const before = tokenOf(first ? first.position - 1 : upTo)
    this.#ephemeral ??= this.#ephemeralText()
    return (
      `${JSON.stringify(this.roomId)}:{"state_after":{"events":[${members}]},` +
      `"timeline":{"events":[${texts.join(',')}],"limited":false,"prev_batch":"${before}"},` +
      `${this.#ephemeral}"unread_notifications":${unread}}`
    )
  }

  #ephemeralText(): string {
    const texts = [...(this.#typing ? [typingText(this.#typing)] : []), ...receiptTexts(this.#receipts)]
    return texts.length === 0 ? '' : `"ephemeral":{"events":[${texts.join(',')}]},`
  }
}

const isOf = ({ transaction }: EventRow, userId: UserId, deviceId: string): boolean =>
  transaction?.userId === userId && transaction.deviceId === deviceId

const eventText = ({ position, row }: NewEvent, now: number, transactionId: string | undefined): string =>
  clientForm(storedEventOf({ row, position }), {
    withRoomId: false,
    now,
    unsigned: { membership: 'join', transactionId },
  })
