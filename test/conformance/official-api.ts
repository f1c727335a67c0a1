import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '#spec/json.ts'

/** One operation of the official description. */
export interface Operation {
  readonly method: string
  readonly path: string
  /** Whether a token must, may or need not be sent. */
  readonly auth: 'none' | 'optional' | 'token'
  readonly query: readonly string[]
  /** Names of the fields of the request's body. */
  readonly body: readonly string[]
  /** The schema of the JSON answer, by status. */
  readonly responses: Readonly<Record<string, JsonObject>>
  /** What an answer of this status may be of, as `application/json`; nothing where the description does not say. */
  readonly mediaTypes: Readonly<Record<string, readonly string[]>>
  readonly isDeprecated: boolean
  /** The minor version of the specification that brought it; nothing where it has always been there. */
  readonly addedIn: number
}

/**
 * The operations of the Client-Server API in `folder`, by `keyOf`: from `client-server.json`, either the OpenAPI document as published or a plain list of
 * its operations, with all references resolved. Where two operations have the same method and path, as inviting does, they are one here.
 */
export function readOfficialApi(folder: string): ReadonlyMap<string, Operation> {
  const document = JSON.parse(readFileSync(join(folder, 'client-server.json'), 'utf8')) as Json
  const operations = new Map<string, Operation>()
  for (const each of listOperations(document)) {
    const operation = operationOf(each)
    const key = keyOf(operation)
    const twin = operations.get(key)
    operations.set(key, twin ? together(twin, operation) : operation)
  }
  return operations
}

const together = (one: Operation, other: Operation): Operation => ({
  ...(one.isDeprecated ? other : one),
  body: [...one.body, ...other.body],
  query: [...new Set([...one.query, ...other.query])],
  responses: { ...other.responses, ...one.responses },
  mediaTypes: { ...other.mediaTypes, ...one.mediaTypes },
})

/** Parameters have other names here and there; their places decide. */
export const keyOf = ({ method, path }: { method: string; path: string }): string =>
  `${method} ${path.trim().replaceAll(/\{\w+\}/g, '{}')}`

function listOperations(document: Json): JsonObject[] {
  if (Array.isArray(document)) return document.filter(isJsonObject)
  const paths = objectIn(document, 'paths')
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(isJsonObject(methods) ? methods : {}).map(([method, operation]) => ({
      ...(isJsonObject(operation) ? operation : {}),
      method: method.toUpperCase(),
      path,
    })),
  )
}

function operationOf(operation: JsonObject): Operation {
  const parameters = listIn(operation, 'parameters').filter(isJsonObject)
  const responses = Object.entries(objectIn(operation, 'responses')).map(([status, response]) => [
    status,
    schemaIn(response),
  ])
  return {
    method: String(operation['method']),
    path: String(operation['path']),
    auth: authOf(listIn(operation, 'security')),
    query: parameters.filter((one) => one['in'] === 'query').map((one) => String(one['name'])),
    body: fieldsOf(schemaIn(operation['requestBody'])),
    responses: Object.fromEntries(responses) as Record<string, JsonObject>,
    mediaTypes: Object.fromEntries(
      Object.entries(objectIn(operation, 'responses')).map(([status, response]) => [
        status,
        Object.keys(objectIn(response, 'content')),
      ]),
    ),
    isDeprecated: operation['deprecated'] === true,
    addedIn: Number(String(operation['x-addedInMatrixVersion'] ?? '1.0').split('.')[1]),
  }
}

function authOf(security: readonly Json[]): Operation['auth'] {
  if (security.length === 0) return 'none'
  return security.some((one) => isJsonObject(one) && Object.keys(one).length === 0) ? 'optional' : 'token'
}

function fieldsOf(schema: JsonObject): string[] {
  const parts = [...listIn(schema, 'allOf'), ...listIn(schema, 'oneOf')].filter(isJsonObject)
  return [...Object.keys(objectIn(schema, 'properties')), ...parts.flatMap(fieldsOf)]
}

const schemaIn = (holder: Json | undefined): JsonObject =>
  objectIn(objectIn(objectIn(holder, 'content'), 'application/json'), 'schema')

function objectIn(holder: Json | undefined, name: string): JsonObject {
  const value = isJsonObject(holder ?? null) ? (holder as JsonObject)[name] : undefined
  return value !== undefined && isJsonObject(value) ? value : {}
}

function listIn(holder: JsonObject, name: string): readonly Json[] {
  const value = holder[name]
  return Array.isArray(value) ? value : []
}
