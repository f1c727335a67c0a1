import type { EventId, RoomId } from '#spec/ids.ts'
import { canonicalJson, type JsonObject } from '#spec/json.ts'
import { redactContent } from '#spec/room/redact.ts'
import { requireRoomVersion } from '#spec/room/versions.ts'
import { readIgnoredUsers } from '#node/accounts/ignored-users.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { presentEvents } from '../present-events.ts'
import { parseToken, tokenOf, viewOf } from '../room-view.ts'
import { readEvents, readRoom } from '../store.ts'
import type { StoredEvent } from '../stored-event.ts'
import { visibleEvents } from '../visible-events.ts'
import { readAggregations, type Aggregation } from './aggregate.ts'
import * as store from './store.ts'

interface ThreadsRequest {
  readonly roomId: RoomId
  readonly include?: 'all' | 'participated' | undefined
  readonly limit?: number | undefined
  readonly from?: string | undefined
}

const usualPage = 20
const largestPage = 100
/** How many threads one request reads to find those that it answers with. */
const mostRead = 5_000

interface Root {
  readonly event: StoredEvent
  readonly aggregation: Aggregation
}

/** One page of the roots of a room's threads, as JSON text. Throws M_FORBIDDEN for whoever may not look into the room. */
export async function readThreads(deps: Deps, reader: Identity, request: ThreadsRequest): Promise<string> {
  const { roomId } = request
  const start = request.from === undefined ? Number.MAX_SAFE_INTEGER : parseToken(request.from)
  await viewOf(deps, reader.userId, roomId)
  const { roots, next } = await collectRoots(deps, reader, request, start)
  const ignored = new Set<string>(await readIgnoredUsers(deps.sql, reader.userId))
  const isIgnored = ({ event }: Root) => ignored.has(event.sender)
  const version = roots.some(isIgnored) ? requireRoomVersion((await readRoom(deps.sql, roomId))!.version) : undefined
  const events = roots.map((root) => {
    const { event } = root
    if (version === undefined || !isIgnored(root)) return event
    const left = redactContent(version, event.type, JSON.parse(event.content) as JsonObject)
    return { ...event, content: canonicalJson(left) }
  })
  const aggregations = new Map(roots.map(({ event, aggregation }) => [event.eventId, aggregation]))
  const chunk = await presentEvents(deps, reader, events, { withRoomId: true, aggregations })
  return `{"chunk":[${chunk.join(',')}]${next === undefined ? '' : `,"next_batch":"${tokenOf(next)}"`}}`
}

/** Reads on over threads that the reader sees nothing of, but not for ever: a page that took too much reading ends early, with a token. */
async function collectRoots(
  deps: Deps,
  { userId }: Identity,
  { roomId, include, limit = usualPage }: ThreadsRequest,
  start: number,
): Promise<{ roots: Root[]; next: number | undefined }> {
  const roots: Root[] = []
  const wanted = Math.min(limit, largestPage)
  const participant = include === 'participated' ? userId : undefined
  let upTo = start
  for (let read = 0; read < mostRead; read += wanted) {
    const size = wanted + 1
    const rows = await store.readThreadRoots(deps.sql, roomId, { upTo, limit: size, participant })
    const seen = await seeRoots(
      deps,
      userId,
      roomId,
      rows.map((row) => row.rootId),
    )
    for (const { rootId, latestPosition } of rows.slice(0, wanted)) {
      if (roots.length === wanted) return { roots, next: upTo }
      const root = seen.get(rootId)
      if (root) roots.push(root)
      upTo = latestPosition - 1
    }
    if (rows.length < size) return { roots, next: undefined }
    if (roots.length === wanted) break
  }
  return { roots, next: upTo }
}

/** Of some roots those that the reader may see, if they may also see something of the thread. */
async function seeRoots(
  deps: Deps,
  userId: Identity['userId'],
  roomId: RoomId,
  ids: readonly EventId[],
): Promise<ReadonlyMap<EventId, Root>> {
  const events = ids.length === 0 ? [] : await readEvents(deps.sql, ids)
  const ours = events.filter((event) => event.roomId === roomId)
  const visible = await visibleEvents(deps, userId, roomId, ours)
  const aggregations = await readAggregations(deps, userId, visible)
  return new Map(
    visible.flatMap((event) => {
      const aggregation = aggregations.get(event.eventId)
      return aggregation?.thread ? [[event.eventId, { event, aggregation }] as const] : []
    }),
  )
}
