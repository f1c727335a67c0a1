import type { RoomId, UserId } from '#spec/ids.ts'
import { readShownProfile } from '#node/accounts/profile.ts'
import type { Deps } from '#node/deps.ts'
import { checkNotBlocked } from './administration/blocked.ts'
import { appendEvents } from './append-event.ts'
import { membershipIn } from './membership-in.ts'
import { memberEvent, withReason } from './memberships.ts'

/** Asks to be let into a room. Who has asked already has been heard. */
export async function knock(deps: Deps, userId: UserId, roomId: RoomId, reason?: string): Promise<void> {
  await checkNotBlocked(deps, roomId)
  const profile = await readShownProfile(deps.sql, userId)
  const change = { roomId, sender: userId, target: userId, reason }
  await appendEvents(deps, roomId, async (room) => {
    if ((await membershipIn(deps, room, userId)) === 'knock') return []
    return [memberEvent(change, { ...profile, membership: 'knock', ...withReason(reason) })]
  })
}
