import type { RoomId, UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { readMarkKind, receiptKind, type ReadMark, type Receipt } from '#node/ephemeral/facts.ts'
import { deviceListKind } from '#node/keys/facts.ts'
import { presenceKind } from '#node/presence/facts.ts'
import { exceptionKind, roomNotificationKind, type Exception, type RoomNotification } from '#node/push/facts.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import { announced } from './announced.ts'

/** Where in the log each room changed last, as far as this process has seen it happen. */
const changesOf = perNode((deps) => {
  const latest = new Map<string, number>()
  const latestMember = new Map<string, number>()
  const counts = { latest: new Map<string, number>(), since: deps.stream.head }
  deps.stream.onCommit(({ facts, upTo }) => {
    for (const { kind, row, position } of facts) {
      if (kind === roomNotificationKind) counts.latest.set((row as RoomNotification).roomId, upTo)
      if (kind === readMarkKind || kind === exceptionKind) counts.latest.set(ownKey(row as ReadMark | Exception), upTo)
      if (kind === presenceKind || kind === deviceListKind) continue
      if (kind === eventKind && (row as EventRow).membershipChanged)
        latestMember.set((row as EventRow).event.room_id, position)
      for (const roomId of kind.concerns?.(row as never).rooms ?? []) latest.set(roomId, position)
      // A private receipt concerns its user alone; it stands in a room all the same.
      if (kind === receiptKind) latest.set((row as Receipt).roomId, position)
    }
    if (counts.latest.size <= mostCounts) return
    counts.latest.clear()
    counts.since = upTo
  })
  return { latest, latestMember, counts, since: deps.stream.head }
})

/** Beyond this many what is remembered of unread counts is begun anew. */
const mostCounts = 50_000

const ownKey = ({ userId, roomId }: { userId: UserId; roomId: RoomId }): string => `${userId} ${roomId}`

/** Begins to watch which rooms change. */
export const watchRooms = (deps: Deps): void => void changesOf(deps)

/**
 * Tells rooms in which nothing has happened after `since` and up to `head`, so that what is new for somebody in five hundred rooms costs
 * what is new. When memory cannot tell, a room may have changed.
 */
export async function changedSince(deps: Deps, since: number, head: number): Promise<Changes> {
  const { latest, latestMember, counts, since: known } = changesOf(deps)
  await announced(deps, head)
  if (since < known || deps.stream.head < head)
    return { hasChanged: () => true, hasNewMembers: () => true, hasNewCounts: () => true }
  const isAfter = (positions: ReadonlyMap<string, number>) => (roomId: RoomId) => (positions.get(roomId) ?? 0) > since
  // What was counted after `head` is told with the next answer.
  const isNew = (position: number) => position > since && position <= head
  const hasNewCounts = (userId: UserId, roomId: RoomId) =>
    since < counts.since || [roomId, ownKey({ userId, roomId })].some((key) => isNew(counts.latest.get(key) ?? 0))
  return { hasChanged: isAfter(latest), hasNewMembers: isAfter(latestMember), hasNewCounts }
}

/** What may have happened in a room; false only if it has not. */
export interface Changes {
  readonly hasChanged: (roomId: RoomId) => boolean
  /** Somebody's membership is another. */
  readonly hasNewMembers: (roomId: RoomId) => boolean
  /** Something else is unread to the user. */
  readonly hasNewCounts: (userId: UserId, roomId: RoomId) => boolean
}
