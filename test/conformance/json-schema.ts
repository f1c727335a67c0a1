import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'

/**
 * Where a value breaks a JSON Schema, one sentence for each place. Only the keywords that the official description of the API uses are known;
 * an object may always hold more than is described.
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

function valueBreaches({ enum: among, pattern }: JsonObject, value: Json, at: string): string[] {
  const found = []
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
    ...Object.entries(value).flatMap(([name, member]) =>
      schemasOfMember(schema, name).flatMap((one) => breaches(one, member, `${at}.${name}`)),
    ),
  ]
}

function schemasOfMember(schema: JsonObject, name: string): JsonObject[] {
  const { properties, patternProperties, additionalProperties } = schema
  const named = isJsonObject(properties) ? properties[name] : undefined
  const matching = Object.entries(isJsonObject(patternProperties) ? patternProperties : {})
    .filter(([pattern]) => new RegExp(pattern, 'u').test(name))
    .map(([, one]) => one)
  const own = [...(named === undefined ? [] : [named]), ...matching]
  return (own.length > 0 ? own : [additionalProperties ?? {}]).filter(isJsonObject)
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
