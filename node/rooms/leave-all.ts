import { MatrixError } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { AuthFailure } from '#spec/room/auth.ts'
import { onDeactivation } from '#node/accounts/moderation/deactivate.ts'
import type { Deps } from '#node/deps.ts'
import { enqueue } from '#node/jobs/enqueue.ts'
import { jobKind } from '#node/jobs/job-kind.ts'
import { leaveRoom } from './memberships.ts'
import * as store from './store.ts'

/** Takes a user whose account has ended out of every room, and back from every invitation. */
export const leaveAllRooms = jobKind<{ userId: UserId }>('leave all rooms', async (deps, { userId }, { signal }) => {
  for (const membership of ['join', 'invite', 'knock'] as const)
    for (const { roomId } of await store.readRoomsOf(deps.sql, userId, membership)) {
      signal.throwIfAborted()
      await leaveRoom(deps, userId, roomId, { mayDeclineAll: true }).catch((error: unknown) => {
        // A room whose rules hold somebody back does so however often they try.
        if (!(error instanceof MatrixError || error instanceof AuthFailure)) throw error
        deps.log.warn({ err: error, room: roomId }, 'room not left')
      })
    }
})

/** Begins that in the transaction that ends an account. The answer ends it. */
export const leaveOnDeactivation = (deps: Deps): (() => void) =>
  onDeactivation(deps, (tx, { userId }) => enqueue(deps, tx, leaveAllRooms, { userId }, { lane: userId }))
