import { forbidden, invalidParam, notFound } from '#spec/errors.ts'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import { accountDataKind } from '#node/accounts/account-data.ts'
import type { Deps } from '#node/deps.ts'
import { readEvents, readMember } from '#node/rooms/store.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'
import { visibleEvents } from '#node/rooms/visible-events.ts'
import { write, type Write } from '#node/stream/commit.ts'
import { readMarkKind, receiptKind, type ReceiptType } from './facts.ts'
import { inTurn } from '#node/stream/in-turn.ts'
import { readMarkerPosition, readReceiptPosition } from './store.ts'
import { checkInThread } from './threads.ts'

/** One mark that a reader sets: a receipt, or the read marker. */
export interface Mark {
  readonly type: ReceiptType | 'm.fully_read'
  readonly eventId: EventId
  readonly threadId?: string | undefined
}

/** Sets marks in one room, all of them or none. One that would move backwards is left where it is. */
export async function setMarks(deps: Deps, userId: UserId, roomId: RoomId, marks: readonly Mark[]): Promise<void> {
  const member = await readMember(deps.sql, roomId, userId)
  if (member?.membership !== 'join') throw forbidden('You are not in this room.')
  const events = await findEvents(deps, userId, roomId, marks)
  for (const { type, eventId, threadId } of marks) {
    if (threadId === undefined) continue
    if (type === 'm.fully_read') throw invalidParam('The read marker belongs to no thread.')
    await checkInThread(deps, events.get(eventId)!, threadId)
  }
  await inTurn(deps, `${userId} ${roomId}`, async () => {
    const writes: Write[] = []
    for (const mark of marks) writes.push(...(await writesOf(deps, userId, mark, events.get(mark.eventId)!)))
    if (writes.length > 0) await deps.stream.append(writes)
  })
}

async function findEvents(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  marks: readonly Mark[],
): Promise<ReadonlyMap<EventId, StoredEvent>> {
  const ids = [...new Set(marks.map((mark) => mark.eventId))]
  const found = (await readEvents(deps.sql, ids)).filter((event) => event.roomId === roomId && event.position !== null)
  const visible = await visibleEvents(deps, userId, roomId, found)
  if (visible.length < ids.length) throw notFound('There is no such event in this room.')
  return new Map(visible.map((event) => [event.eventId, event]))
}

async function writesOf(deps: Deps, userId: UserId, mark: Mark, event: StoredEvent): Promise<Write[]> {
  const { roomId, eventId, position } = event
  const { type } = mark
  if (type === 'm.fully_read') {
    if ((await readMarkerPosition(deps.sql, userId, roomId)) >= position) return []
    return [write(accountDataKind, { userId, roomId, type, content: JSON.stringify({ event_id: eventId }) })]
  }
  const at = { roomId, userId, type, threadId: mark.threadId ?? '' }
  if ((await readReceiptPosition(deps.sql, at)) >= position) return []
  return [
    write(receiptKind, { ...at, eventId, eventPosition: position, receivedAt: deps.clock.now() }),
    write(readMarkKind, { userId, roomId, threadId: at.threadId, position }),
  ]
}
