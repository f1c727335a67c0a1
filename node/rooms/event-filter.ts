import type * as z from 'zod/mini'
import type { roomEventFilter } from '#spec/api/client/filter-definition.ts'
import type { StoredEvent } from './stored-event.ts'

export type RoomEventFilter = z.output<typeof roomEventFilter>

/** Whether an event passes a RoomEventFilter. Client-Server API, "Filtering". */
export function passes(
  filter: RoomEventFilter,
  event: Pick<StoredEvent, 'type' | 'sender' | 'roomId' | 'content'>,
): boolean {
  const { types, not_types, senders, not_senders, rooms, not_rooms, contains_url } = filter
  if (types && !types.some((pattern) => matches(pattern, event.type))) return false
  if (not_types?.some((pattern) => matches(pattern, event.type))) return false
  if (senders && !senders.includes(event.sender)) return false
  if (not_senders?.includes(event.sender)) return false
  if (rooms && !rooms.includes(event.roomId)) return false
  if (not_rooms?.includes(event.roomId)) return false
  return contains_url === undefined || contains_url === hasUrl(event.content)
}

const hasUrl = (content: string) => typeof (JSON.parse(content) as { url?: unknown }).url === 'string'

/** `*` stands for any run of characters. Each part is looked for after the one before it, so no pattern takes more than linear time. */
export function matches(pattern: string, type: string): boolean {
  const parts = pattern.split('*')
  if (parts.length === 1) return pattern === type
  const [first, last] = [parts[0]!, parts.at(-1)!]
  if (!type.startsWith(first) || !type.endsWith(last) || type.length < first.length + last.length) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = type.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= type.length - last.length
}
