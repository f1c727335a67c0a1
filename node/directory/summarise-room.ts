import type { roomSummary } from '#spec/api/client/room-previews.ts'
import type * as z from 'zod/mini'
import { notFound } from '#spec/errors.ts'
import type { RoomAlias, RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { resolveAlias } from '#node/rooms/aliases.ts'
import { publicForm } from './list-rooms.ts'
import { isRestricted, lookAtRooms } from './look-at-rooms.ts'
import type { LookedAtRow } from './store.ts'

type Summary = z.output<typeof roomSummary>

/** What a room tells about itself to somebody who may join it. Throws M_NOT_FOUND for a room that is closed to them as for none. */
export async function summariseRoom(
  deps: Deps,
  userId: UserId | undefined,
  idOrAlias: RoomId | RoomAlias,
): Promise<Summary> {
  const roomId = await resolveAlias(deps, idOrAlias)
  const room = (await lookAtRooms(deps, userId, [roomId])).get(roomId)
  if (room === undefined) throw notFound('There is no such room, or it is not open to you.')
  return { ...summaryForm(room), ...(userId !== undefined && { membership: room.membership ?? 'leave' }) }
}

/** COMPAT(MSC3266, since 2021, remove when clients read the stable names). */
export function withUnstableNames(summary: Summary): Summary {
  const { room_version: version, encryption } = summary
  return {
    ...summary,
    'im.nheko.summary.room_version': version,
    'im.nheko.summary.version': version,
    ...(encryption !== undefined && { 'im.nheko.summary.encryption': encryption }),
  }
}

export const summaryForm = (room: LookedAtRow): Summary => ({
  ...publicForm(room),
  room_version: room.version,
  ...(room.encryption !== null && { encryption: room.encryption }),
  ...(isRestricted(room) && { allowed_room_ids: [...room.allowedRooms] }),
})
