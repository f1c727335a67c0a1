import { MatrixError } from '#spec/errors.ts'
import { membershipOf } from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { noticesUserOf } from '#node/accounts/notices-user.ts'
import type { Deps } from '#node/deps.ts'

/** Throws M_CANNOT_LEAVE_SERVER_NOTICE_ROOM where this is an invitation of the server itself. Who has joined may leave. */
export function checkMayDecline(deps: Deps, member: RoomEvent | undefined): void {
  if (membershipOf(member) === 'invite' && member?.sender === noticesUserOf(deps))
    throw new MatrixError(
      'M_CANNOT_LEAVE_SERVER_NOTICE_ROOM',
      'This is where the server speaks to you: the invitation cannot be declined. You can leave the room once you have joined it.',
    )
}
