import * as z from 'zod/mini'
import { clientEvent } from '#spec/api/client/client-event.ts'
import { roomEventFilter } from '#spec/api/client/filter-definition.ts'
import { endpoint } from '#spec/endpoint.ts'
import { eventId } from '#spec/ids.ts'

/** What of a message, a room's name or a room's topic is searched. */
export const searchKeys = ['content.body', 'content.name', 'content.topic'] as const

/** The longest text that is searched for, in UTF-16 code units. Ours. */
export const maxSearchTerm = 512
/** The most results of one answer, whatever `filter.limit` says. Ours. */
export const maxSearchResults = 100
/** The most events on either side of a result. Ours. */
export const maxSearchContext = 50

const contextSize = z._default(z.int().check(z.gte(0)), 5)

const roomEventsCriteria = z.looseObject({
  /** Every word must occur; a word also finds longer ones that begin with it. Case and accents make no difference. */
  search_term: z.string().check(z.maxLength(maxSearchTerm)),
  keys: z.optional(z.array(z.enum(searchKeys)).check(z.maxLength(searchKeys.length))),
  filter: z.optional(roomEventFilter),
  order_by: z._default(z.enum(['recent', 'rank']), 'rank'),
  event_context: z.optional(
    z.looseObject({
      before_limit: contextSize,
      after_limit: contextSize,
      include_profile: z._default(z.boolean(), false),
    }),
  ),
  include_state: z._default(z.boolean(), false),
  groupings: z.optional(
    z.looseObject({
      group_by: z._default(z.array(z.looseObject({ key: z.enum(['room_id', 'sender']) })).check(z.maxLength(2)), []),
    }),
  ),
})

const profile = z.looseObject({ displayname: z.optional(z.string()), avatar_url: z.optional(z.string()) })

/** One event that was found. */
const searchResult = z.looseObject({
  /** Higher is closer. */
  rank: z.number(),
  result: clientEvent,
  context: z.optional(
    z.looseObject({
      /** Tokens for `/messages`. */
      start: z.string(),
      end: z.string(),
      events_before: z.array(clientEvent),
      events_after: z.array(clientEvent),
      /** By user id, as they were at the event. */
      profile_info: z.optional(z.record(z.string(), profile)),
    }),
  ),
})

const group = z.looseObject({ order: z.int(), results: z.array(eventId) })

/**
 * POST /_matrix/client/v3/search
 *
 * Searches the messages, names and topics of all rooms that the caller is or was in, as far as they may see them. An edited message is found
 * by its newest text. Rooms that are encrypted end to end are not searched: only their members can.
 *
 * `next_batch` in the query takes the answer's token to go on with the same search. 400 M_INVALID_PARAM: no token of this server.
 * 503 M_UNKNOWN: the search would take too long.
 * Source: Client-Server API, "Server Side Search".
 */
export const search = endpoint({
  method: 'POST',
  path: '/_matrix/client/v3/search',
  auth: 'token',
  limit: 'search',
  maxBodyBytes: 65_536,
  query: z.looseObject({ next_batch: z.optional(z.string().check(z.maxLength(64))) }),
  body: z.looseObject({ search_categories: z.looseObject({ room_events: z.optional(roomEventsCriteria) }) }),
  response: z.looseObject({
    search_categories: z.looseObject({
      room_events: z.optional(
        z.looseObject({
          /** Of what the caller may see; an estimate where there is much. */
          count: z.int(),
          highlights: z.array(z.string()),
          results: z.array(searchResult),
          state: z.optional(z.record(z.string(), z.array(clientEvent))),
          groups: z.optional(z.record(z.string(), z.record(z.string(), group))),
          next_batch: z.optional(z.string()),
        }),
      ),
    }),
  }),
})

/** What is searched for in rooms. */
export type SearchCriteria = z.output<typeof roomEventsCriteria>
