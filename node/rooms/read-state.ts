import { notFound } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { presentEvents } from './present-events.ts'
import { parseToken, readStateInView, viewOf } from './room-view.ts'
import * as store from './store.ts'
import type { StoredEvent } from './stored-event.ts'

const present = async (deps: Deps, reader: Identity, events: readonly StoredEvent[]) =>
  (await presentEvents(deps, reader, events, { withRoomId: true })).join(',')

/** The state of a room as far as the reader may look, as JSON text. */
export async function readStateText(deps: Deps, reader: Identity, roomId: RoomId): Promise<string> {
  const view = await viewOf(deps, reader.userId, roomId)
  return `[${await present(deps, reader, await readStateInView(deps, roomId, view))}]`
}

/** One piece of state: its content, or the whole event. Throws M_NOT_FOUND. */
export async function readStatePiece(
  deps: Deps,
  reader: Identity,
  piece: { roomId: RoomId; type: string; stateKey: string; format: 'content' | 'event' | undefined },
): Promise<string> {
  const view = await viewOf(deps, reader.userId, piece.roomId)
  const event = await store.readStateEventAt(deps.sql, piece.roomId, piece.type, piece.stateKey, view.upTo)
  if (event === undefined) throw notFound('The room has no such state.')
  return piece.format === 'event' ? await present(deps, reader, [event]) : event.content
}

/** The member events of a room, as JSON text. */
export async function readMembers(
  deps: Deps,
  reader: Identity,
  asked: {
    roomId: RoomId
    at?: string | undefined
    membership?: string | undefined
    not_membership?: string | undefined
  },
): Promise<string> {
  const view = await viewOf(deps, reader.userId, asked.roomId)
  const upTo = asked.at === undefined ? view.upTo : Math.min(parseToken(asked.at), view.upTo)
  const events = await store.readAllMemberEvents(deps.sql, asked.roomId, upTo)
  const membershipOf = (event: StoredEvent) => (JSON.parse(event.content) as { membership?: unknown }).membership
  const chosen = events.filter((event) => {
    const membership = membershipOf(event)
    if (asked.membership !== undefined && membership !== asked.membership) return false
    return asked.not_membership === undefined || membership !== asked.not_membership
  })
  return `{"chunk":[${await present(deps, reader, chosen)}]}`
}

/** Who is in a room, for those who are. */
export async function readJoinedMembers(
  deps: Deps,
  reader: Identity,
  roomId: RoomId,
): Promise<Record<UserId, JoinedMember>> {
  const view = await viewOf(deps, reader.userId, roomId)
  if (!view.isCurrent) throw notFound('You are no longer in this room.')
  const members = await store.readJoinedMembers(deps.sql, roomId)
  return Object.fromEntries(
    members.map(({ userId, displayname, avatarUrl }) => [
      userId,
      {
        ...(displayname !== null && { display_name: displayname }),
        ...(avatarUrl !== null && { avatar_url: avatarUrl }),
      },
    ]),
  )
}

type JoinedMember = { display_name?: string; avatar_url?: string }
