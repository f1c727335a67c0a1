import * as z from 'zod/mini'
import { jsonObject, queryInteger, queryList } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { eventId, roomId } from '#spec/ids.ts'
import { maxEventBytes } from '#spec/limits.ts'

/*
 * Cancellable delayed events, MSC4140: an event is handed over now, and sent later unless it is cancelled.
 * COMPAT(clients with calls, MSC4140, remove when the specification has it): all names are unstable ones.
 */

const delayId = z.string()

/** A delayed event, as its owner sees it. `delay` and `running_since` in milliseconds. */
const delayedEvent = z.looseObject({
  delay_id: delayId,
  room_id: roomId,
  type: z.string(),
  state_key: z.optional(z.string()),
  delay: z.int(),
  running_since: z.int(),
  content: jsonObject,
  error: z.optional(jsonObject),
  event_id: z.optional(eventId),
  /** When it was sent or cancelled; absent while it is scheduled. */
  origin_server_ts: z.optional(z.int()),
})

const action = z.enum(['send', 'cancel', 'restart'])

/**
 * PUT /_matrix/client/unstable/org.matrix.msc4140/rooms/{roomId}/delayed_event/{eventType}/{txnId}
 *
 * Has an event sent after `delay` milliseconds: a piece of state if `state_key` is given. The same transaction id from the same device answers
 * with the same `delay_id`. Whether the caller may send it is judged when it is sent.
 * 400: longer than the server allows, with `org.matrix.msc4140.max_delay`. 403: not in the room. 429: too many are waiting.
 * Source: MSC4140, "Scheduling a delayed event".
 */
export const scheduleDelayedEvent = endpoint({
  method: 'PUT',
  path: '/_matrix/client/unstable/org.matrix.msc4140/rooms/{roomId}/delayed_event/{eventType}/{txnId}',
  auth: 'token',
  limit: 'send',
  params: z.object({ roomId, eventType: z.string(), txnId: z.string() }),
  body: z.looseObject({
    delay: z.int().check(z.gte(1)),
    state_key: z.optional(z.string()),
    content: jsonObject,
  }),
  maxBodyBytes: maxEventBytes + 2_048,
  response: z.looseObject({ delay_id: delayId }),
})

/**
 * GET /_matrix/client/unstable/org.matrix.msc4140/delayed_events
 *
 * A page of the caller's delayed events by the time of sending, all of them or those of one status, room or type, or named by id. `scheduled` and
 * `finalised` have the same once more, in the form that clients of earlier revisions read.
 * Source: MSC4140, "Getting a list of delayed events".
 */
export const getDelayedEvents = endpoint({
  method: 'GET',
  path: '/_matrix/client/unstable/org.matrix.msc4140/delayed_events',
  auth: 'token',
  limit: 'read',
  query: z.looseObject({
    status: z.optional(z.enum(['scheduled', 'finalised'])),
    delay_id: z.optional(queryList(delayId)),
    room_id: z.optional(roomId),
    type: z.optional(z.string()),
    outcome: z.optional(z.enum(['send', 'cancel', 'error'])),
    reason: z.optional(z.enum(['action', 'delay'])),
    dir: z.optional(z.enum(['b', 'f'])),
    from: z.optional(z.string()),
  }),
  response: z.looseObject({
    delayed_events: z.array(delayedEvent),
    scheduled: z.array(delayedEvent),
    finalised: z.array(jsonObject),
    next_batch: z.optional(z.string()),
  }),
})

/**
 * GET /_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}
 *
 * One delayed event of the caller's. 404: there is none.
 * Source: MSC4140, "Getting a single delayed event".
 */
export const getDelayedEvent = endpoint({
  method: 'GET',
  path: '/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}',
  auth: 'token',
  limit: 'read',
  params: z.object({ delayId }),
  response: delayedEvent,
})

/**
 * POST /_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}/{action}
 *
 * Sends a delayed event now, cancels it, or lets its time begin anew. The id is all that is asked for, so that somebody else can be given the
 * handling of it. What has been done already succeeds again. 404: there is no such event. 409: it has been sent, or cancelled.
 * Source: MSC4140, "Managing scheduled delayed events".
 */
export const actOnDelayedEvent = endpoint({
  method: 'POST',
  path: '/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}/{action}',
  auth: 'optional',
  limit: 'read',
  params: z.object({ delayId, action }),
  response: z.looseObject({}),
})

/**
 * POST /_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}
 *
 * As actOnDelayedEvent, with the action in the body.
 * Source: MSC4140, "Management endpoint action in request body".
 */
export const updateDelayedEvent = endpoint({
  method: 'POST',
  path: '/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}',
  auth: 'optional',
  limit: 'read',
  params: z.object({ delayId }),
  body: z.looseObject({ action }),
  response: z.looseObject({}),
})

/** The delay of MSC4140 on the endpoints that send events, in milliseconds: the answer has `delay_id` in place of `event_id`. */
export const delayQuery = { 'org.matrix.msc4140.delay': z.optional(queryInteger(1)) }
