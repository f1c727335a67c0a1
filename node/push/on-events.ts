import type { UserId } from '#spec/ids.ts'
import { isUserId, serverOf } from '#spec/ids.ts'
import type { RoomEvent } from '#spec/room/event.ts'
import { readMarkKind } from '#node/ephemeral/facts.ts'
import { asksForAttention } from '#node/rooms/attention.ts'
import type { OnEvents } from '#node/slice.ts'
import { write } from '#node/stream/commit.ts'
import { mentionsKind } from './facts.ts'

/** More people than this are not mentioned by name by anybody who means them. */
const mostMentions = 100

/** Whoever sends, or joins, has seen what is there; whoever is mentioned has something to look at. */
export const onEvents: OnEvents = (deps, { event, attentionCount }) => {
  const roomId = event.room_id
  const isOurs = (userId: UserId) => serverOf(userId) === deps.config.serverName
  const own = isOurs(event.sender) ? [write(readMarkKind, { userId: event.sender, roomId, attentionCount })] : []
  const mentioned = mentionsIn(event).filter((userId) => userId !== event.sender && isOurs(userId))
  if (mentioned.length === 0) return own
  return [...own, write(mentionsKind, { roomId, userIds: mentioned, attentionCount })]
}

/** Whom a message mentions by user id. Client-Server API, "User and room mentions". */
export function mentionsIn(event: RoomEvent): UserId[] {
  const mentions = event.content['m.mentions']
  if (typeof mentions !== 'object' || mentions === null || !asksForAttention(event)) return []
  const { user_ids: userIds } = mentions as { user_ids?: unknown }
  return Array.isArray(userIds) ? [...new Set(userIds.slice(0, mostMentions).filter(isUserId))] : []
}
