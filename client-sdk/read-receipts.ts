import type { PlainEvent } from '#spec/api/client/client-event.ts'
import { isEventId, isUserId, type EventId, type RoomId, type UserId } from '#spec/ids.ts'
import { isJsonObject, type Json } from '#spec/json.ts'
import type { ReceiptRow } from './store/store.ts'

/** The receipts of a sync answer, private ones among them, where the user is the reader. Later ones win; those of threads are left out. */
export function receiptsIn(roomId: RoomId, ephemeral: readonly PlainEvent[]): readonly ReceiptRow[] {
  const newest = new Map<UserId, ReceiptRow>()
  for (const { type, content } of ephemeral) {
    if (type !== 'm.receipt') continue
    for (const [eventId, kinds] of Object.entries(content)) {
      for (const row of receiptsOf(roomId, eventId, kinds)) {
        if (row.ts >= (newest.get(row.userId)?.ts ?? 0)) newest.set(row.userId, row)
      }
    }
  }
  return [...newest.values()]
}

function* receiptsOf(roomId: RoomId, eventId: string, kinds: Json): Iterable<ReceiptRow> {
  if (!isEventId(eventId) || !isJsonObject(kinds)) return
  for (const kind of ['m.read', 'm.read.private']) {
    const users = kinds[kind]
    if (!isJsonObject(users)) continue
    for (const [userId, data] of Object.entries(users)) {
      if (isUserId(userId) && isJsonObject(data) && isOfRoom(data['thread_id']))
        yield row(roomId, userId, eventId, data['ts'])
    }
  }
}

const isOfRoom = (threadId: Json | undefined): boolean => threadId === undefined || threadId === 'main'

const row = (roomId: RoomId, userId: UserId, eventId: EventId, ts: Json | undefined): ReceiptRow => ({
  roomId,
  userId,
  eventId,
  ts: typeof ts === 'number' ? ts : 0,
})

/** Who is typing, by the newest typing event of a sync answer; nothing where it has none. */
export function typingIn(ephemeral: readonly PlainEvent[]): readonly UserId[] | undefined {
  const event = ephemeral.findLast(({ type }) => type === 'm.typing')
  const userIds = event?.content['user_ids']
  return Array.isArray(userIds) ? userIds.filter(isUserId) : undefined
}
