import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '#node/deps.ts'
import type { Failure } from './fail.ts'

/** What goes out on the wire. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** Browsers on any origin may call: the API is protected by bearer tokens, never by cookies. */
export const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'X-Requested-With, Content-Type, Authorization',
}
const jsonHeaders = { ...corsHeaders, 'content-type': 'application/json', 'cache-control': 'no-store' }

export const preflight: Answer = { status: 204, headers: corsHeaders, body: '' }

export const json = (body: string, status = 200): Answer => ({ status, headers: jsonHeaders, body })

export function refusal({ status, body, retryAfterSeconds }: Failure): Answer {
  const answer = json(JSON.stringify(body), status)
  if (retryAfterSeconds === undefined) return answer
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds) } }
}

/** What is left of a body that nobody wants is thrown away for this long; then the connection goes. */
const restMs = 500

/** A request, and where its answer goes. */
export interface Wire {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

export function send(clock: Clock, { incoming, outgoing }: Wire, { status, headers, body }: Answer): void {
  if (outgoing.destroyed) return
  const hasNone = status === 204 || status === 304
  outgoing.writeHead(status, hasNone ? headers : { ...headers, 'content-length': Buffer.byteLength(body) })
  outgoing.end(body)
  if (!incoming.complete) clock.after(restMs, () => incoming.complete || incoming.socket.destroySoon())
}
