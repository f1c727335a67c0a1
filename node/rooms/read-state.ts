import { forbidden, notFound } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { cutErased } from './erased-events.ts'
import { presentEvents } from './present-events.ts'
import { outside } from './room.ts'
import { parseToken, readStateInView, viewOf } from './room-view.ts'
import * as store from './store.ts'
import type { StoredEvent } from './stored-event.ts'
import { seesStateAt } from './visible-events.ts'

const present = async (deps: Deps, reader: Identity, events: readonly StoredEvent[]) =>
  (await presentEvents(deps, reader, events, { withRoomId: true, asState: true })).join(',')

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
  if (piece.format === 'event') return present(deps, reader, [event])
  return (await cutErased(deps, reader.userId, [event]))(event).content
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
  const { roomId, at, membership, not_membership: not } = asked
  const view = await viewOf(deps, reader.userId, roomId)
  const upTo = at === undefined ? view.upTo : Math.min(parseToken(at), view.upTo)
  if (upTo < view.upTo && !(await seesStateAt(deps, reader.userId, roomId, upTo)))
    throw forbidden('You may not see who was in the room then.')
  const events = await store.readAllMemberEvents(deps.sql, roomId, upTo)
  const chosen = events.filter((event) => {
    const own = (JSON.parse(event.content) as { membership?: unknown }).membership
    if (membership === undefined) return not === undefined || own !== not
    // The two together widen the answer.
    return own === membership || (not !== undefined && own !== not)
  })
  return `{"chunk":[${await present(deps, reader, chosen)}]}`
}

/** Who is in a room, for those who are. */
export async function readJoinedMembers(
  deps: Deps,
  reader: Identity,
  roomId: RoomId,
): Promise<Record<UserId, JoinedMember>> {
  const own = await store.readMember(deps.sql, roomId, reader.userId)
  if (own?.membership !== 'join') throw outside()
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
