import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Tx } from '#node/db/transaction.ts'

export interface NewReport {
  readonly reporter: UserId
  readonly roomId?: RoomId
  readonly eventId?: EventId
  readonly userId?: UserId
  readonly reason: string
  /** Milliseconds since the Unix epoch. */
  readonly reportedAt: number
}

export const insertReport = (tx: Tx, { reporter, roomId, eventId, userId, reason, reportedAt }: NewReport) => tx`
  insert into reports (reporter, room_id, event_id, user_id, reason, reported_at)
  values (${reporter}, ${roomId ?? null}, ${eventId ?? null}, ${userId ?? null}, ${reason}, ${reportedAt})`

/** Deletes the report of an event; false where there is none. */
export async function deleteReport(tx: Tx, reportId: number): Promise<boolean> {
  const { count } = await tx`delete from reports where report_id = ${reportId} and event_id is not null`
  return count > 0
}

/** What is emptied of a room that is deleted. */
export const roomTables = ['reports'] as const
