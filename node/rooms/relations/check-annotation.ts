import { MatrixError } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { relationOf } from '#spec/room/relation.ts'
import type { Deps } from '#node/deps.ts'
import type { Room } from '../room.ts'
import { isAnnotated } from './store.ts'

export const isAnnotation = (event: { readonly type: string; readonly content: JsonObject }): boolean =>
  relationOf(event)?.type === 'm.annotation'

/**
 * Throws M_DUPLICATE_ANNOTATION for what its sender has said of the event already, and not taken back. To be called in the room's own queue.
 * Client-Server API, "Avoiding duplicate annotations".
 */
export async function checkAnnotation(
  deps: Deps,
  room: Room,
  event: { readonly type: string; readonly sender: UserId; readonly content: JsonObject },
): Promise<void> {
  const relation = relationOf(event)
  if (relation?.key === undefined) return
  // The first one may be on its way to the database.
  await room.stored
  const { type, sender } = event
  if (await isAnnotated(deps.sql, room.id, { parent: relation.parent, key: relation.key, type, sender }))
    throw new MatrixError('M_DUPLICATE_ANNOTATION', 'You have said the same of this message already.')
}
