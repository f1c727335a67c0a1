import { redactionTargetOf } from '#spec/room/content.ts'
import { jobWrite } from '#node/jobs/enqueue.ts'
import type { OnEvents } from '#node/slice.ts'
import { write } from '#node/stream/commit.ts'
import { referencesKind } from './facts.ts'
import { mediaIn } from './media-in.ts'
import { afterRedaction } from './delete-media.ts'

/** Whatever names a file keeps it; whatever is redacted lets its own files go. */
export const onEvents: OnEvents = (deps, { event, version }) => {
  const target = redactionTargetOf(version, event)
  if (target !== undefined) return [jobWrite(afterRedaction, { eventId: target }, { key: target })]
  const named = mediaIn(event, deps.config.serverName)
  return named.length === 0 ? [] : [write(referencesKind, { eventId: event.event_id, named })]
}
