import { notFound } from '#spec/errors.ts'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { passes, type RoomEventFilter } from './event-filter.ts'
import { presentEvents } from './present-events.ts'
import { parseToken, readStateInView, tokenOf, viewOf, type RoomView } from './room-view.ts'
import * as store from './store.ts'
import type { StoredEvent } from './stored-event.ts'
import { visibleEvents } from './visible-events.ts'

interface PageRequest {
  readonly roomId: RoomId
  readonly from: string | undefined
  readonly to: string | undefined
  readonly dir: 'b' | 'f'
  readonly limit: number | undefined
  readonly filter: RoomEventFilter | undefined
}

const largestPage = 1_000
const usualPage = 10

/** One page of a room's history, as JSON text. */
export async function readMessages(deps: Deps, reader: Identity, request: PageRequest): Promise<string> {
  const { roomId, dir, filter } = request
  const view = await viewOf(deps, reader.userId, roomId)
  const limit = Math.min(request.limit ?? filter?.limit ?? usualPage, largestPage)
  const start = request.from === undefined ? (dir === 'b' ? view.upTo : 0) : parseToken(request.from)
  const stop = request.to === undefined ? undefined : parseToken(request.to)
  const range =
    dir === 'b'
      ? { after: stop ?? 0, upTo: Math.min(start, view.upTo) }
      : { after: start, upTo: Math.min(stop ?? view.upTo, view.upTo) }
  const page = await collect(deps, reader.userId, roomId, { ...range, direction: dir, limit }, filter)
  const chunk = await presentEvents(deps, reader, page.events, { withRoomId: true })
  const state = filter?.lazy_load_members ? await presentSenders(deps, reader, roomId, view, page.events) : undefined
  return (
    `{"start":"${tokenOf(start)}",` +
    (page.next === undefined ? '' : `"end":"${tokenOf(page.next)}",`) +
    (state === undefined ? '' : `"state":[${state.join(',')}],`) +
    `"chunk":[${chunk.join(',')}]}`
  )
}

interface Page {
  readonly events: readonly StoredEvent[]
  /** Where the next page begins; absent at the end of what there is. */
  readonly next: number | undefined
}

/** Reads on over events that the reader may not see or did not ask for: an empty page with a token makes some clients give up. */
async function collect(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  range: store.TimelinePage,
  filter: RoomEventFilter | undefined,
): Promise<Page> {
  const events: StoredEvent[] = []
  let { after, upTo } = range
  while (range.limit > 0) {
    const size = Math.max(range.limit, 50)
    const read = await store.readTimeline(deps.sql, roomId, { ...range, after, upTo, limit: size })
    const visible = new Set(await visibleEvents(deps, userId, roomId, read))
    for (const event of read) {
      if (visible.has(event) && (!filter || passes(filter, event))) events.push(event)
      if (range.direction === 'b') upTo = event.position - 1
      else after = event.position
      if (events.length === range.limit) return { events, next: await continuation(deps, roomId, range, after, upTo) }
    }
    if (read.length < size) return { events, next: undefined }
  }
  return { events, next: range.direction === 'b' ? upTo : after }
}

/** A full page that happens to be the last one says so. */
async function continuation(deps: Deps, roomId: RoomId, range: store.TimelinePage, after: number, upTo: number) {
  const more = await store.readTimeline(deps.sql, roomId, { ...range, after, upTo, limit: 1 })
  if (more.length === 0) return undefined
  return range.direction === 'b' ? upTo : after
}

async function presentSenders(
  deps: Deps,
  reader: Identity,
  roomId: RoomId,
  view: RoomView,
  events: readonly StoredEvent[],
): Promise<string[]> {
  const senders = new Set(events.map((event) => event.sender))
  const members = await store.readMemberEvents(deps.sql, roomId, [...senders], view.upTo)
  return presentEvents(deps, reader, members, { withRoomId: true })
}

/** An event that the reader may see. Throws M_NOT_FOUND for any other, whether it exists or not. */
export async function readVisibleEvent(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  eventId: EventId,
): Promise<StoredEvent> {
  const [found] = await store.readEvents(deps.sql, [eventId])
  const [event] = found?.roomId === roomId ? await visibleEvents(deps, userId, roomId, [found]) : []
  if (event === undefined) throw notFound('There is no such event, or you may not see it.')
  return event
}

export async function readEvent(deps: Deps, reader: Identity, roomId: RoomId, eventId: EventId): Promise<string> {
  const event = await readVisibleEvent(deps, reader.userId, roomId, eventId)
  const [text] = await presentEvents(deps, reader, [event], { withRoomId: true })
  return text!
}

/** An event with what came before and after it, and the state at the last of them. */
export async function readContext(
  deps: Deps,
  reader: Identity,
  request: { roomId: RoomId; eventId: EventId; limit: number | undefined; filter: RoomEventFilter | undefined },
): Promise<string> {
  const { roomId, eventId, filter } = request
  const event = await readVisibleEvent(deps, reader.userId, roomId, eventId)
  const view = await viewOf(deps, reader.userId, roomId)
  const limit = Math.min(request.limit ?? usualPage, largestPage)
  const side = (direction: 'b' | 'f', after: number, upTo: number, size: number) =>
    collect(deps, reader.userId, roomId, { direction, after, upTo, limit: size }, filter)
  const [before, after] = await Promise.all([
    side('b', 0, event.position - 1, Math.ceil(limit / 2)),
    side('f', event.position, view.upTo, Math.floor(limit / 2)),
  ])
  const last = after.events.at(-1) ?? event
  const present = (events: readonly StoredEvent[]) => presentEvents(deps, reader, events, { withRoomId: true })
  const lazily = filter?.lazy_load_members === true
  const senders = new Set([event, ...before.events, ...after.events].map((e) => e.sender))
  const state = (await readStateInView(deps, roomId, { upTo: last.position, isCurrent: false })).filter(
    (e) => !lazily || e.type !== 'm.room.member' || senders.has(e.stateKey as UserId),
  )
  const [main, earlier, later, around] = await Promise.all([
    present([event]),
    present(before.events),
    present(after.events),
    present(state),
  ])
  return (
    `{"start":"${tokenOf(before.events.at(-1)?.position ? before.events.at(-1)!.position - 1 : event.position - 1)}",` +
    `"end":"${tokenOf(last.position)}","event":${main[0]!},"events_before":[${earlier.join(',')}],` +
    `"events_after":[${later.join(',')}],"state":[${around.join(',')}]}`
  )
}
