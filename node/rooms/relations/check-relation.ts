import { MatrixError } from '#spec/errors.ts'
import type { RoomId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { relationOf } from '#spec/room/relation.ts'
import type { Deps } from '#node/deps.ts'
import { isRelated } from './store.ts'

/** Throws M_UNKNOWN for an event that would begin a thread where none can begin. Client-Server API, "Validation of `m.thread` relationships". */
export async function checkRelation(
  deps: Deps,
  roomId: RoomId,
  event: { readonly type: string; readonly content: JsonObject },
): Promise<void> {
  const relation = relationOf(event)
  if (relation?.type === 'm.thread' && (await isRelated(deps.sql, roomId, relation.parent)))
    throw new MatrixError('M_UNKNOWN', 'A thread cannot begin at an event that relates to another one.')
}
