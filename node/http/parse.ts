import * as z from 'zod/mini'
import type { Endpoint } from '#spec/endpoint.ts'
import { jsonObject } from '#spec/api/query.ts'
import type { JsonObject } from '#spec/json.ts'
import { invalidParam, MatrixError, type ErrorCode } from '#spec/errors.ts'

const empty = Object.freeze({})

export const parseParams = (endpoint: Endpoint, params: Readonly<Record<string, string>>): unknown =>
  endpoint.params ? parse(endpoint.params, withoutNul(params), 'M_INVALID_PARAM') : empty

export const parseQuery = (endpoint: Endpoint, query: Readonly<Record<string, string | string[]>>): unknown =>
  endpoint.query ? parse(endpoint.query, withoutNul(query), 'M_INVALID_PARAM', 'M_MISSING_PARAM') : empty

/** Postgres has no U+0000 in text, and no identifier of Matrix has one. */
function withoutNul<Values extends Readonly<Record<string, string | string[]>>>(values: Values): Values {
  for (const [name, value] of Object.entries(values))
    if (String(value).includes('\0')) throw invalidParam(`${name} has a character that cannot be: U+0000.`)
  return values
}

/** `readBody` has made sure of an object already: where any object will do, as in the events of a busy room, nothing is left to check. */
export const parseBody = (endpoint: Endpoint, body: JsonObject): unknown => {
  if (endpoint.body === undefined) return empty
  return endpoint.body === (jsonObject as unknown) ? body : parse(endpoint.body, body, 'M_BAD_JSON')
}

function parse(schema: z.ZodMiniType, value: unknown, code: ErrorCode, codeIfMissing: ErrorCode = code): unknown {
  const result = z.safeParse(schema, value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const where = issue.path.join('.') || 'The body'
  if (isMissing(value, issue.path)) throw new MatrixError(codeIfMissing, `${where} is missing.`)
  throw new MatrixError(code, `${where} ${problemIn(issue)}.`)
}

/** What is wrong with a value, for the person who wrote the client. */
function problemIn(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be of the type ${issue.expected === 'int' ? 'integer' : issue.expected}`
    case 'invalid_value':
      return `must be one of: ${issue.values.join(', ')}`
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`
    case 'too_small':
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`
    case 'custom':
      return `is not valid: ${issue.message}`
    default:
      return 'is not written as it must be'
  }
}

const unitOf = (origin: string): string =>
  origin === 'string' ? ' characters long' : origin === 'array' ? ' entries long' : ''

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value
  for (const key of path) {
    // JSON in a query is looked into while it is text still: what is wrong in there is there.
    if (typeof at !== 'object' || at === null) return false
    at = (at as Record<PropertyKey, unknown>)[key]
  }
  return at === undefined
}
