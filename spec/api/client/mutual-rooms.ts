import * as z from 'zod/mini'
import { endpoint } from '#spec/endpoint.ts'
import { roomId, userId } from '#spec/ids.ts'

/** The most rooms of one answer. Ours. */
export const maxMutualRooms = 100

const parts = {
  method: 'GET',
  auth: 'token',
  limit: 'read',
  query: z.looseObject({ user_id: userId, from: z.optional(z.string().check(z.maxLength(512))) }),
  response: z.looseObject({
    joined: z.array(roomId),
    /** Of all of them, not of this answer alone. */
    count: z.int(),
    next_batch: z.optional(z.string()),
  }),
} as const

/**
 * GET /_matrix/client/v1/mutual_rooms
 *
 * The rooms that the caller and another user are both joined to, 100 at a time; none for a user that does not exist.
 * 400 M_INVALID_PARAM: the user is the caller, or no user id; `from` is no token of this server.
 * Source: Client-Server API, "Mutual Rooms".
 */
export const getMutualRooms = endpoint({ ...parts, path: '/_matrix/client/v1/mutual_rooms' })

/**
 * GET /_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms
 *
 * COMPAT(clients of MSC2666, before Matrix 1.19, remove when they call the stable path): the same.
 * Source: MSC2666, "Unstable prefix".
 */
export const getUnstableMutualRooms = endpoint({
  ...parts,
  path: '/_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms',
})
