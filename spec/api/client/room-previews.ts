import * as z from 'zod/mini'
import { clientEvent, plainEvent } from './client-event.ts'
import { publishedRoom } from './room-directory.ts'
import { queryInteger, queryList } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { roomAlias, roomId, serverName } from '#spec/ids.ts'

const membership = z.enum(['join', 'invite', 'knock', 'leave', 'ban'])

/** What a room tells about itself, with what only one who means to join needs to know. */
export const roomSummary = z.extend(publishedRoom, {
  allowed_room_ids: z.optional(z.array(roomId)),
  encryption: z.optional(z.string()),
  room_version: z.optional(z.string()),
  /** Of the caller; absent without a login. */
  membership: z.optional(membership),
})

const summaryParams = z.object({ roomIdOrAlias: z.union([roomId, roomAlias]) })
const summaryQuery = z.looseObject({ via: z.optional(queryList(serverName)) })

/**
 * GET /_matrix/client/v1/room_summary/{roomIdOrAlias}
 *
 * What a room is called and who may join it, for those who are in it or invited, and for everybody where it can be joined, knocked on or read by the
 * world. Members of a room that a restricted room names need a login for that to count.
 * 404: the room is closed to the caller, or there is none.
 * Source: Client-Server API, "Room Summaries".
 */
export const getRoomSummary = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/room_summary/{roomIdOrAlias}',
  auth: 'optional',
  limit: 'read',
  params: summaryParams,
  query: summaryQuery,
  response: roomSummary,
})

/**
 * GET /_matrix/client/unstable/im.nheko.summary/summary/{roomIdOrAlias}
 *
 * COMPAT(Element Web, Element X, FluffyChat, since MSC3266, remove when they call the stable path): as getRoomSummary, with names of the proposal beside
 * the stable ones.
 * Source: MSC3266.
 */
export const getUnstableRoomSummary = endpoint({
  method: 'GET',
  path: '/_matrix/client/unstable/im.nheko.summary/summary/{roomIdOrAlias}',
  auth: 'optional',
  limit: 'read',
  params: summaryParams,
  query: summaryQuery,
  response: roomSummary,
})

/**
 * GET /_matrix/client/unstable/im.nheko.summary/rooms/{roomIdOrAlias}/summary
 *
 * COMPAT(older clients, since MSC3266, remove when they call the stable path): as getUnstableRoomSummary.
 * Source: MSC3266.
 */
export const getOldUnstableRoomSummary = endpoint({
  method: 'GET',
  path: '/_matrix/client/unstable/im.nheko.summary/rooms/{roomIdOrAlias}/summary',
  auth: 'optional',
  limit: 'read',
  params: summaryParams,
  query: summaryQuery,
  response: roomSummary,
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/initialSync
 *
 * State and newest messages of one room, to look into it before joining: of one that the world may read, or that the caller is or was in.
 * 403: neither.
 * Source: Client-Server API, "Room Previews".
 */
export const getRoomInitialSync = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/initialSync',
  auth: 'token',
  limit: 'read',
  params: z.object({ roomId }),
  response: z.looseObject({
    room_id: roomId,
    membership: z.optional(membership),
    messages: z.looseObject({ start: z.optional(z.string()), end: z.string(), chunk: z.array(clientEvent) }),
    state: z.array(clientEvent),
    visibility: z.enum(['public', 'private']),
    account_data: z.array(plainEvent),
  }),
})

/**
 * GET /_matrix/client/v3/events
 *
 * Waits for what happens in one room that the caller is in or that the world may read; `timeout` in milliseconds, 30,000 unless told.
 * Without `from` it begins now. 403: the room is closed to the caller, or becomes so. The form without `room_id`, which /sync replaced, is not offered.
 * Source: Client-Server API, "Room Previews".
 */
export const getRoomEvents = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/events',
  auth: 'token',
  limit: 'read',
  query: z.looseObject({
    room_id: roomId,
    from: z.optional(z.string()),
    timeout: z.optional(queryInteger(0)),
  }),
  response: z.looseObject({ start: z.string(), end: z.string(), chunk: z.array(clientEvent) }),
})
