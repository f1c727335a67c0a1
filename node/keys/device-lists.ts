import type { RoomId, UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import { deviceListKind } from './facts.ts'
import { readAcquaintances, readChangedUsers } from './store.ts'

/** Whose devices a reader must ask for again, and whose they need not follow any more. */
export interface DeviceLists {
  readonly changed: readonly UserId[]
  readonly left: readonly UserId[]
}

const none: DeviceLists = { changed: [], left: [] }

/** Beyond this many people the memory of who came or went is begun anew. */
const mostPeople = 50_000

/** Where in the log somebody last came to a room or left it, and when devices last changed, as far as this process has seen it happen. */
interface Seen {
  since: number
  lists: number
  readonly rooms: Map<RoomId, number>
  readonly people: Map<UserId, number>
}

const seenOf = perNode<Seen>((deps) => {
  const seen: Seen = { since: deps.stream.head, lists: 0, rooms: new Map(), people: new Map() }
  deps.stream.onCommit(({ facts }) => {
    for (const { kind, row, position } of facts) {
      if (kind === deviceListKind) seen.lists = position
      else if (kind === eventKind) noteMembership(seen, row as EventRow, position)
    }
  })
  return seen
})

function noteMembership(seen: Seen, { event, membershipChanged }: EventRow, position: number): void {
  if (event.type !== 'm.room.member' || !membershipChanged) return
  if (seen.people.size >= mostPeople) {
    seen.people.clear()
    seen.rooms.clear()
    seen.since = position - 1
  }
  seen.rooms.set(event.room_id, position)
  seen.people.set(event.state_key as UserId, position)
}

/** Begins to remember. */
export const watchDeviceLists = (deps: Deps): void => void seenOf(deps)

/**
 * Whose devices or keys changed after `since` of those who share a room with the reader, who came to share a room with them, and who
 * shares none any more. It is worked out when it is read: nothing is written for the members of a room when somebody's devices change. Mostly
 * memory knows that there is nothing, and the database is not asked. What changed after the reader's answer may be in it, and is told again.
 */
export async function deviceListsSince(
  deps: Deps,
  reader: UserId,
  since: number,
  joined: readonly RoomId[],
): Promise<DeviceLists> {
  const seen = seenOf(deps)
  const isKnown = since >= seen.since
  const rooms = isKnown ? joined.filter((roomId) => (seen.rooms.get(roomId) ?? 0) > since) : joined
  const hasMoved = !isKnown || rooms.length > 0 || (seen.people.get(reader) ?? 0) > since
  const mayHaveChanged = !isKnown || seen.lists > since
  if (!hasMoved && !mayHaveChanged) return none
  const [changed, met] = await Promise.all([
    mayHaveChanged ? readChangedUsers(deps.sql, reader, since) : [],
    hasMoved ? readAcquaintances(deps.sql, reader, since, { rooms, serverName: deps.config.serverName }) : [],
  ])
  const come = met.filter((one) => one.isNow && one.hasList).map((one) => one.userId)
  const gone = met.filter((one) => one.wasThen && !one.isAnywhere).map((one) => one.userId)
  return { changed: [...new Set([...changed, ...come])], left: gone }
}
