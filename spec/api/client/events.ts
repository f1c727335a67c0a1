import * as z from 'zod/mini'
import { clientEvent } from './client-event.ts'
import { delayQuery } from './delayed-events.ts'
import { roomEventFilter } from './filter-definition.ts'
import { jsonObject, queryInteger, queryJson } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { eventId, roomId } from '#spec/ids.ts'
import { maxEventBytes } from '#spec/limits.ts'

/** Contents near the limit are judged by the size of the whole event, so a body may be a little larger than that before it is refused unread. */
const maxContentBytes = maxEventBytes + 1_024

const sent = z.looseObject({ event_id: eventId })
const stateParams = z.object({ roomId, eventType: z.string() })
const stateParamsWithKey = z.object({ roomId, eventType: z.string(), stateKey: z.string() })
/** With a delay the answer has `delay_id` in place of `event_id`. */
const sendQuery = z.looseObject(delayQuery)
const stateQuery = z.looseObject({ format: z.optional(z.enum(['content', 'event'])) })

/**
 * PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}
 *
 * Sends a message event; the same transaction id from the same device answers with the same event, whatever the body.
 * An `m.room.redaction` names its target in `redacts` in every room version, and is judged as by redactEvent.
 * 413 M_TOO_LARGE: the event would be larger than 65,536 bytes. 403: not in the room, or not allowed.
 * Source: Client-Server API, "Sending events to a room".
 */
export const sendEvent = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}',
  auth: 'token',
  limit: 'send',
  params: z.object({ roomId, eventType: z.string(), txnId: z.string() }),
  query: sendQuery,
  body: jsonObject,
  maxBodyBytes: maxContentBytes,
  response: sent,
})

/**
 * PUT /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}
 *
 * Sets one piece of state. There is no transaction id. State that the caller has set like this already stays as it is.
 * 400 M_BAD_ALIAS: an alias added to `m.room.canonical_alias` leads elsewhere; M_INVALID_PARAM: it is none.
 * Source: Client-Server API, "Sending events to a room".
 */
export const sendStateEvent = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
  auth: 'token',
  limit: 'write',
  params: stateParamsWithKey,
  query: sendQuery,
  body: jsonObject,
  maxBodyBytes: maxContentBytes,
  response: sent,
})

/**
 * PUT /_matrix/client/v3/rooms/{roomId}/state/{eventType}
 *
 * As sendStateEvent, with the empty state key.
 * Source: Client-Server API, "Sending events to a room".
 */
export const sendStateEventEmptyKey = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/rooms/{roomId}/state/{eventType}',
  auth: 'token',
  limit: 'write',
  params: stateParams,
  query: sendQuery,
  body: jsonObject,
  maxBodyBytes: maxContentBytes,
  response: sent,
})

/**
 * PUT /_matrix/client/v3/rooms/{roomId}/state/{eventType}/
 *
 * As sendStateEvent, with the empty state key: the trailing slash is optional.
 * Source: Client-Server API, "Sending events to a room".
 */
export const sendStateEventTrailingSlash = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/',
  auth: 'token',
  limit: 'write',
  params: stateParams,
  query: sendQuery,
  body: jsonObject,
  maxBodyBytes: maxContentBytes,
  response: sent,
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}
 *
 * The content of one piece of state, or the whole event with `format=event`; as of the leave for somebody who left.
 * 404: there is no such state. 403: never in the room.
 * Source: Client-Server API, "Getting events for a room".
 */
export const getStateEvent = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
  auth: 'token',
  limit: 'read',
  params: stateParamsWithKey,
  query: stateQuery,
  response: jsonObject,
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}
 *
 * As getStateEvent, with the empty state key.
 * Source: Client-Server API, "Getting events for a room".
 */
export const getStateEventEmptyKey = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/state/{eventType}',
  auth: 'token',
  limit: 'read',
  params: stateParams,
  query: stateQuery,
  response: jsonObject,
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/
 *
 * As getStateEvent, with the empty state key: the trailing slash is optional.
 * Source: Client-Server API, "Getting events for a room".
 */
export const getStateEventTrailingSlash = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/',
  auth: 'token',
  limit: 'read',
  params: stateParams,
  query: stateQuery,
  response: jsonObject,
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/state
 *
 * Every state event of the room; as of the leave for somebody who left. 403: never in the room.
 * Source: Client-Server API, "Getting events for a room".
 */
export const getState = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/state',
  auth: 'token',
  limit: 'read',
  params: z.object({ roomId }),
  response: z.array(clientEvent),
})

/**
 * PUT /_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}
 *
 * Strips an event of what its sender wrote. Transaction ids work as in sendEvent. 403: somebody else's, and not the power to redact it.
 * 404: the caller sees no such event in the room.
 * Source: Client-Server API, "Redactions".
 */
export const redactEvent = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}',
  auth: 'token',
  limit: 'send',
  params: z.object({ roomId, eventId, txnId: z.string() }),
  body: z.looseObject({ reason: z.optional(z.string()) }),
  maxBodyBytes: maxContentBytes,
  response: sent,
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/messages
 *
 * A page of the room's history, newest first with `dir=b`. Without `end` there is no more in that direction.
 * 403: not and never in the room.
 * Source: Client-Server API, "Getting events for a room".
 */
export const getMessages = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/messages',
  auth: 'token',
  limit: 'read',
  params: z.object({ roomId }),
  query: z.looseObject({
    from: z.optional(z.string()),
    to: z.optional(z.string()),
    dir: z.enum(['b', 'f']),
    limit: z.optional(queryInteger(0)),
    filter: z.optional(queryJson(roomEventFilter)),
  }),
  response: z.looseObject({
    start: z.string(),
    end: z.optional(z.string()),
    chunk: z.array(clientEvent),
    state: z.optional(z.array(clientEvent)),
  }),
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/event/{eventId}
 *
 * One event. 404: there is none, or the caller may not see it.
 * Source: Client-Server API, "Getting events for a room".
 */
export const getEvent = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/event/{eventId}',
  auth: 'token',
  limit: 'read',
  params: z.object({ roomId, eventId }),
  response: clientEvent,
})

/**
 * GET /_matrix/client/v3/rooms/{roomId}/context/{eventId}
 *
 * The events around one event: `events_before` newest first, `events_after` oldest first, `limit` over both together.
 * 404: there is no such event, or the caller may not see it.
 * Source: Client-Server API, "Event context".
 */
export const getContext = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/rooms/{roomId}/context/{eventId}',
  auth: 'token',
  limit: 'read',
  params: z.object({ roomId, eventId }),
  query: z.looseObject({
    limit: z.optional(queryInteger(0)),
    filter: z.optional(queryJson(roomEventFilter)),
  }),
  response: z.looseObject({
    start: z.optional(z.string()),
    end: z.optional(z.string()),
    event: z.optional(clientEvent),
    events_before: z.optional(z.array(clientEvent)),
    events_after: z.optional(z.array(clientEvent)),
    state: z.optional(z.array(clientEvent)),
  }),
})

/**
 * GET /_matrix/client/v1/rooms/{roomId}/timestamp_to_event
 *
 * The event nearest to a moment, at or after it (`f`) or at or before it (`b`), of those that the caller may see. `ts` in milliseconds since 1970.
 * 403: the room is closed to the caller. 404: there is none in that direction.
 * Source: Client-Server API, "Getting events for a room".
 */
export const getEventByTimestamp = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/rooms/{roomId}/timestamp_to_event',
  auth: 'token',
  limit: 'read',
  params: z.object({ roomId }),
  query: z.looseObject({ ts: queryInteger(0), dir: z.enum(['f', 'b']) }),
  response: z.looseObject({ event_id: eventId, origin_server_ts: z.int() }),
})
