import { invalidParam } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import { readThreadsOf } from '#node/rooms/relations/store.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'

/** Throws M_INVALID_PARAM unless the event belongs to the thread; `main` is what belongs to none. */
export async function checkInThread(deps: Deps, event: StoredEvent, threadId: string): Promise<void> {
  // The root stands in the main timeline, and clients also mark their thread as read with it.
  if (event.eventId === threadId) return
  const thread = (await readThreadsOf(deps.sql, event.roomId, [event.eventId])).get(event.eventId)
  if ((thread?.root ?? 'main') !== threadId) throw invalidParam('The event is not related to this thread.')
}
