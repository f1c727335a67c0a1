import { forbidden } from '#spec/errors.ts'
import type { RoomId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { readBlock } from './store.ts'

/** Throws M_FORBIDDEN for a room that administrators have blocked. */
export async function checkNotBlocked(deps: Deps, roomId: RoomId): Promise<void> {
  if ((await readBlock(deps.sql, roomId)) !== undefined)
    throw forbidden('This room has been blocked by an administrator of this server.')
}
