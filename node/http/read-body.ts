import type { IncomingMessage } from 'node:http'
import { MatrixError } from '#spec/errors.ts'
import type { Clock } from '#node/deps.ts'
import { parseJson, type JsonObject } from '#spec/json.ts'
import type { Endpoint } from '#spec/endpoint.ts'

/** A body of JSON comes within this time. The server itself sets no limit: a file may take as long as it moves. */
const jsonMs = 60_000

/** Reads and parses a JSON body. No body at all stands for `{}`: several clients send none where nothing is asked. */
export async function readBody(clock: Clock, incoming: IncomingMessage, endpoint: Endpoint): Promise<JsonObject> {
  const bytes = await readBytes(clock, incoming, endpoint.maxBodyBytes)
  if (bytes.length === 0) return {}
  const json = parseJson(bytes, { numbers: endpoint.json })
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new MatrixError('M_BAD_JSON', 'The body must be a JSON object.')
  return json as JsonObject
}

function readBytes(clock: Clock, incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) {
    incoming.resume()
    return Promise.reject(tooLarge(maxBytes))
  }
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let length = 0
  incoming.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= maxBytes) chunks.push(chunk)
    else reject(tooLarge(maxBytes))
  })
  incoming.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
  incoming.once('error', reject)
  incoming.once('aborted', () => reject(new MatrixError('M_NOT_JSON', 'The request ended before its body did.')))
  const cancel = clock.after(jsonMs, () => reject(tooSlow()))
  return promise.finally(cancel)
}

export const tooSlow = () => new MatrixError('M_UNKNOWN', 'The request took too long to arrive.', { status: 408 })

export const tooLarge = (maxBytes: number) =>
  new MatrixError('M_TOO_LARGE', `The request is larger than the ${maxBytes} bytes that are accepted here.`)
