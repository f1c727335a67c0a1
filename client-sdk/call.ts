import type * as z from 'zod/mini'
import type { Endpoint, ResponseOf } from '#spec/endpoint.ts'
import { isJsonObject, type JsonObject } from '#spec/json.ts'
import { timeOf, type Platform } from './platform.ts'

/**
 * Why a call failed.
 * - `matrix`: the node refused, or broke: see `code` and `status`
 * - `network`: no answer, or one that cannot be from a node
 * - `aborted`: this side gave up
 * - `signed-out`: there is no session to call with
 */
export type CallErrorKind = 'matrix' | 'network' | 'aborted' | 'signed-out'

/** A failed call. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly kind: CallErrorKind
  /** The `errcode`; `M_UNKNOWN` where the answer has none; empty without an answer. */
  readonly code: string
  /** The HTTP status; 0 without an answer. */
  readonly status: number
  /** The whole answer. */
  readonly body: JsonObject
  /** How long the node asks to wait, in ms. */
  readonly retryAfterMs: number | undefined

  constructor(
    kind: CallErrorKind,
    message: string,
    answer: {
      code?: string
      status?: number
      body?: JsonObject
      retryAfterMs?: number | undefined
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: answer.cause })
    this.kind = kind
    this.code = answer.code ?? ''
    this.status = answer.status ?? 0
    this.body = answer.body ?? {}
    this.retryAfterMs = answer.retryAfterMs
  }

  /** True where the same call may well succeed later: no answer, a broken node, too many calls. */
  get isTemporary(): boolean {
    return this.kind === 'network' || this.status === 429 || this.status >= 500
  }
}

/** A part of the input: required unless an empty object would do. */
type Part<Name extends string, T> = {} extends T ? { [K in Name]?: T } : { [K in Name]: T }

/** What a caller of an endpoint passes in. */
export type InputOf<E> =
  E extends Endpoint<infer P, infer Q, infer B>
    ? Part<'params', z.input<P>> & Part<'query', z.input<Q>> & Part<'body', z.input<B>>
    : never

/** How to make one call. */
export interface CallOptions {
  readonly accessToken?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** After this the call fails as `network`; 60 s where not said. */
  readonly timeoutMs?: number | undefined
}

interface LooseInput {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
}

const defaultTimeoutMs = 60_000

/**
 * Calls an endpoint of the node at `baseUrl`. Answers are not checked against the schema at runtime: the node is the user's own,
 * and what an event holds is read leniently where it is used. Throws `CallError` and nothing else.
 */
export async function callEndpoint<E extends Endpoint>(
  platform: Platform,
  baseUrl: string,
  endpoint: E,
  input: InputOf<E>,
  options: CallOptions = {},
): Promise<ResponseOf<E>> {
  const url = baseUrl + pathOf(endpoint, input) + queryOf(input)
  const { response, text } = await send(platform, url, requestOf(endpoint, input, options), options)
  const body = readJson(text)
  if (!response.ok) throw refusal(platform, response, body)
  if (body === undefined) throw new CallError('network', 'The answer is not JSON', { status: response.status })
  return body as ResponseOf<E>
}

/** The path with its parameters filled in, each percent-encoded. */
export function pathOf(endpoint: Endpoint, { params }: LooseInput): string {
  const values = (params ?? {}) as Record<string, unknown>
  return endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])))
}

/** `?a=1&b=2&b=3`, or nothing. Names without a value are left out, arrays repeat the name. */
export function queryOf({ query }: LooseInput): string {
  const pairs = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) pairs.append(name, String(one))
  }
  const text = pairs.toString()
  return text === '' ? '' : `?${text}`
}

function requestOf(endpoint: Endpoint, { body }: LooseInput, { accessToken }: CallOptions): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (accessToken !== undefined) headers['authorization'] = `Bearer ${accessToken}`
  if (endpoint.method === 'GET') return { method: endpoint.method, headers }
  headers['content-type'] = 'application/json'
  return { method: endpoint.method, headers, body: JSON.stringify(body ?? {}) }
}

/** One request, read to its end. Whatever goes wrong on the way is `network`, unless the caller gave up. */
async function send(
  platform: Platform,
  url: string,
  request: RequestInit,
  { signal, timeoutMs = defaultTimeoutMs }: CallOptions,
): Promise<{ response: Response; text: string }> {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  const cancelTimer = platform.after(timeoutMs, abort)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  try {
    const response = await platform.fetch(url, { ...request, signal: controller.signal })
    return { response, text: await response.text() }
  } catch (cause) {
    if (signal?.aborted) throw new CallError('aborted', 'The call was given up', { cause })
    throw new CallError('network', 'The node did not answer', { cause })
  } finally {
    cancelTimer()
    signal?.removeEventListener('abort', abort)
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusal(platform: Platform, response: Response, body: unknown): CallError {
  const fields: JsonObject = isJsonObject(body) ? body : {}
  const code = typeof fields['errcode'] === 'string' ? fields['errcode'] : 'M_UNKNOWN'
  const message = typeof fields['error'] === 'string' ? fields['error'] : `HTTP ${response.status}`
  const retryAfterMs = response.status === 429 ? retryAfter(platform, response, fields) : undefined
  return new CallError('matrix', message, { code, status: response.status, body: fields, retryAfterMs })
}

/** The Retry-After header (seconds or a date) where there is one, else the older field of the body. */
function retryAfter(platform: Platform, response: Response, body: JsonObject): number | undefined {
  const header = response.headers.get('retry-after')
  if (header !== null) {
    const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : timeOf(header) - platform.now()
    if (!Number.isNaN(ms)) return Math.max(0, ms)
  }
  return typeof body['retry_after_ms'] === 'number' ? body['retry_after_ms'] : undefined
}
