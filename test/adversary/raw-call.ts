import { once } from 'node:events'
import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { expect } from 'vitest'

/** A request that goes out as it is written: nothing in it is tidied or refused on this side. */
export interface RawRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** A list is sent in chunks, without a length. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** Success may be answered with a file. */
  readonly mayBeFile?: boolean
}

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: { errcode?: string; error?: string; [key: string]: unknown }
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** Throws for an answer that no input may bring about: a 5xx, or one that is not JSON. */
export async function rawCall(address: string, asked: RawRequest): Promise<RawAnswer> {
  const outgoing = request(address, {
    agent,
    method: asked.method,
    path: asked.target,
    headers: {
      ...(asked.token !== undefined && { authorization: `Bearer ${asked.token}` }),
      ...framingOf(asked.body),
      ...asked.headers,
    },
  })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  // A server that has refused need not read on; what counts is its answer.
  outgoing.on('error', () => undefined)
  for (const chunk of asked.body === undefined || typeof asked.body === 'string' ? [] : chunksOf(asked.body)) {
    if (outgoing.destroyed) break
    outgoing.write(chunk)
  }
  outgoing.end(typeof asked.body === 'string' ? asked.body : undefined)
  const [incoming] = await answered
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const where = `${asked.method} ${asked.target.slice(0, 300)}`
  expect(incoming.statusCode, `${where}: ${text.slice(0, 300)}`).toBeLessThan(500)
  const isFile = asked.mayBeFile === true && incoming.statusCode === 200
  const isEmpty = asked.method === 'HEAD' || incoming.statusCode === 204 || isFile
  if (!isEmpty) expect(incoming.headers['content-type'], where).toBe('application/json')
  const body = isEmpty ? {} : (JSON.parse(text) as RawAnswer['body'])
  return { status: incoming.statusCode!, headers: incoming.headers, text, body }
}

function framingOf(body: RawRequest['body']): Record<string, string> {
  if (body === undefined) return {}
  return typeof body === 'string' || body instanceof Uint8Array
    ? { 'content-length': String(Buffer.byteLength(body)) }
    : { 'transfer-encoding': 'chunked' }
}

const chunksOf = (body: Exclude<RawRequest['body'], string | undefined>) => (body instanceof Uint8Array ? [body] : body)

/** The refusal as `400 M_BAD_JSON`, after a look at whether it is one that a person and a browser can do something with. */
export function refusalOf(answer: RawAnswer): string {
  const { status, headers, body, text } = answer
  if (status >= 400) {
    expect(body.error, text).toMatch(/\w.{8,}/)
    expect(text).not.toMatch(/\bat .+:\d+|node_modules|postgres|select |undefined|\[object/i)
    expect(headers['access-control-allow-origin']).toBe('*')
  }
  return `${status} ${body.errcode}`
}

/** What comes back for some bytes on a fresh connection, as text; the connection is closed after the first answer, or after a while. */
export async function sendBytes(address: string, bytes: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  socket.write(bytes)
  const timer = setTimeout(() => socket.destroy(), 1_000)
  await once(socket, 'close')
  clearTimeout(timer)
  return text
}
