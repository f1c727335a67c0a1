import type { SyncEvent } from '#spec/api/client/client-event.ts'
import { isEventId, type EventId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { redactContent } from '#spec/room/redact.ts'
import { defaultRoomVersion, roomVersion } from '#spec/room/versions.ts'

/** What a redaction is about: in the content from room version 11 on, on top before; servers fill both for clients. */
export function redactionTargetOf(event: SyncEvent): EventId | undefined {
  if (event.type !== 'm.room.redaction') return undefined
  const target = event.content['redacts'] ?? event['redacts']
  return isEventId(target) ? target : undefined
}

/** The event as a redaction leaves it. A room of an unknown version is read by the rules of the newest known one. */
export function redactedEvent(event: SyncEvent, because: SyncEvent, version: string | undefined): SyncEvent {
  const content = redactContent(roomVersion(version ?? '') ?? defaultRoomVersion, event.type, event.content)
  const { prev_content: _, ...unsigned } = event.unsigned ?? {}
  return { ...event, content, unsigned: { ...unsigned, redacted_because: because as unknown as JsonObject } }
}

/** True for an event that was redacted, here or by the node. */
export const isRedacted = (event: SyncEvent): boolean => event.unsigned?.redacted_because !== undefined
