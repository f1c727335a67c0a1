import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Fact, FactKind } from '#node/stream/commit.ts'
import * as store from './store.ts'

export type ReceiptType = 'm.read' | 'm.read.private'

export interface Receipt {
  readonly roomId: RoomId
  readonly userId: UserId
  readonly type: ReceiptType
  /** Empty: for all threads. */
  readonly threadId: string
  readonly eventId: EventId
  readonly eventPosition: number
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number
}

export const receiptKind: FactKind<Receipt> = {
  name: 'receipt',
  positioned: true,
  write: (tx, facts) => [store.upsertReceipts(tx, farthest(facts))],
  concerns: ({ type, roomId, userId }) => (type === 'm.read' ? { rooms: [roomId] } : { users: [userId] }),
}

/** One statement cannot touch a row twice: of several receipts for one place the farthest counts. */
function farthest(facts: readonly Fact<Receipt>[]): Fact<Receipt>[] {
  const byKey = new Map<string, Fact<Receipt>>()
  for (const fact of facts) {
    const { roomId, userId, type, threadId } = fact.row
    const key = JSON.stringify([roomId, userId, type, threadId])
    const other = byKey.get(key)
    if (!other || other.row.eventPosition < fact.row.eventPosition) byKey.set(key, fact)
  }
  return [...byKey.values()]
}

/** Up to where nothing of a room is unread to a person. It only ever rises. */
export interface ReadMark {
  readonly userId: UserId
  readonly roomId: RoomId
  /** The room's count of events that ask for attention, as it was there. */
  readonly attentionCount: number
}

export const readMarkKind: FactKind<ReadMark> = {
  name: 'read mark',
  positioned: false,
  write: (tx, facts) => {
    const highest = new Map<string, ReadMark>()
    for (const { row } of facts) {
      const key = `${row.userId} ${row.roomId}`
      if ((highest.get(key)?.attentionCount ?? -1) < row.attentionCount) highest.set(key, row)
    }
    return [store.raiseMarks(tx, [...highest.values()])]
  },
}

/** Everybody who is typing in a room, from this position on. */
export interface Typing {
  readonly roomId: RoomId
  readonly userIds: readonly UserId[]
}

export const typingKind: FactKind<Typing> = {
  name: 'typing',
  positioned: true,
  // Who types is true for seconds: it takes its place in the log and is kept in memory alone.
  write: () => [],
  concerns: ({ roomId }) => ({ rooms: [roomId] }),
}
