import { forbidden, notFound } from '#spec/errors.ts'
import type { RoomId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { write } from '#node/stream/commit.ts'
import { appendEvents } from './append-event.ts'
import { publishedKind } from './facts.ts'
import { membershipIn } from './membership-in.ts'
import { maySetState } from './may-set-state.ts'
import { outside } from './room.ts'
import * as store from './store.ts'

export type DirectoryVisibility = 'public' | 'private'

/** Whether the public directory lists a room. Of a room that it does not list, nobody outside learns that it is there. Throws M_NOT_FOUND. */
export async function readVisibility(
  deps: Deps,
  caller: Identity | undefined,
  roomId: RoomId,
): Promise<DirectoryVisibility> {
  const published = await store.readPublished(deps.sql, roomId)
  if (published === true) return 'public'
  if (published === undefined || !(await mayKnow(deps, caller, roomId))) throw notFound('There is no such room.')
  return 'private'
}

async function mayKnow(deps: Deps, caller: Identity | undefined, roomId: RoomId): Promise<boolean> {
  if (caller === undefined) return false
  return caller.isAdmin || (await store.readMember(deps.sql, roomId, caller.userId)) !== undefined
}

/** Lists a room in the public directory, or takes it out of there. */
export async function setVisibility(
  deps: Deps,
  { userId, isAdmin }: Identity,
  roomId: RoomId,
  visibility: DirectoryVisibility,
): Promise<void> {
  await appendEvents(deps, roomId, async (room) => {
    if (!isAdmin && (await membershipIn(deps, room, userId)) === undefined) throw outside()
    if (!isAdmin && !(await maySetState(deps, room, userId, 'm.room.canonical_alias')))
      throw forbidden('Those who may set the aliases of a room decide whether the directory lists it.')
    return { drafts: [], beside: [write(publishedKind, { roomId, published: visibility === 'public' })] }
  })
}
