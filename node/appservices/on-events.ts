import type { UserId } from '#spec/ids.ts'
import { membershipOf } from '#spec/room/content.ts'
import { appservicesOf, mayActAs } from '#node/accounts/appservices/appservices.ts'
import type { OnEvents } from '#node/slice.ts'
import { write } from '#node/stream/commit.ts'
import { memberChangeKind } from './facts.ts'

/** Keeps books of when the users of application services were where: whoever was away is told of that time, not of the rooms of today. */
export const onEvents: OnEvents = (deps, { event, replaced }) => {
  if (event.type !== 'm.room.member' || event.state_key === undefined) return []
  const membership = membershipOf(event)
  if (replaced !== undefined && membershipOf(replaced) === membership) return []
  const userId = event.state_key as UserId
  return appservicesOf(deps)
    .filter((one) => one.url !== undefined && mayActAs(one, userId))
    .map(({ id }) =>
      write(memberChangeKind, { appserviceId: id, roomId: event.room_id, userId, isIn: membership === 'join' }),
    )
}
