import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'

/** What everybody may find out about a room by joining it or knocking on it, they may know before. */
const openRules: ReadonlySet<string | null> = new Set(['public', 'knock', 'knock_restricted'])
const restrictedRules: ReadonlySet<string | null> = new Set(['restricted', 'knock_restricted'])

export const isRestricted = ({ joinRule }: store.SummaryRow): boolean => restrictedRules.has(joinRule)

/** Of some rooms, what those tell that somebody may look at from outside; nobody in particular where `userId` is absent. Client-Server API, "Spaces". */
export async function lookAtRooms(
  deps: Deps,
  userId: UserId | undefined,
  roomIds: readonly RoomId[],
): Promise<Map<RoomId, store.LookedAtRow>> {
  const rows = await store.readSummaries(deps.sql, roomIds, userId)
  const asked = rows.filter((row) => isRestricted(row) && !isOpen(row)).flatMap((row) => row.allowedRooms)
  const joined =
    userId === undefined || asked.length === 0
      ? new Set<RoomId>()
      : new Set((await store.readJoinedAmong(deps.sql, userId, asked)).map(({ roomId }) => roomId))
  const mayJoin = (row: store.LookedAtRow) =>
    row.membership !== 'ban' && isRestricted(row) && row.allowedRooms.some((roomId) => joined.has(roomId))
  return new Map(rows.filter((row) => isOpen(row) || mayJoin(row)).map((row) => [row.roomId, row]))
}

function isOpen({ membership, joinRule, worldReadable }: store.LookedAtRow): boolean {
  if (worldReadable || membership === 'join' || membership === 'invite') return true
  return membership !== 'ban' && openRules.has(joinRule)
}
