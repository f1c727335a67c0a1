import type { EventId } from '#spec/ids.ts'
import type { StoredEvent } from '../stored-event.ts'
import type { Aggregation, Aggregations } from './aggregate.ts'

/** The events that stand inside the aggregations of others. */
export const eventsInside = (aggregations: Aggregations): StoredEvent[] =>
  [...aggregations.values()].flatMap(({ edit, thread }) => [
    ...(edit ? [edit] : []),
    ...(thread ? [thread.latest] : []),
    ...(thread?.latestEdit ? [thread.latestEdit] : []),
  ])

/** Writes an event, with its own `m.relations` if there is something to say. */
type Form = (event: StoredEvent, relations?: string) => string

/** `m.relations` of an event as JSON text; nothing if there is nothing to say. */
export function aggregationText({ edit, thread, references }: Aggregation, form: Form): string | undefined {
  const parts = [
    ...(references.length > 0 ? [`"m.reference":{"chunk":[${references.map(referenceText).join(',')}]}`] : []),
    ...(edit ? [`"m.replace":${form(edit)}`] : []),
  ]
  if (thread) {
    const { latest, latestEdit, count, hasParticipated } = thread
    const text = form(latest, latestEdit && `{"m.replace":${form(latestEdit)}}`)
    parts.push(`"m.thread":{"count":${count},"current_user_participated":${hasParticipated},"latest_event":${text}}`)
  }
  return parts.length === 0 ? undefined : `{${parts.join(',')}}`
}

const referenceText = (id: EventId) => `{"event_id":${JSON.stringify(id)}}`
