import * as z from 'zod/mini'
import { clientEvent } from './client-event.ts'
import { queryBoolean, queryInteger } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { eventId, roomId } from '#spec/ids.ts'

const params = { roomId, eventId }
const query = z.looseObject({
  from: z.optional(z.string()),
  to: z.optional(z.string()),
  limit: z.optional(queryInteger(1)),
  dir: z.optional(z.enum(['b', 'f'])),
  recurse: z.optional(queryBoolean),
})
const response = z.looseObject({
  chunk: z.array(clientEvent),
  next_batch: z.optional(z.string()),
  prev_batch: z.optional(z.string()),
  recursion_depth: z.optional(z.int()),
})

/**
 * GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}
 *
 * A page of the events that relate to one event, newest first unless `dir=f`; without `next_batch` there are no more. With `recurse` also
 * those that relate to them, `recursion_depth` levels deep. Redacted events relate to nothing, and messages of ignored people are left out.
 * 404: there is no such event, or the caller may not see it.
 * Source: Client-Server API, "Relationships API".
 */
export const getRelatingEvents = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}',
  auth: 'token',
  limit: 'read',
  params: z.object(params),
  query,
  response,
})

/**
 * GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}
 *
 * As getRelatingEvents, of one relationship type: those in between included, where the answer is recursive.
 * Source: Client-Server API, "Relationships API".
 */
export const getRelatingEventsWithRelType = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}',
  auth: 'token',
  limit: 'read',
  params: z.object({ ...params, relType: z.string() }),
  query,
  response,
})

/**
 * GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}
 *
 * As getRelatingEventsWithRelType, of one event type.
 * Source: Client-Server API, "Relationships API".
 */
export const getRelatingEventsWithRelTypeAndEventType = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}',
  auth: 'token',
  limit: 'read',
  params: z.object({ ...params, relType: z.string(), eventType: z.string() }),
  query,
  response,
})

/**
 * GET /_matrix/client/v1/rooms/{roomId}/threads
 *
 * The roots of a room's threads, the one with the newest event first; without `next_batch` there are no more. `include=participated`: those
 * that the caller wrote in or began. A root that an ignored person wrote is shown redacted.
 * 400: no token of ours. 403: not and never in the room.
 * Source: Client-Server API, "Querying threads in a room".
 */
export const getThreadRoots = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/rooms/{roomId}/threads',
  auth: 'token',
  limit: 'read',
  params: z.object({ roomId }),
  query: z.looseObject({
    include: z.optional(z.enum(['all', 'participated'])),
    limit: z.optional(queryInteger(1)),
    from: z.optional(z.string()),
  }),
  response: z.looseObject({ chunk: z.array(clientEvent), next_batch: z.optional(z.string()) }),
})
