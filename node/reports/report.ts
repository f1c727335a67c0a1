import { notFound } from '#spec/errors.ts'
import { serverOf, type EventId, type RoomId, type UserId } from '#spec/ids.ts'
import { accountExists } from '#node/accounts/store.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { readVisibleEvent } from '#node/rooms/read-messages.ts'
import { readMember, readRoom } from '#node/rooms/store.ts'
import { insertReport, type NewReport } from './store.ts'

/*
 * Reports are kept for those who administer the server. Whether what is reported is there is told only to those who see it.
 */

const keep = (deps: Deps, report: Omit<NewReport, 'reportedAt'>) =>
  transaction(deps.sql, (tx) => insertReport(tx, { ...report, reportedAt: deps.clock.now() }))

/** Anybody may report any room: they may have met it in the directory, or by an invitation. */
export async function reportRoom(deps: Deps, reporter: UserId, roomId: RoomId, reason: string): Promise<void> {
  if ((await readRoom(deps.sql, roomId)) !== undefined) await keep(deps, { reporter, roomId, reason })
}

/** Throws M_NOT_FOUND unless the reporter is in the room and sees the event. */
export async function reportEvent(
  deps: Deps,
  reporter: UserId,
  { roomId, eventId }: { roomId: RoomId; eventId: EventId },
  reason = '',
): Promise<void> {
  const member = await readMember(deps.sql, roomId, reporter)
  if (member?.membership !== 'join') throw notFound('There is no such event, or you may not see it.')
  const event = await readVisibleEvent(deps, reporter, roomId, eventId)
  await keep(deps, { reporter, roomId, eventId, userId: event.sender, reason })
}

/** Anybody may report anybody. Who is of another server is taken to exist. */
export async function reportUser(deps: Deps, reporter: UserId, userId: UserId, reason: string): Promise<void> {
  const exists = serverOf(userId) !== deps.config.serverName || (await accountExists(deps.sql, userId))
  if (exists) await keep(deps, { reporter, userId, reason })
}
