import { forbidden, notFound } from '#spec/errors.ts'
import type { RoomId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { write } from '#node/stream/commit.ts'
import { appendEvents } from './append-event.ts'
import { publishedKind } from './facts.ts'
import { maySetState } from './may-set-state.ts'
import * as store from './store.ts'

export type DirectoryVisibility = 'public' | 'private'

/** Whether the public directory lists a room. Throws M_NOT_FOUND if there is no such room. */
export async function readVisibility(deps: Deps, roomId: RoomId): Promise<DirectoryVisibility> {
  const published = await store.readPublished(deps.sql, roomId)
  if (published === undefined) throw notFound('There is no such room.')
  return published ? 'public' : 'private'
}

/** Lists a room in the public directory, or takes it out of there. */
export async function setVisibility(
  deps: Deps,
  { userId, isAdmin }: Identity,
  roomId: RoomId,
  visibility: DirectoryVisibility,
): Promise<void> {
  await readVisibility(deps, roomId)
  await appendEvents(deps, roomId, async (room) => {
    if (!isAdmin && !(await maySetState(deps, room, userId, 'm.room.canonical_alias')))
      throw forbidden('Those who may set the aliases of a room decide whether the directory lists it.')
    return { drafts: [], beside: [write(publishedKind, { roomId, published: visibility === 'public' })] }
  })
}
