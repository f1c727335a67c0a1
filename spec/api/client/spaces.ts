import * as z from 'zod/mini'
import { strippedStateEvent } from './client-event.ts'
import { roomSummary } from './room-previews.ts'
import { queryBoolean, queryInteger } from '#spec/api/query.ts'
import { endpoint } from '#spec/endpoint.ts'
import { roomId } from '#spec/ids.ts'

/** The most rooms that one page of a hierarchy has, whatever `limit` says. Ours. */
export const maxHierarchyPage = 100
/** How deep a hierarchy is followed, whatever `max_depth` says. Ours. */
export const maxHierarchyDepth = 10

const hierarchyRoom = z.extend(roomSummary, {
  /** The `m.space.child` events of a space; empty for a room. */
  children_state: z.array(z.extend(strippedStateEvent, { origin_server_ts: z.int() })),
})

/**
 * GET /_matrix/client/v1/rooms/{roomId}/hierarchy
 *
 * A page of the tree of a space, depth first, children in the order of the specification; of rooms that the caller may join, knock on or read.
 * Loops are cut; a room may come again where several spaces have it.
 * 400 M_INVALID_PARAM: `from` is no token of ours, or was given for another `max_depth` or `suggested_only`. 403: the space is closed to the caller.
 * Source: Client-Server API, "Spaces".
 */
export const getHierarchy = endpoint({
  method: 'GET',
  path: '/_matrix/client/v1/rooms/{roomId}/hierarchy',
  auth: 'token',
  limit: 'read',
  params: z.object({ roomId }),
  query: z.looseObject({
    suggested_only: z.optional(queryBoolean),
    limit: z.optional(queryInteger(1)),
    max_depth: z.optional(queryInteger(0)),
    from: z.optional(z.string()),
  }),
  response: z.looseObject({ rooms: z.array(hierarchyRoom), next_batch: z.optional(z.string()) }),
})
