import * as z from 'zod/mini'
import { dir, from, limit, nextToken } from '#spec/api/admin/paging.ts'
import { queryInteger } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { eventId, roomId, userId } from '#spec/ids.ts'

const params = z.object({ reportId: queryInteger(0) })

/** What somebody reported of an event, with what is needed to look at it. */
export const eventReport = z.looseObject({
  id: z.int(),
  /** In ms since the Unix epoch. */
  received_ts: z.int(),
  room_id: roomId,
  event_id: eventId,
  /** Who reported it. */
  user_id: userId,
  /** Who sent the event. */
  sender: userId,
  reason: z.string(),
  /** Always null: nobody is asked for one any more. */
  score: z.null(),
  /** Of the room. */
  name: z.nullable(z.string()),
  canonical_alias: z.nullable(z.string()),
})

/**
 * GET /_synapse/admin/v1/event_reports
 *
 * The events that people have reported, the newest first. Reports of rooms and of users are not among them.
 * Source: Synapse admin API, "Show reported events".
 */
export const getEventReports = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/event_reports',
  auth: 'admin',
  limit: 'read',
  query: z.looseObject({
    from,
    limit,
    dir: z._default(dir, 'b'),
    /** Who reported. */
    user_id: z.optional(userId),
    room_id: z.optional(roomId),
    event_sender_user_id: z.optional(userId),
  }),
  response: z.looseObject({ event_reports: z.array(eventReport), next_token: z.optional(nextToken), total: z.int() }),
})

/**
 * GET /_synapse/admin/v1/event_reports/{reportId}
 *
 * One report, with the event as it is now: of a redacted one that is what the redaction left. 404: there is no such report.
 * Source: Synapse admin API, "Show details of a specific event report".
 */
export const getEventReport = endpoint({
  method: 'GET',
  path: '/_synapse/admin/v1/event_reports/{reportId}',
  auth: 'admin',
  limit: 'read',
  params,
  response: z.looseObject({ ...eventReport.shape, event_json: z.looseObject({}) }),
})

/**
 * DELETE /_synapse/admin/v1/event_reports/{reportId}
 *
 * Deletes a report; the event stays. 404: there is no such report.
 * Source: Synapse admin API, "Delete a specific event report".
 */
export const deleteEventReport = endpoint({
  method: 'DELETE',
  path: '/_synapse/admin/v1/event_reports/{reportId}',
  auth: 'admin',
  limit: 'write',
  params,
  response: z.looseObject({}),
})
