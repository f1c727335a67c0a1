import { accountDataKind } from '#node/accounts/account-data.ts'
import type { AccountData } from '#node/accounts/store.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { readMarkKind, receiptKind, type ReadMark, type Receipt } from '#node/ephemeral/facts.ts'
import { deviceListKind } from '#node/keys/facts.ts'
import { presenceKind } from '#node/presence/facts.ts'
import { exceptionKind, roomNotificationKind, withdrawalKind } from '#node/push/facts.ts'
import type { Exception, RoomNotification, Withdrawal } from '#node/push/facts.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import { announced } from './announced.ts'

/** Where in the log each room changed last, as far as this process has seen it happen. */
const changesOf = perNode((deps) => {
  const latest = new Map<string, number>()
  const latestMember = new Map<string, number>()
  const counts = { latest: new Map<string, number>(), since: deps.stream.head }
  const accountData = { latest: new Map<UserId, number>(), since: deps.stream.head }
  const changes = { latest, latestMember, counts, accountData, since: deps.stream.head }
  let { losses } = deps.stream
  deps.stream.onCommit(({ facts, upTo }) => {
    // What was lost and is stored all the same stands before this batch.
    if (losses !== deps.stream.losses) changes.since = counts.since = accountData.since = upTo
    losses = deps.stream.losses
    for (const { kind, row, position } of facts) {
      if (kind === roomNotificationKind || kind === withdrawalKind)
        counts.latest.set((row as RoomNotification | Withdrawal).roomId, upTo)
      if (kind === readMarkKind || kind === exceptionKind) counts.latest.set(ownKey(row as ReadMark | Exception), upTo)
      if (kind === accountDataKind) accountData.latest.set((row as AccountData).userId, upTo)
      if (kind === presenceKind || kind === deviceListKind) continue
      if (kind === eventKind && (row as EventRow).membershipChanged)
        latestMember.set((row as EventRow).event.room_id, position)
      for (const roomId of kind.concerns?.(row as never).rooms ?? []) latest.set(roomId, position)
      // A private receipt concerns its user alone; it stands in a room all the same.
      if (kind === receiptKind) latest.set((row as Receipt).roomId, position)
    }
    for (const memory of [counts, accountData]) {
      if (memory.latest.size <= mostRemembered) continue
      memory.latest.clear()
      memory.since = upTo
    }
  })
  return changes
})

/** Beyond this many, what is remembered of unread counts or of account data is begun anew. */
const mostRemembered = 50_000

const ownKey = ({ userId, roomId }: { userId: UserId; roomId: RoomId }): string => `${userId} ${roomId}`

/** Begins to watch which rooms change. */
export const watchRooms = (deps: Deps): void => void changesOf(deps)

/**
 * Tells rooms in which nothing has happened after `since` and up to `head`, so that what is new for somebody in five hundred rooms costs
 * what is new. When memory cannot tell, a room may have changed.
 */
export async function changedSince(deps: Deps, since: number, head: number): Promise<Changes> {
  const { latest, latestMember, counts, accountData, since: known } = changesOf(deps)
  await announced(deps, head)
  if (since < known || deps.stream.head < head)
    return { hasChanged: () => true, hasNewMembers: () => true, hasNewCounts: () => true, hasAccountData: () => true }
  const isAfter = (positions: ReadonlyMap<string, number>) => (roomId: RoomId) => (positions.get(roomId) ?? 0) > since
  // What was counted after `head` is told with the next answer.
  const isNew = (position: number) => position > since && position <= head
  const hasNewCounts = (userId: UserId, roomId: RoomId) =>
    since < counts.since || [roomId, ownKey({ userId, roomId })].some((key) => isNew(counts.latest.get(key) ?? 0))
  const hasAccountData = (userId: UserId) => since < accountData.since || (accountData.latest.get(userId) ?? 0) > since
  return { hasChanged: isAfter(latest), hasNewMembers: isAfter(latestMember), hasNewCounts, hasAccountData }
}

/** What may have happened in a room; false only if it has not. */
export interface Changes {
  readonly hasChanged: (roomId: RoomId) => boolean
  /** Somebody's membership is another. */
  readonly hasNewMembers: (roomId: RoomId) => boolean
  /** Something else is unread to the user. */
  readonly hasNewCounts: (userId: UserId, roomId: RoomId) => boolean
  /** The user has set account data. */
  readonly hasAccountData: (userId: UserId) => boolean
}
