import type { EventId, RoomId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { cutErased } from '#node/rooms/erased-events.ts'
import { presentEvents } from '#node/rooms/present-events.ts'
import { clientForm, type StoredEvent } from '#node/rooms/stored-event.ts'
import type { Reader } from './reader.ts'
import * as store from './store.ts'
import type { Timeline } from './timelines.ts'

/** Events as the reader gets them, by id: in a timeline with everything that belongs to them, as state without what they replaced. */
export interface EventTexts {
  readonly timeline: ReadonlyMap<EventId, string>
  state(event: StoredEvent): string
}

export async function readEventTexts(
  deps: Deps,
  reader: Reader,
  timelines: readonly Timeline[],
  states: ReadonlyMap<RoomId, readonly StoredEvent[]>,
): Promise<EventTexts> {
  const fields = reader.filter.event_fields
  const events = timelines.flatMap((timeline) => timeline.events)
  const envelopes = await readEnvelopes(deps, reader, () => [
    ...events,
    ...timelines.flatMap(({ plan }) => states.get(plan.roomId)!),
  ])
  const shape = (text: string, { eventId, content }: StoredEvent) => {
    const envelope = envelopes?.get(eventId)
    const whole = envelope === undefined ? text : federationForm(text, content, envelope)
    return fields === undefined ? whole : onlyFields(whole, fields)
  }
  const byRoom = new Map(timelines.map((timeline) => [timeline.plan.roomId, timeline]))
  const membershipAt = (event: StoredEvent) => byRoom.get(event.roomId)!.membershipAt(event)
  // Whoever has the whole of what came sees for themselves what relates to what.
  const relatedUpTo = (roomId: RoomId) => {
    const { isLimited, plan } = byRoom.get(roomId)!
    return isLimited ? plan.upTo : 0
  }
  const cut = await cutErased(deps, reader.userId, [
    ...events,
    ...timelines.flatMap(({ plan }) => states.get(plan.roomId)!),
  ])
  const texts = await presentEvents(deps, reader, events, { withRoomId: false, membershipAt, relatedUpTo })
  const now = deps.clock.now()
  return {
    timeline: new Map(events.map((event, index) => [event.eventId, shape(texts[index]!, cut(event))])),
    state: (event) => shape(clientForm(cut(event), { withRoomId: false, now }), cut(event)),
  }
}

/** The rest of each event as other servers get it, for readers who asked for `event_format: federation`. */
async function readEnvelopes(
  deps: Deps,
  { filter }: Reader,
  eventsOf: () => readonly StoredEvent[],
): Promise<ReadonlyMap<EventId, string> | undefined> {
  if (filter.event_format !== 'federation') return undefined
  const rows = await store.readEnvelopes(
    deps.sql,
    eventsOf().map((event) => event.eventId),
  )
  return new Map(rows.map((row) => [row.eventId, row.envelope]))
}

/** The event as other servers get it, with its id, which it does not say itself, and what this reader is told beside it. */
function federationForm(clientText: string, content: string, envelope: string): string {
  const { event_id: eventId, unsigned } = JSON.parse(clientText) as { event_id: EventId; unsigned: object }
  return `{"content":${content},${envelope.slice(1, -1)},"event_id":"${eventId}","unsigned":${JSON.stringify(unsigned)}}`
}

/** Some fields of an event, named by paths with dots; `\.` is a dot in a name. Client-Server API, "Filtering", `event_fields`. */
export function onlyFields(text: string, fields: readonly string[]): string {
  const event = JSON.parse(text) as Record<string, unknown>
  const kept: Record<string, unknown> = {}
  for (const field of fields) {
    const path = [...field.matchAll(/((?:\\.|[^.\\])+)/g)].map(([part]) => part.replace(/\\([.\\])/g, '$1'))
    copyPath(event, kept, path)
  }
  return JSON.stringify(kept)
}

function copyPath(
  from: Record<string, unknown>,
  to: Record<string, unknown>,
  [name, ...rest]: readonly string[],
): void {
  if (name === undefined || !Object.hasOwn(from, name)) return
  const value = from[name]
  if (rest.length === 0) return void setOwn(to, name, value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  if (!Object.hasOwn(to, name)) setOwn(to, name, {})
  copyPath(value as Record<string, unknown>, to[name] as Record<string, unknown>, rest)
}

/** `__proto__` is a name like any other. */
const setOwn = (object: object, name: string, value: unknown) =>
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
