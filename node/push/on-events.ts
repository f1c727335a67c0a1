import type { UserId } from '#spec/ids.ts'
import { membershipOf, redactionTargetOf } from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import type { Deps } from '#node/deps.ts'
import { readMarkKind } from '#node/ephemeral/facts.ts'
import type { NewEvent, OnEvents } from '#node/slice.ts'
import { write, type Write } from '#node/stream/commit.ts'
import { audienceOf, isOurs } from './audience.ts'
import { arrivalKind, withdrawalKind } from './facts.ts'
import { judgeEvent } from './judge-event.ts'

/** Whom an event notifies; what its sender has read with it; and what a redaction takes back. */
export const onEvents: OnEvents = async (deps, added) => {
  const { event, version } = added
  const threadId = added.threadRoot ?? 'main'
  const audience = await audienceOf(deps, added)
  const writes = [...(await judgeEvent(deps, audience, added, threadId)), ...ownMark(deps, added, threadId)]
  const target = event.type === 'm.room.redaction' ? redactionTargetOf(version, event) : undefined
  return target === undefined ? writes : [...writes, write(withdrawalKind, { roomId: event.room_id, target })]
}

/** Whoever joins a room has read all of it; whoever sends something has read the thread that it goes to. */
function ownMark(deps: Deps, { event, replaced }: NewEvent, threadId: string): Write[] {
  const roomId = event.room_id
  const userId = event.state_key as UserId
  if (isArrival(event, replaced) && isOurs(deps, userId)) {
    return [write(readMarkKind, { userId, roomId, threadId: '' }), write(arrivalKind, { userId, roomId })]
  }
  // A new name is shown in all rooms, without a look at any.
  if (event.type === 'm.room.member') return []
  return isOurs(deps, event.sender) ? [write(readMarkKind, { userId: event.sender, roomId, threadId })] : []
}

const isArrival = (event: RoomEvent, replaced: RoomEvent | undefined): boolean =>
  event.type === 'm.room.member' && membershipOf(event) === 'join' && membershipOf(replaced) !== 'join'
