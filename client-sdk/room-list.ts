import { localpartOf, type RoomId, type UserId } from '#spec/ids.ts'
import { directChats } from './direct-chats.ts'
import type { Replica } from './replica.ts'
import { englishName, namePartsOf } from './room-name.ts'
import { isMessage, newRoomRow } from './room-row.ts'
import type { LastMessageSummary, RoomSummary } from './room-summary.ts'
import { statusOf, type SendQueue } from './send-queue.ts'
import { signal, type Signal, type WritableSignal } from './signal.ts'
import type { Changes, OutboxRow, RoomRow } from './store/store.ts'

/** The summaries of all rooms, kept up to date room by room. */
export class RoomList {
  readonly rooms: Signal<readonly RoomSummary[]>
  readonly #rooms = signal<readonly RoomSummary[]>([])
  readonly #replica: Replica
  readonly #queue: SendQueue
  readonly #summaries = new Map<RoomId, WritableSignal<RoomSummary>>()
  #directs: ReadonlyMap<RoomId, UserId> = new Map()
  /** The newest message that waits in each room's queue. */
  #waiting: ReadonlyMap<RoomId, OutboxRow> = new Map()

  constructor(replica: Replica, queue: SendQueue) {
    this.rooms = this.#rooms
    this.#replica = replica
    this.#queue = queue
    this.#rebuild()
    replica.follow({ changed: (changes) => this.#changed(changes), reloaded: () => this.#rebuild() })
    queue.sending.subscribe(() => this.#update(this.#waiting.keys()))
  }

  /** The summary of one room, whether or not the user is in it. */
  summary(roomId: RoomId): Signal<RoomSummary> {
    let summary = this.#summaries.get(roomId)
    if (!summary) this.#summaries.set(roomId, (summary = signal(this.#summarise(roomId))))
    return summary
  }

  #changed(changes: Changes): void {
    if (changes.accountData?.some((row) => row.roomId === '' && row.type === 'm.direct')) return this.#rebuild()
    const before = this.#waiting
    if (changes.outbox?.length || changes.removedOutbox?.length)
      this.#waiting = newestWaiting(this.#replica.outbox.values())
    const moved = [...before, ...this.#waiting].filter(([roomId]) => before.get(roomId) !== this.#waiting.get(roomId))
    const touched = new Set(moved.map(([roomId]) => roomId))
    for (const { roomId } of changes.rooms ?? []) touched.add(roomId)
    for (const roomId of changes.droppedRooms ?? []) touched.add(roomId)
    if (touched.size > 0) this.#update(touched)
  }

  #rebuild(): void {
    this.#directs = directChats(this.#replica.accountData.get('m.direct')?.content)
    this.#waiting = newestWaiting(this.#replica.outbox.values())
    this.#update([...this.#replica.rooms.keys(), ...this.#summaries.keys()])
  }

  #update(roomIds: Iterable<RoomId>): void {
    for (const roomId of roomIds) {
      const summary = this.#summaries.get(roomId)
      if (summary) summary.set(keepIfSame(summary.get(), this.#summarise(roomId)))
      else this.summary(roomId)
    }
    const shown = [...this.#replica.rooms.values()].filter(
      (row) => row.membership !== 'leave' && row.membership !== 'ban',
    )
    const list = shown.map((row) => this.summary(row.roomId).get())
    list.sort((a, b) => b.lastActivityTs - a.lastActivityTs || (a.roomId < b.roomId ? -1 : 1))
    const now = this.#rooms.get()
    if (list.length !== now.length || list.some((summary, i) => summary !== now[i])) this.#rooms.set(list)
  }

  #summarise(roomId: RoomId): RoomSummary {
    const row = this.#replica.rooms.get(roomId) ?? newRoomRow(roomId)
    const ownUserId = this.#replica.userId
    const waiting = newerOf(this.#waiting.get(roomId), row)
    const directUserId = this.#directs.get(roomId) ?? (row.invitedDirectly ? row.inviter : undefined)
    const nameParts = namePartsOf(row, ownUserId)
    return {
      roomId,
      membership: row.membership,
      name: englishName(nameParts),
      nameParts,
      avatarUrl: row.avatarUrl ?? avatarOfOther(row, directUserId),
      topic: row.topic,
      isDirect: directUserId !== undefined,
      directUserId,
      inviter: row.inviter,
      joinedCount: row.joinedCount,
      invitedCount: row.invitedCount,
      unreadCount: row.unreadCount,
      highlightCount: row.highlightCount,
      isEncrypted: row.isEncrypted,
      lastMessage: waiting ? this.#unsent(waiting) : row.lastMessage && { ...row.lastMessage, status: 'sent' },
      lastActivityTs: Math.max(row.lastActivityTs, waiting?.createdAt ?? 0),
    }
  }

  #unsent(row: OutboxRow): LastMessageSummary | undefined {
    const sender = this.#replica.userId
    if (sender === undefined) return undefined
    const { eventId, type, content, createdAt: ts } = row
    const status = statusOf(row, this.#queue.sending.get())
    return { eventId, type, sender, senderName: localpartOf(sender), content, ts, redacted: false, status }
  }
}

function newestWaiting(outbox: Iterable<OutboxRow>): ReadonlyMap<RoomId, OutboxRow> {
  const messages = [...outbox].filter((row) => isMessage(row.type))
  return new Map(messages.map((row) => [row.roomId, row]))
}

/** What waits is the newest message, unless it failed and others have written since. */
const newerOf = (waiting: OutboxRow | undefined, { lastMessage }: RoomRow): OutboxRow | undefined =>
  waiting?.status === 'failed' && lastMessage && lastMessage.ts > waiting.createdAt ? undefined : waiting

/** The old summary where nothing in it has changed, so that nobody is called for nothing. */
const keepIfSame = (old: RoomSummary, summary: RoomSummary): RoomSummary =>
  JSON.stringify(old) === JSON.stringify(summary) ? old : summary

const avatarOfOther = (row: RoomRow, other: UserId | undefined): string | undefined =>
  other === undefined ? undefined : row.heroes.find((hero) => hero.userId === other)?.avatarUrl
