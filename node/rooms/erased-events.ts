import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import { canonicalJson, type JsonObject } from '#spec/json.ts'
import { redactContent } from '#spec/room/redact.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'
import { visibilityOf } from '#spec/room/visible.ts'
import { erasedAt } from '#node/accounts/moderation/erased.ts'
import type { Deps } from '#node/deps.ts'
import * as store from './store.ts'
import type { StoredEvent } from './stored-event.ts'
import { asStranger, readCases } from './visible-events.ts'

/*
 * What people said whose accounts were erased since. Client-Server API, `POST /account/deactivate`, `erase`.
 *
 * Name, topic and encryption of a room are the room's, not the person's: with them redacted, newcomers would write into an encrypted room
 * in the clear. So of state only memberships are redacted, which have names, pictures and reasons.
 */

type Erasable = Pick<StoredEvent, 'sender' | 'position' | 'type' | 'stateKey' | 'redactedBy'>

/** Whether there are people who must not see all of an event. Answered from memory, for every event that is read. */
export function isErased(deps: Deps, { sender, position, type, stateKey, redactedBy }: Erasable): boolean {
  const erased = erasedAt(deps, sender)
  return (
    erased !== undefined && position <= erased && redactedBy === null && (stateKey === null || type === 'm.room.member')
  )
}

/** Gives an event as one reader gets to see it: itself, or what redaction leaves of it. */
export type Cut = <E extends StoredEvent>(event: E) => E

const uncut: Cut = (event) => event

/** How to show some events, which the reader may see. Asks the database only if senders were erased. */
export async function cutErased(deps: Deps, userId: UserId, events: readonly StoredEvent[]): Promise<Cut> {
  const erased = events.filter((event) => isErased(deps, event))
  if (erased.length === 0) return uncut
  const byRoom = [...Map.groupBy(erased, (event) => event.roomId)]
  const members = await store.readMemberIn(
    deps.sql,
    userId,
    byRoom.map(([roomId]) => roomId),
  )
  const inRoom = new Map(members.map((member) => [member.roomId, member]))
  const cut = await Promise.all(byRoom.map(([roomId, of]) => redactOf(deps, userId, roomId, of, inRoom.get(roomId))))
  const contents = new Map(cut.flat())
  return (event) => {
    const content = contents.get(event.eventId)
    return content === undefined ? event : { ...event, content }
  }
}

/** The same for everybody at once: what those see who see least. */
export async function cutForAll(deps: Deps, events: readonly StoredEvent[]): Promise<Cut> {
  const erased = Map.groupBy(
    events.filter((event) => isErased(deps, event)),
    (event) => event.roomId,
  )
  if (erased.size === 0) return uncut
  const cut = await Promise.all([...erased].map(([roomId, of]) => redactedContents(deps, roomId, of)))
  const contents = new Map(cut.flat())
  return (event) => ({ ...event, content: contents.get(event.eventId) ?? event.content })
}

type Content = readonly [EventId, content: string]

/** The contents of those events of a room that the reader sees redacted. */
async function redactOf(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  events: readonly StoredEvent[],
  member: store.MemberIn | undefined,
): Promise<Content[]> {
  const since = member?.membership === 'join' ? member.membershipPosition : Infinity
  const doubtful = events.filter((event) => event.position < since)
  if (doubtful.length === 0) return []
  const erasures = [...new Set(doubtful.map((event) => erasedAt(deps, event.sender)!))]
  const [cases, joins] = await Promise.all([
    readCases(deps, roomId, userId, doubtful),
    store.readLastJoins(deps.sql, roomId, userId, erasures),
  ])
  const lastJoinBefore = new Map(joins.map(({ before, position }) => [before, position]))
  const hidden = doubtful.filter((event) => {
    const given = cases.get(event.eventId)!
    if (member?.forgotten) return visibilityOf({ ...asStranger(given), erasure: { joinedBefore: false } }) !== 'whole'
    const joinedBefore = (lastJoinBefore.get(erasedAt(deps, event.sender)!) ?? 0) > event.position
    // Whoever joins is told who is in the room, whatever they see of its past.
    if (joinedBefore && event.stateKey !== null) return false
    return visibilityOf({ ...given, erasure: { joinedBefore } }) !== 'whole'
  })
  return hidden.length === 0 ? [] : redactedContents(deps, roomId, hidden)
}

async function redactedContents(deps: Deps, roomId: RoomId, events: readonly StoredEvent[]): Promise<Content[]> {
  const version = requireRoomVersion((await store.readRoom(deps.sql, roomId))!.version)
  return events.map(({ eventId, type, content }) => [
    eventId,
    canonicalJson(redactContent(version, type, JSON.parse(content) as JsonObject)),
  ])
}
