import { isEventId, type EventId } from '#spec/ids.ts'
import { isJsonObject } from '#spec/json.ts'
import { isLongerThan, maxKeyBytes } from '#spec/limits.ts'
import { member } from './content.ts'
import type { RoomEvent } from './event.ts'

/** How an event relates to an earlier one, its parent. Client-Server API, "Forming relationships between events". */
export interface Relation {
  /** `event_id`: the event that this one is about. Nothing says that it exists. */
  readonly parent: EventId
  /** `rel_type`: `m.thread`, `m.replace`, `m.annotation`, `m.reference`, or one that only clients understand. */
  readonly type: string
  /** `key` of an annotation. */
  readonly key?: string
}

type Relating = Pick<RoomEvent, 'type' | 'state_key' | 'content'>

/**
 * The relation that an event states in the open part of its content; nothing where it states none, or one that breaks the rules and is to
 * be ignored. A reply is no relation in this sense: it has no `rel_type`.
 */
export function relationOf(event: Relating): Relation | undefined {
  const stated = member(event.content, 'm.relates_to')
  if (!isJsonObject(stated)) return undefined
  const [type, parent, key] = [member(stated, 'rel_type'), member(stated, 'event_id'), member(stated, 'key')]
  if (typeof type !== 'string' || type === '' || isLongerThan(type, maxKeyBytes) || !isEventId(parent)) return undefined
  if (type === 'm.replace' && !mayReplace(event)) return undefined
  return { parent, type, ...(type === 'm.annotation' && typeof key === 'string' && { key }) }
}

/** What can be asked of a replacement without its original. Client-Server API, "Validity of replacement events". */
const mayReplace = ({ type, state_key, content }: Relating): boolean =>
  state_key === undefined && (type === 'm.room.encrypted' || isJsonObject(member(content, 'm.new_content')))
