import { expect } from 'vitest'
import type { Json, JsonObject } from '#spec/json.ts'
import { isJsonObject } from '#spec/json.ts'
import { breaches } from './json-schema.ts'
import { keyOf, type Operation } from './official-api.ts'

/** Who calls; their token goes into the header. */
export interface Caller {
  readonly userId: string
  readonly deviceId: string
  readonly token: string
}

/** A call, by the names of the official description. */
export interface Call {
  readonly as?: Caller | undefined
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** An object, or what is sent as it is. */
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
}

/** One answer, judged. */
export interface Judged {
  readonly operation: string
  /** As `200` or `403 M_FORBIDDEN`. */
  readonly outcome: string
  readonly body: Json
  readonly violations: readonly string[]
}

/** `200`, or a refusal as `403 M_FORBIDDEN`. */
export type Expected = number | string

export interface OfficialCaller {
  /** Makes a call of this operation, as `GET /_matrix/client/versions`, and fails unless the answer is as expected. */
  call(operation: string, expected: Expected, call?: Call): Promise<JsonObject>
  /** Makes a call, whatever the answer. */
  try(operation: string, call?: Call): Promise<Judged>
  readonly answers: readonly Judged[]
}

/** Calls a node by the official description, and looks at everything that an answer has. */
export function officialCaller(baseUrl: string, official: ReadonlyMap<string, Operation>): OfficialCaller {
  const answers: Judged[] = []
  const attempt = async (name: string, input: Call = {}): Promise<Judged> => {
    const operation = operationOf(official, name)
    const response = await fetch(baseUrl + targetOf(operation, input), requestOf(operation, input))
    const judged = await judge(operation, response)
    answers.push(judged)
    return judged
  }
  return {
    answers,
    try: attempt,
    async call(name, expected, input) {
      const { outcome, body, violations } = await attempt(name, input)
      expect(outcome, `${name}: ${JSON.stringify(body).slice(0, 300)}`).toBe(String(expected))
      expect(violations, name).toEqual([])
      return isJsonObject(body) ? body : {}
    },
  }
}

function operationOf(official: ReadonlyMap<string, Operation>, name: string): Operation {
  const [method, path] = name.split(' ') as [string, string]
  const operation = official.get(keyOf({ method, path }))
  if (!operation) throw new Error(`${name} is not described`)
  return operation
}

function targetOf({ path }: Operation, { params = {}, query }: Call): string {
  const filled = path.trim().replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`${path} needs ${name}`)
    return encodeURIComponent(value)
  })
  return query === undefined ? filled : `${filled}?${new URLSearchParams(query)}`
}

function requestOf({ method }: Operation, { as, body, headers }: Call): RequestInit {
  const json = typeof body === 'object' ? { 'content-type': 'application/json' } : {}
  return {
    method,
    redirect: 'manual',
    headers: { ...json, ...(as && { authorization: `Bearer ${as.token}` }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  }
}

const errorSchema: JsonObject = {
  type: 'object',
  required: ['errcode', 'error'],
  properties: { errcode: { type: 'string', pattern: '^[A-Z][A-Z_]+$' }, error: { type: 'string' } },
}

async function judge(operation: Operation, response: Response): Promise<Judged> {
  const { status, headers } = response
  const type = headers.get('content-type') ?? ''
  const text = await response.text()
  const isJson = type === 'application/json'
  const body = isJson ? (JSON.parse(text) as Json) : null
  const errcode = isJsonObject(body) && typeof body['errcode'] === 'string' ? ` ${body['errcode']}` : ''
  const violations = [
    ...headerFaults(operation, status, headers),
    ...(isJson ? bodyFaults(operation, status, body) : []),
  ]
  return { operation: keyOf(operation), outcome: `${status}${errcode}`, body, violations }
}

function headerFaults({ mediaTypes }: Operation, status: number, headers: Headers): string[] {
  const type = headers.get('content-type')
  // A file has the type that it was uploaded with; the description has one that stands for all.
  const types = mediaTypes[status]?.includes('application/octet-stream') ? [] : (mediaTypes[status] ?? [])
  const wanted = status >= 400 ? ['application/json'] : types
  const found = []
  if (headers.get('access-control-allow-origin') !== '*') found.push(`${status}: no origin but its own may read this`)
  if (wanted.length > 0 && !wanted.includes(type ?? '')) found.push(`${status}: the type is ${type}, not ${wanted}`)
  if (status === 429 && !/^[1-9]\d*$/.test(headers.get('retry-after') ?? ''))
    found.push('429: nobody knows for how long')
  if (status < 400 && mediaTypes[status] === undefined) found.push(`${status} is not described`)
  return found
}

/** The steps of interactive authentication; a step that failed is told with them. */
const stepsSchema: JsonObject = {
  type: 'object',
  required: ['flows', 'session'],
  properties: {
    flows: { type: 'array', items: { required: ['stages'], properties: { stages: { items: { type: 'string' } } } } },
    session: { type: 'string' },
    completed: { type: 'array', items: { type: 'string' } },
    params: { type: 'object' },
  },
}

/** A refused token is the same error everywhere, also where 401 is described as the steps of interactive authentication. */
function bodyFaults({ responses }: Operation, status: number, body: Json): string[] {
  const at = String(status)
  if (status < 400) return breaches(responses[status] ?? {}, body, at)
  const isSteps = isJsonObject(body) && 'flows' in body
  if (isSteps) return [...breaches(stepsSchema, body, at), ...breaches(responses[status] ?? {}, body, at)]
  return [...breaches(errorSchema, body, at), ...(status === 401 ? [] : breaches(responses[status] ?? {}, body, at))]
}
