import { invalidParam } from '#spec/errors.ts'
import type { EventId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { readEvents } from '#node/rooms/store.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'

/** How far a relation is followed. Client-Server API, "Threaded read receipts". */
const mostHops = 3

/** Throws M_INVALID_PARAM unless the event belongs to the thread; `main` is what belongs to none. */
export async function checkInThread(deps: Deps, event: StoredEvent, threadId: string): Promise<void> {
  // The root stands in the main timeline, and clients also mark their thread as read with it.
  if (event.eventId === threadId) return
  const root = await threadOf(deps, event)
  if ((root ?? 'main') !== threadId) throw invalidParam('The event is not related to this thread.')
}

async function threadOf(deps: Deps, event: StoredEvent): Promise<string | undefined> {
  let at: StoredEvent | undefined = event
  for (let hop = 0; at && hop < mostHops; hop++) {
    const relation = relationOf(at)
    if (relation === undefined) return undefined
    if (relation.kind === 'm.thread') return relation.eventId
    at = (await readEvents(deps.sql, [relation.eventId])).find((found) => found.roomId === event.roomId)
  }
  return undefined
}

function relationOf(event: StoredEvent): { kind: unknown; eventId: EventId } | undefined {
  const content = JSON.parse(event.content) as { 'm.relates_to'?: { rel_type?: unknown; event_id?: unknown } | null }
  const { rel_type: kind, event_id: eventId } = content['m.relates_to'] ?? {}
  return typeof eventId === 'string' ? { kind, eventId: eventId as EventId } : undefined
}
