import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { member } from '#spec/room/content.ts'
import { readIgnoredUsers } from '#node/accounts/ignored-users.ts'
import type { Deps } from '#node/deps.ts'
import { readEvents } from '../store.ts'
import type { StoredEvent } from '../stored-event.ts'
import { visibleEvents } from '../visible-events.ts'
import * as store from './store.ts'

/** What others made of an event, as one reader gets to know it. Client-Server API, "Aggregations of child events". */
export interface Aggregation {
  /** The latest valid replacement. */
  readonly edit?: StoredEvent | undefined
  readonly thread?: Thread | undefined
  /** Events that refer to it, the oldest first. */
  readonly references: readonly EventId[]
}

export interface Thread {
  readonly latest: StoredEvent
  /** The latest valid replacement of that. */
  readonly latestEdit?: StoredEvent | undefined
  readonly count: number
  readonly hasParticipated: boolean
}

export type Aggregations = ReadonlyMap<EventId, Aggregation>

/** More references than this are left to the relations endpoint. */
const mostReferences = 500
/** Where some children may be hidden from the reader, the newest visible one is looked for among so many. */
const mostDoubtful = 50

/**
 * What belongs into `m.relations` of some events. One query where nothing relates to any of them, else a handful, however many events; only
 * rooms that hide some of their past from the reader are asked one by one.
 *
 * 1. Which events have children that are summed up, and how the reader stands in their rooms.
 * 2. The newest children of each kind: one where all can be seen, more where they have to be judged.
 * 3. Those that the reader may see, and the newest of them.
 * 4. The same for replacements of what is newest in a thread.
 */
export async function readAggregations(
  deps: Deps,
  userId: UserId,
  events: readonly StoredEvent[],
  upTo: (roomId: RoomId) => number = () => Number.MAX_SAFE_INTEGER,
): Promise<Aggregations> {
  const parents = events.filter((event) => event.stateKey === null && upTo(event.roomId) > 0)
  const found = parents.length === 0 ? [] : await store.readAggregated(deps.sql, parents)
  if (found.length === 0) return new Map()
  const kinds = Map.groupBy(found, (row) => row.eventId)
  const related = parents.filter((event) => kinds.has(event.eventId))
  const having = (relType: string) =>
    related.filter(({ eventId }) => kinds.get(eventId)!.some((row) => row.relType === relType))
  const [view, ignored] = await Promise.all([
    viewOf(deps, userId, new Set(related.map((event) => event.roomId)), upTo),
    readIgnoredUsers(deps.sql, userId),
  ])
  const [edits, threads, references] = await Promise.all([
    readEdits(
      deps,
      view,
      having('m.replace').filter((event) => !ignored.includes(event.sender)),
    ),
    readThreads(deps, view, having('m.thread').filter(mayBeRoot), ignored),
    readReferences(deps, view, having('m.reference'), ignored),
  ])
  return new Map(
    related.map(({ eventId }) => [
      eventId,
      { edit: edits.get(eventId), thread: threads.get(eventId), references: references.get(eventId) ?? [] },
    ]),
  )
}

/** What of some rooms' events one reader sees. */
interface View {
  readonly userId: UserId
  /** Whether the reader sees an event, and all that came after it. */
  seesAllSince(event: Pick<StoredEvent, 'roomId' | 'position'>): boolean
  /** No event after this position can be seen. */
  upTo(roomId: RoomId): number
}

async function viewOf(
  deps: Deps,
  userId: UserId,
  roomIds: ReadonlySet<RoomId>,
  end: (roomId: RoomId) => number,
): Promise<View> {
  const rows = await store.readStandings(deps.sql, userId, [...roomIds])
  const standings = new Map(rows.map((row) => [row.roomId, row]))
  return {
    userId,
    seesAllSince({ roomId, position }) {
      const { membership, membershipPosition, isClosed } = standings.get(roomId)!
      return membership === 'join' && (!isClosed || position >= membershipPosition!)
    },
    upTo(roomId) {
      const { membership, membershipPosition } = standings.get(roomId)!
      const isOut = membership === 'leave' || membership === 'ban'
      return isOut ? Math.min(end(roomId), membershipPosition!) : end(roomId)
    },
  }
}

const askedOf = (view: View, events: readonly StoredEvent[], most: number): store.Asked[] =>
  events.map((event) => ({
    ...event,
    upTo: view.upTo(event.roomId),
    most: view.seesAllSince(event) ? most : Math.max(most, mostDoubtful),
  }))

/** Of some children those that the reader may see, by their ids. */
async function see(deps: Deps, view: View, ids: readonly EventId[]): Promise<ReadonlyMap<EventId, StoredEvent>> {
  if (ids.length === 0) return new Map()
  const events = await readEvents(deps.sql, ids)
  const doubtful = Map.groupBy(
    events.filter((event) => !view.seesAllSince(event)),
    (event) => event.roomId,
  )
  const judged = await Promise.all([...doubtful].map(([roomId, of]) => visibleEvents(deps, view.userId, roomId, of)))
  const visible = [...events.filter((event) => view.seesAllSince(event)), ...judged.flat()]
  return new Map(visible.map((event) => [event.eventId, event]))
}

/** Neither what is redacted nor what is itself a replacement is shown as replaced. Client-Server API, "Validity of replacement events". */
async function readEdits(
  deps: Deps,
  view: View,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<EventId, StoredEvent>> {
  const originals = events.filter((event) => event.redactedBy === null && statedType(event) !== 'm.replace')
  if (originals.length === 0) return new Map()
  const rows = await store.readReplacements(deps.sql, askedOf(view, originals, 1))
  const visible = await see(
    deps,
    view,
    rows.map((row) => row.childId),
  )
  return firstOf(rows, visible)
}

/** Of each parent's children, in the order given, the first that is visible. */
function firstOf(
  rows: readonly { readonly parentId: EventId; readonly childId: EventId }[],
  visible: ReadonlyMap<EventId, StoredEvent>,
): Map<EventId, StoredEvent> {
  const first = new Map<EventId, StoredEvent>()
  for (const { parentId, childId } of rows) {
    const event = visible.get(childId)
    if (event && !first.has(parentId)) first.set(parentId, event)
  }
  return first
}

async function readThreads(
  deps: Deps,
  view: View,
  roots: readonly StoredEvent[],
  ignored: readonly string[],
): Promise<ReadonlyMap<EventId, Thread>> {
  if (roots.length === 0) return new Map()
  const { userId } = view
  const rows = await store.readThreads(deps.sql, userId, askedOf(view, roots, 1), ignored)
  const visible = await see(
    deps,
    view,
    rows.map((row) => row.childId),
  )
  const latest = firstOf(rows, visible)
  const edits = await readEdits(deps, view, [...latest.values()])
  const said = new Map(rows.map((row) => [row.parentId, row]))
  return new Map(
    roots.flatMap((root) => {
      const event = latest.get(root.eventId)
      if (event === undefined) return []
      const { count, hasWritten } = said.get(root.eventId)!
      const hasParticipated = hasWritten || root.sender === userId
      return [[root.eventId, { latest: event, latestEdit: edits.get(event.eventId), count, hasParticipated }]]
    }),
  )
}

/** No thread begins at an event that relates to another one. Client-Server API, "Threading". */
const mayBeRoot = (event: StoredEvent): boolean => statedType(event) === undefined

async function readReferences(
  deps: Deps,
  view: View,
  events: readonly StoredEvent[],
  ignored: readonly string[],
): Promise<ReadonlyMap<EventId, EventId[]>> {
  if (events.length === 0) return new Map()
  const rows = await store.readReferences(deps.sql, askedOf(view, events, mostReferences), ignored)
  const isCertain = new Set(events.filter((event) => view.seesAllSince(event)).map((event) => event.eventId))
  const doubtful = rows.filter((row) => !isCertain.has(row.parentId))
  const visible = await see(
    deps,
    view,
    doubtful.map((row) => row.childId),
  )
  const shown = rows.filter((row) => isCertain.has(row.parentId) || visible.has(row.childId))
  return new Map([...Map.groupBy(shown, (row) => row.parentId)].map(([id, of]) => [id, of.map((row) => row.childId)]))
}

/** The `rel_type` that an event states. */
function statedType({ content }: StoredEvent): Json | undefined {
  const relation = member(JSON.parse(content) as JsonObject, 'm.relates_to')
  return isJsonObject(relation) ? member(relation, 'rel_type') : undefined
}
