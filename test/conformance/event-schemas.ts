import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'
import { breaches } from './json-schema.ts'

/** The official schemas of events, by type; those of messages by `m.room.message$` and their msgtype. */
export type EventSchemas = ReadonlyMap<string, JsonObject>

export function readEventSchemas(folder: string): EventSchemas {
  const all = JSON.parse(readFileSync(join(folder, 'event-schemas.json'), 'utf8')) as Record<string, JsonObject>
  return new Map(Object.entries(all))
}

/** Everything in an answer that is an event: it has a type and a content. */
export function eventsIn(body: Json): JsonObject[] {
  if (Array.isArray(body)) return body.flatMap((item: Json) => eventsIn(item))
  if (!isJsonObject(body)) return []
  const inner = Object.values(body).flatMap(eventsIn)
  const isEvent = typeof body['type'] === 'string' && isJsonObject(body['content'] ?? null)
  return isEvent ? [body, ...inner] : inner
}

/** Where an event breaks the schema of its type. A redacted one has lost what its schema asks for. */
export function eventBreaches(schemas: EventSchemas, event: JsonObject): string[] {
  const type = String(event['type'])
  const content = event['content'] as JsonObject
  const schema = schemas.get(`${type}$${String(content['msgtype'])}`) ?? schemas.get(type)
  const isRedacted = 'redacted_because' in ((event['unsigned'] ?? {}) as JsonObject)
  if (!schema || isRedacted) return []
  if ('event_id' in event) return breaches(schema, whole(event), type)
  const inner = (schema['properties'] as JsonObject | undefined)?.['content']
  return isJsonObject(inner ?? null) ? breaches(inner as JsonObject, content, `${type}.content`) : []
}

/** In an answer that groups events by room, none of them names it. */
const whole = (event: JsonObject): JsonObject => ({ room_id: '!kitchen:one.test', ...event })
