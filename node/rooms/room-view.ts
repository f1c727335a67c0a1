import { invalidParam } from '#spec/errors.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { historyVisibilityOf } from '#spec/room/content.ts'
import type { Deps } from '#node/deps.ts'
import { outside } from './room.ts'
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
  const view = await findView(deps, userId, roomId)
  if (view === undefined) throw outside()
  return view
}

/** The same; nothing for those who may not look at the room as a whole, though they may see some of what was said there. */
export async function findView(deps: Deps, userId: UserId, roomId: RoomId): Promise<RoomView | undefined> {
  const head = deps.stream.head
  const member = await store.readMember(deps.sql, roomId, userId)
  if (member?.membership === 'join' || (await isWorldReadable(deps, roomId, head)))
    return { upTo: head, isCurrent: true }
  const leftAt = member && !member.forgotten ? await store.readLastLeave(deps.sql, roomId, userId) : undefined
  return leftAt === undefined ? undefined : { upTo: leftAt, isCurrent: false }
}

async function isWorldReadable(deps: Deps, roomId: RoomId, at: number): Promise<boolean> {
  const event = await store.readStateEventAt(deps.sql, roomId, 'm.room.history_visibility', '', at)
  return event !== undefined && historyVisibilityOf(contentOf(event)) === 'world_readable'
}

const contentOf = ({ content }: StoredEvent) => ({ content: JSON.parse(content) as JsonObject })

export const readStateInView = (deps: Deps, roomId: RoomId, view: RoomView): Promise<readonly StoredEvent[]> =>
  view.isCurrent ? store.readState(deps.sql, roomId) : store.readStateAt(deps.sql, roomId, view.upTo)

/** A token of a place in a timeline: the position that lies just before it. */
export function parseToken(token: string): number {
  const position = /^[st](\d{1,16})$/.exec(token)?.[1]
  if (position === undefined) throw invalidParam('This is not a token that this server gave.')
  return Number(position)
}

export const tokenOf = (position: number): string => `t${position}`
