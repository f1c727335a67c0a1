import type { RoomId, UserId } from '#spec/ids.ts'
import { transaction } from '#node/db/transaction.ts'
import type { Deps } from '#node/deps.ts'
import { appendEvents } from '../append-event.ts'
import { memberEvent } from '../memberships.ts'
import { inOrder, roomOf } from '../room.ts'
import * as store from './store.ts'

/** So many leave in one go; others have their turn between. */
const atOnce = 100

/** Takes everybody out of a room who is there, invited, or asks to come in. Answers who that was. */
export async function emptyRoom(deps: Deps, roomId: RoomId, signal: AbortSignal): Promise<UserId[]> {
  const gone: UserId[] = []
  for (;;) {
    signal.throwIfAborted()
    const present = await store.readPresent(deps.sql, roomId, atOnce)
    if (present.length === 0) return gone
    await appendEvents(deps, roomId, () =>
      present.map((userId) =>
        memberEvent({ roomId, sender: userId, target: userId, reason: undefined }, { membership: 'leave' }),
      ),
    )
    gone.push(...present)
  }
}

/** Nothing can be written into the room any more: it is not there. False: somebody has come meanwhile. */
export async function closeRoom(deps: Deps, roomId: RoomId): Promise<boolean> {
  const room = await roomOf(deps, roomId)
  return inOrder(room, async () => {
    await room.stored
    if ((await store.readPresent(deps.sql, roomId, 1)).length > 0) return false
    await transaction(deps.sql, (tx) => store.deleteRoomRow(tx, roomId))
    room.broken = true
    return true
  })
}
