import { isEventId, isRoomAlias, isRoomId, isServerName, isUserId, parseMxc } from '#spec/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'

/**
 * Where a value breaks a JSON Schema, one sentence for each place. Only the keywords that the official description of the API uses are known.
 * `oneOf` is read as `anyOf`, since the description has a choice between any object and an event, which is an object too.
 */
export function breaches(schema: JsonObject, value: Json, at = 'the answer'): string[] {
  return [
    ...typeBreaches(schema, value, at),
    ...valueBreaches(schema, value, at),
    ...memberBreaches(schema, value, at),
    ...itemBreaches(schema, value, at),
    ...choiceBreaches(schema, value, at),
  ]
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
const schemasOf = (value: Json | undefined): readonly JsonObject[] => listOf(value).filter(isJsonObject)

const isOfType: Readonly<Record<string, (value: Json) => boolean>> = {
  object: isJsonObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  null: (value) => value === null,
}

function typeBreaches({ type }: JsonObject, value: Json, at: string): string[] {
  const types = typeof type === 'string' ? [type] : listOf(type).map(String)
  if (types.length === 0 || types.some((one) => isOfType[one]?.(value) ?? true)) return []
  return [`${at} is ${JSON.stringify(value)}, not ${types.join(' or ')}`]
}

const isUri = (value: string): boolean => URL.canParse(value) && !/\s/.test(value)
const isEmail = (value: string): boolean => /^[^\s@]+@[^\s@]+$/.test(value)

/** Formats that say something about a string or a number; those of no consequence for what travels are not among them. */
const isOfFormat: Readonly<Record<string, (value: string) => boolean>> = {
  'mx-user-id': isUserId,
  'mx-room-id': isRoomId,
  'mx-event-id': isEventId,
  'mx-room-alias': isRoomAlias,
  'mx-server-name': isServerName,
  'mx-mxc-uri': (value) => parseMxc(value) !== undefined,
  'mx-unpadded-base64': (value) => /^[A-Za-z0-9+/]*$/.test(value),
  uri: isUri,
  email: isEmail,
}

const fitsFormat = (format: Json | undefined, value: Json): boolean => {
  if (format === 'int64') return typeof value !== 'number' || Number.isSafeInteger(value)
  return typeof value !== 'string' || (isOfFormat[String(format)]?.(value) ?? true)
}

function valueBreaches({ enum: among, pattern, format, maxLength }: JsonObject, value: Json, at: string): string[] {
  const found = []
  if (!fitsFormat(format, value)) found.push(`${at} is ${JSON.stringify(value)}, which is no ${String(format)}`)
  if (typeof maxLength === 'number' && typeof value === 'string' && value.length > maxLength)
    found.push(`${at} is longer than ${maxLength}`)
  if (Array.isArray(among) && !among.includes(value)) found.push(`${at} is none of ${among.join(', ')}`)
  if (typeof pattern === 'string' && typeof value === 'string' && !new RegExp(pattern, 'u').test(value))
    found.push(`${at} does not match ${pattern}`)
  return found
}

function memberBreaches(schema: JsonObject, value: Json, at: string): string[] {
  if (!isJsonObject(value)) return []
  const missing = listOf(schema['required']).filter((name) => !(String(name) in value))
  return [
    ...missing.map((name) => `${at}.${String(name)} is missing`),
    ...sizeBreaches(schema, Object.keys(value), at),
    ...Object.entries(value).flatMap(([name, member]) =>
      schemasOfMember(schema, name).flatMap((one) => breaches(one, member, `${at}.${name}`)),
    ),
  ]
}

function sizeBreaches(schema: JsonObject, names: readonly string[], at: string): string[] {
  const { minProperties = 0, maxProperties = Infinity, propertyNames } = schema
  const found = []
  if (names.length < Number(minProperties)) found.push(`${at} has fewer than ${String(minProperties)} members`)
  if (names.length > Number(maxProperties)) found.push(`${at} has more than ${String(maxProperties)} members`)
  if (isJsonObject(propertyNames ?? null))
    found.push(...names.flatMap((name) => breaches(propertyNames as JsonObject, name, `${at}, the name ${name},`)))
  return found
}

/** What nothing fits: a member that must not be there. */
const nothing: JsonObject = { type: [], enum: [] }

function schemasOfMember(schema: JsonObject, name: string): JsonObject[] {
  const { properties, patternProperties, additionalProperties } = schema
  const named = isJsonObject(properties) ? properties[name] : undefined
  const matching = Object.entries(isJsonObject(patternProperties) ? patternProperties : {})
    .filter(([pattern]) => new RegExp(pattern, 'u').test(name))
    .map(([, one]) => one)
  const own = [...(named === undefined ? [] : [named]), ...matching]
  const others = additionalProperties === false ? nothing : (additionalProperties ?? {})
  return (own.length > 0 ? own : [others]).filter(isJsonObject)
}

function itemBreaches({ items }: JsonObject, value: Json, at: string): string[] {
  if (!Array.isArray(value) || !isJsonObject(items)) return []
  return value.flatMap((item: Json, index) => breaches(items, item, `${at}[${index}]`))
}

function choiceBreaches(schema: JsonObject, value: Json, at: string): string[] {
  const all = schemasOf(schema['allOf']).flatMap((one) => breaches(one, value, at))
  const choices = [...schemasOf(schema['oneOf']), ...schemasOf(schema['anyOf'])].map((one) => breaches(one, value, at))
  if (choices.length === 0 || choices.some((found) => found.length === 0)) return all
  return [...all, ...choices.toSorted((a, b) => a.length - b.length)[0]!]
}
