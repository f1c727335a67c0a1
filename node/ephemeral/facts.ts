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

/** Up to where nothing of a room, or of one thread of it, is unread to a person. It only ever rises. */
export interface ReadMark {
  readonly userId: UserId
  readonly roomId: RoomId
  /** Empty: for all threads. */
  readonly threadId: string
  /** Of the event that they have read; absent: of the one that this is stored with. */
  readonly position?: number
}

export const readMarkKind: FactKind<ReadMark> = {
  name: 'read mark',
  positioned: false,
  write: (tx, facts) => {
    const highest = new Map<string, PlacedMark>()
    for (const { row, position } of facts) {
      const mark = { ...row, position: row.position ?? position }
      const key = JSON.stringify([row.userId, row.roomId, row.threadId])
      if ((highest.get(key)?.position ?? -1) < mark.position) highest.set(key, mark)
    }
    const marks = [...highest.values()]
    const ofRooms = marks.filter((mark) => mark.threadId === '')
    return [store.raiseMarks(tx, marks), ...(ofRooms.length > 0 ? [store.dropThreadMarks(tx, ofRooms)] : [])]
  },
}

export type PlacedMark = ReadMark & { readonly position: number }

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
