import { stringIn } from '#spec/room/content.ts'
import type { RoomEvent } from '#spec/room/event.ts'

/**
 * Whether an event adds to the unread counts of a room: what the default push rules notify of. Edits, reactions, notices and state do not.
 * Client-Server API, "Predefined rules": .m.rule.message, .m.rule.encrypted, .m.rule.suppress_notices, .m.rule.suppress_edits.
 */
export function asksForAttention(event: Pick<RoomEvent, 'type' | 'state_key' | 'content'>): boolean {
  if (event.state_key !== undefined) return false
  if (event.type === 'm.room.encrypted') return true
  return event.type === 'm.room.message' && stringIn(event, 'msgtype') !== 'm.notice' && !isEdit(event.content)
}

function isEdit(content: RoomEvent['content']): boolean {
  const relation = content['m.relates_to']
  return (
    typeof relation === 'object' && relation !== null && 'rel_type' in relation && relation['rel_type'] === 'm.replace'
  )
}
