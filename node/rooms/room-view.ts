import { forbidden, invalidParam } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { historyVisibilityOf } from '#spec/room/content.ts'
import type { Deps } from '#node/deps.ts'
import { readPiece, roomOf } from './room.ts'
import * as store from './store.ts'
import type { StoredEvent } from './stored-event.ts'

/** How far a user may look into a room. */
export interface RoomView {
  /** The last position whose state they may see: when they left, or now. */
  readonly upTo: number
  readonly isCurrent: boolean
}

/** Throws M_FORBIDDEN for whoever was never in the room, unless all the world may read it; and as if there were no room, if there is none. */
export async function viewOf(deps: Deps, userId: UserId, roomId: RoomId): Promise<RoomView> {
  const head = deps.stream.head
  const member = await store.readMember(deps.sql, roomId, userId)
  if (member?.membership === 'join') return { upTo: head, isCurrent: true }
  if ((await store.readRoom(deps.sql, roomId)) === undefined) throw outside()
  const room = await roomOf(deps, roomId)
  const visibility = historyVisibilityOf(await readPiece(deps, room, 'm.room.history_visibility', ''))
  if (visibility === 'world_readable') return { upTo: head, isCurrent: true }
  const wasInside = member && !member.forgotten && (member.membership === 'leave' || member.membership === 'ban')
  if (wasInside && (await store.readLastJoin(deps.sql, roomId, userId)) > 0)
    return { upTo: member.position, isCurrent: false }
  throw outside()
}

const outside = () => forbidden('You are not in this room.')

export const readStateInView = (deps: Deps, roomId: RoomId, view: RoomView): Promise<readonly StoredEvent[]> =>
  view.isCurrent ? store.readState(deps.sql, roomId) : store.readStateAt(deps.sql, roomId, view.upTo)

/** A token of a place in a timeline: the position that lies just before it. */
export function parseToken(token: string): number {
  const position = /^[st](\d{1,16})$/.exec(token)?.[1]
  if (position === undefined) throw invalidParam('This is not a token that this server gave.')
  return Number(position)
}

export const tokenOf = (position: number): string => `t${position}`
