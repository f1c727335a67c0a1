import type { EventId } from '#spec/ids.ts'
import { isJsonObject, type JsonObject } from '#spec/json.ts'
import { stringIn } from '#spec/room/content.ts'
import type { searchKeys } from '#spec/api/client/search.ts'
import type { StoredEvent } from '#node/rooms/stored-event.ts'

export type SearchKey = (typeof searchKeys)[number]

/** What an event adds to what can be found. */
export interface SearchableText {
  readonly key: SearchKey
  readonly text: string
  /** The message that this one is a new text of. */
  readonly edits: EventId | undefined
}

/** Types that have such text. A redaction has none, but takes some away. */
export const searchedTypes: readonly string[] = ['m.room.message', 'm.room.name', 'm.room.topic', 'm.room.redaction']

/** Client-Server API, "Server Side Search": `room_events`. */
export function searchableText({ type, stateKey, content }: StoredEvent): SearchableText | undefined {
  const parsed = JSON.parse(content) as JsonObject
  if (type === 'm.room.message' && stateKey === null) return messageText(parsed)
  if (stateKey !== '') return undefined
  if (type === 'm.room.name') return plain('content.name', stringIn({ content: parsed }, 'name'))
  if (type === 'm.room.topic') return plain('content.topic', topicText(parsed))
  return undefined
}

const plain = (key: SearchKey, text: string | undefined): SearchableText | undefined =>
  text === undefined ? undefined : { key, text, edits: undefined }

function messageText(content: JsonObject): SearchableText | undefined {
  const relation = objectIn(content, 'm.relates_to')
  const target = relation?.['rel_type'] === 'm.replace' ? relation['event_id'] : undefined
  if (typeof target !== 'string') return plain('content.body', stringIn({ content }, 'body'))
  const text = stringIn({ content: objectIn(content, 'm.new_content') ?? {} }, 'body')
  return text === undefined ? undefined : { key: 'content.body', text, edits: target as EventId }
}

/** The topic, and what m.topic has of it as plain text. */
function topicText(content: JsonObject): string | undefined {
  const rich = objectIn(content, 'm.topic')?.['m.text']
  const forms = Array.isArray(rich) ? rich : []
  const isPlain = (form: JsonObject) => (form['mimetype'] ?? 'text/plain') === 'text/plain'
  const bodies = forms.flatMap((form) =>
    isJsonObject(form) && isPlain(form) && typeof form['body'] === 'string' ? [form['body']] : [],
  )
  const texts = [stringIn({ content }, 'topic') ?? [], ...bodies].flat()
  return texts.length === 0 ? undefined : [...new Set(texts)].join('\n')
}

function objectIn(content: JsonObject, key: string): JsonObject | undefined {
  const value = Object.hasOwn(content, key) ? content[key] : undefined
  return isJsonObject(value) ? value : undefined
}
