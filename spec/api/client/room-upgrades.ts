import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'
import { roomId, userId } from '#spec/ids.ts'

/** The most `additional_creators` of an upgrade. Ours. */
export const maxAdditionalCreators = 500

/**
 * POST /_matrix/client/v3/rooms/{roomId}/upgrade
 *
 * Replaces a room by a new one of another version, all or nothing: the new room has the old one's settings and bans, the directory and the aliases of
 * this server lead to it, and the old one says where it went. Members are not taken along.
 * 400 M_UNSUPPORTED_ROOM_VERSION. 403: not in the room, or not the power to send `m.room.tombstone`.
 * Source: Client-Server API, "Room Upgrades".
 */
export const upgradeRoom = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/rooms/{roomId}/upgrade',
  auth: 'token',
  limit: 'create',
  params: z.object({ roomId }),
  body: z.looseObject({
    new_version: z.string(),
    /** Stand above all power levels beside the caller; not looked at where the new version has no such thing. */
    additional_creators: z.optional(z.array(userId).check(z.maxLength(maxAdditionalCreators))),
  }),
  response: z.looseObject({ replacement_room: roomId }),
})
