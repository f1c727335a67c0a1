import type { UserId } from '#spec/ids.ts'
import { membershipOf, type Membership } from '#spec/room/content.ts'
import type { Deps } from '#node/deps.ts'
import { outside, readPiece, type Room } from './room.ts'

/** Nothing for somebody whom the room has never heard of. */
export const membershipIn = async (deps: Deps, room: Room, user: UserId): Promise<Membership | undefined> =>
  membershipOf(await readPiece(deps, room, 'm.room.member', user))

/** Throws M_FORBIDDEN for whoever is not in the room: the rules would refuse them too, but not all before something else is said. */
export async function checkInside(deps: Deps, room: Room, user: UserId): Promise<void> {
  if ((await membershipIn(deps, room, user)) !== 'join') throw outside()
}
