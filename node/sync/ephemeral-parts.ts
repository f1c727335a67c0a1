import type { EventFilter } from '#spec/api/client/filter-definition.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { readReceipts } from '#node/ephemeral/store.ts'
import { isFromEarlierStart, typingSince } from '#node/ephemeral/typing.ts'
import { matches } from '#node/rooms/event-filter.ts'
import type { Plan } from './plan-rooms.ts'
import { includesRoomPart, type Reader } from './reader.ts'
import { receiptTexts, typingText } from './ephemeral-text.ts'
import type { Timeline } from './timelines.ts'

/** What passes in the rooms of an answer: typing and receipts, as texts of events. `isMentioned`: the room is in the answer anyway. */
export async function readEphemeral(
  deps: Deps,
  reader: Reader,
  plan: Plan,
  timelines: readonly Timeline[],
  isMentioned: (timeline: Timeline) => boolean,
): Promise<Map<RoomId, string[]>> {
  const filter = reader.filter.room?.ephemeral
  const joined = timelines.filter((t) => t.plan.section === 'join' && includesRoomPart(filter, t.plan.roomId))
  const parts = new Map<RoomId, string[]>()
  const add = (roomId: RoomId, text: string) => parts.set(roomId, [...(parts.get(roomId) ?? []), text])
  if (passesType(filter, 'm.typing')) {
    for (const timeline of joined) {
      const typing = typingFor(deps, plan, timeline, isMentioned(timeline))
      if (typing) add(timeline.plan.roomId, typingText(typing.filter((userId) => passesSender(filter, userId))))
    }
  }
  if (passesType(filter, 'm.receipt') && joined.length > 0) {
    // Of a room that is new to the reader: receipts at the events that they see, and their own.
    const ranges = joined.map(({ plan: { roomId, after, upTo }, startsAfter }) => ({
      roomId,
      after,
      upTo,
      from: after === 0 ? startsAfter + 1 : 0,
    }))
    const read = await readReceipts(deps.sql, reader.userId, ranges)
    const wanted = read.filter((receipt) => passesSender(filter, receipt.userId))
    const receipts = Map.groupBy(wanted, (receipt) => receipt.roomId)
    for (const [roomId, found] of receipts) for (const text of receiptTexts(found)) add(roomId, text)
  }
  return parts
}

function typingFor(
  deps: Deps,
  { head }: Plan,
  { plan }: Timeline,
  isMentioned: boolean,
): readonly UserId[] | undefined {
  const typing = typingSince(deps, plan.roomId, plan.after, head)
  if (plan.after === 0) return typing?.length ? typing : undefined
  return typing ?? (isMentioned && isFromEarlierStart(deps, plan.after) ? [] : undefined)
}

/** What an EventFilter says of whose doing something is. */
export const passesSender = (filter: EventFilter | undefined, userId: UserId): boolean =>
  (filter?.senders?.includes(userId) ?? true) && !filter?.not_senders?.includes(userId)

/** What an EventFilter says of a type. */
export const passesType = (filter: EventFilter | undefined, type: string): boolean =>
  (filter?.types?.some((pattern) => matches(pattern, type)) ?? true) &&
  !filter?.not_types?.some((pattern) => matches(pattern, type))
