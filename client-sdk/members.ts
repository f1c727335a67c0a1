import { localpartOf, type UserId } from '#spec/ids.ts'
import type { MemberRow, Membership } from './store/store.ts'

/** One person in a room, as the room sees that person. */
export interface Member {
  readonly userId: UserId
  readonly membership: Membership
  /** What to show: the display name, with the user id where another member has the same one; the user id's first part where there is none. */
  readonly name: string
  readonly displayName?: string | undefined
  /** `mxc:` */
  readonly avatarUrl?: string | undefined
  /** `Infinity` for the creators of a room of version 12. */
  readonly powerLevel: number
}

/** The people of a room. */
export interface Members {
  readonly byId: ReadonlyMap<UserId, Member>
  /** Everybody is in the map; else only those that the node found worth sending. */
  readonly complete: boolean
}

/** The members of a room by their rows, with names made unique. Client-Server API, "Calculating the display name for a user". */
export function membersOf(
  rows: ReadonlyMap<UserId, MemberRow>,
  levelOf: (userId: UserId) => number,
): ReadonlyMap<UserId, Member> {
  const shared = sharedNames(rows.values())
  return new Map([...rows.values()].map((row) => [row.userId, memberOf(row, shared, levelOf(row.userId))]))
}

/** Somebody of whom the room's state, as far as it is known, says nothing. */
export const strangerOf = (userId: UserId, powerLevel: number): Member => ({
  userId,
  membership: 'leave',
  name: localpartOf(userId) || userId,
  powerLevel,
})

function memberOf(row: MemberRow, shared: ReadonlySet<string>, powerLevel: number): Member {
  const { userId, membership, displayName, avatarUrl } = row
  const plain = displayName || localpartOf(userId) || userId
  const name = shared.has(plain) ? `${plain} (${userId})` : plain
  return { userId, membership, name, displayName, avatarUrl, powerLevel }
}

/** The names that more than one of those present have. */
function sharedNames(rows: Iterable<MemberRow>): ReadonlySet<string> {
  const seen = new Set<string>()
  const shared = new Set<string>()
  for (const { userId, membership, displayName } of rows) {
    if (membership !== 'join' && membership !== 'invite') continue
    const name = displayName || localpartOf(userId)
    if (seen.has(name)) shared.add(name)
    seen.add(name)
  }
  return shared
}
