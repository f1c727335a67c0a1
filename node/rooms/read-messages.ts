import { notFound } from '#spec/errors.ts'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { collectPage, largestPage, type Page, type Range } from './collect-page.ts'
import { passes, type RoomEventFilter } from './event-filter.ts'
import { presentEvents } from './present-events.ts'
import { findView, parseToken, readStateInView, tokenOf, viewOf, type RoomView } from './room-view.ts'
import * as store from './store.ts'
import type { StoredEvent } from './stored-event.ts'
import { sightOf } from './visible-events.ts'

interface PageRequest {
  readonly roomId: RoomId
  readonly from: string | undefined
  readonly to: string | undefined
  readonly dir: 'b' | 'f'
  readonly limit: number | undefined
  readonly filter: RoomEventFilter | undefined
}

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
  const page = await readPage(deps, reader.userId, roomId, { ...range, direction: dir, limit }, filter)
  const chunk = await presentPage(deps, reader, page)
  const state = filter?.lazy_load_members ? await presentSenders(deps, reader, roomId, view, page.events) : undefined
  return (
    `{"start":"${tokenOf(start)}",` +
    (page.next === undefined ? '' : `"end":"${tokenOf(page.next)}",`) +
    (state === undefined ? '' : `"state":[${state.join(',')}],`) +
    `"chunk":[${chunk.join(',')}]}`
  )
}

const readPage = (
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  range: Range,
  filter: RoomEventFilter | undefined,
): Promise<Page> =>
  collectPage(deps, userId, roomId, range, {
    read: (page) => store.readTimeline(deps.sql, roomId, page),
    isWanted: (event) => !filter || passes(filter, event),
  })

const presentPage = (deps: Deps, reader: Identity, { events, membershipAt }: Page) =>
  presentEvents(deps, reader, events, { withRoomId: true, membershipAt })

/** The events of a stretch of the log that the reader may see, as JSON text, and where to read on; at the end there is no such place. */
export async function readRange(
  deps: Deps,
  reader: Identity,
  roomId: RoomId,
  range: Range,
): Promise<{ texts: readonly string[]; next: number | undefined }> {
  const page = await readPage(deps, reader.userId, roomId, range, undefined)
  return { texts: await presentPage(deps, reader, page), next: page.next }
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
  return presentEvents(deps, reader, members, { withRoomId: true, asState: true })
}

/** An event that the reader may see. Throws M_NOT_FOUND for any other, whether it exists or not. */
export async function readVisibleEvent(
  deps: Deps,
  userId: UserId,
  roomId: RoomId,
  eventId: EventId,
): Promise<StoredEvent> {
  return (await seeEvent(deps, userId, roomId, eventId)).events[0]!
}

async function seeEvent(deps: Deps, userId: UserId, roomId: RoomId, eventId: EventId): Promise<Page> {
  const [found] = await store.readEvents(deps.sql, [eventId])
  const sight = found?.roomId === roomId ? await sightOf(deps, userId, roomId, [found]) : undefined
  if (!sight || sight.events.length === 0) throw notFound('There is no such event, or you may not see it.')
  return { ...sight, next: undefined }
}

export async function readEvent(deps: Deps, reader: Identity, roomId: RoomId, eventId: EventId): Promise<string> {
  const [text] = await presentPage(deps, reader, await seeEvent(deps, reader.userId, roomId, eventId))
  return text!
}

/** An event with what came before and after it, and the state at the last of them. */
export async function readContext(
  deps: Deps,
  reader: Identity,
  request: { roomId: RoomId; eventId: EventId; limit: number | undefined; filter: RoomEventFilter | undefined },
): Promise<string> {
  const { roomId, eventId, filter } = request
  const main = await seeEvent(deps, reader.userId, roomId, eventId)
  const event = main.events[0]!
  await viewOf(deps, reader.userId, roomId)
  const limit = Math.min(request.limit ?? filter?.limit ?? usualPage, largestPage)
  const sizes = { before: Math.ceil(limit / 2), after: Math.floor(limit / 2) }
  const surroundings = await readSurroundings(deps, reader, event, sizes, filter)
  const state = await stateAround(deps, roomId, surroundings.last, surroundings.senders, filter)
  const [texts, around] = await Promise.all([
    presentPage(deps, reader, main),
    presentEvents(deps, reader, state, { withRoomId: true, asState: true }),
  ])
  return `{"event":${texts[0]!},${surroundings.text},"state":[${around.join(',')}]}`
}

/** What came before and after an event, as far as the reader may see it. */
export interface Surroundings {
  /** `start`, `end`, `events_before` and `events_after`, as they stand in an object of JSON. */
  readonly text: string
  /** Of the event itself, too. */
  readonly senders: ReadonlySet<UserId>
  readonly last: StoredEvent
}

export async function readSurroundings(
  deps: Deps,
  reader: Identity,
  event: StoredEvent,
  sizes: { before: number; after: number },
  filter?: RoomEventFilter,
): Promise<Surroundings> {
  const view = await findView(deps, reader.userId, event.roomId)
  const side = (direction: 'b' | 'f', after: number, upTo: number, limit: number) =>
    readPage(deps, reader.userId, event.roomId, { direction, after, upTo, limit }, filter)
  const [before, after] = await Promise.all([
    side('b', 0, event.position - 1, sizes.before),
    side('f', event.position, view?.upTo ?? event.position, sizes.after),
  ])
  const [earlier, later] = await Promise.all([presentPage(deps, reader, before), presentPage(deps, reader, after)])
  const first = before.events.at(-1) ?? event
  const last = after.events.at(-1) ?? event
  return {
    text:
      `"start":"${tokenOf(first.position - 1)}","end":"${tokenOf(last.position)}",` +
      `"events_before":[${earlier.join(',')}],"events_after":[${later.join(',')}]`,
    senders: new Set([event, ...before.events, ...after.events].map((one) => one.sender)),
    last,
  }
}

/** The state at an event, as far as it is wanted. */
async function stateAround(
  deps: Deps,
  roomId: RoomId,
  { position }: StoredEvent,
  senders: ReadonlySet<UserId>,
  filter: RoomEventFilter | undefined,
): Promise<StoredEvent[]> {
  const state = await readStateInView(deps, roomId, { upTo: position, isCurrent: false })
  const isWanted = (event: StoredEvent) =>
    !filter?.lazy_load_members || event.type !== 'm.room.member' || senders.has(event.stateKey as UserId)
  return state.filter((event) => isWanted(event) && (!filter || passes(filter, event)))
}
