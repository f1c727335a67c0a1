import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { MatrixError } from '#spec/errors.ts'
import type { Deps } from '#node/deps.ts'
import { failure } from './fail.ts'
import type { ByteRange, FileAnswer } from './route.ts'
import { corsHeaders, refusal, send, type Wire } from './send.ts'

/** A reader that takes nothing for so long has gone to sleep. */
const stallMs = 120_000

/** Answers with a file, at the pace of whoever reads it, and with the status. Throws only while nothing has been sent. */
export async function sendFile(deps: Deps, wire: Wire, file: FileAnswer): Promise<number> {
  const { incoming, outgoing } = wire
  const headers = { ...corsHeaders, ...file.headers, ...(file.etag !== undefined && { etag: file.etag }) }
  if (hasAlready(incoming.headers['if-none-match'], file)) {
    send(deps.clock, wire, { status: 304, headers, body: '' })
    return 304
  }
  const range = incoming.method === 'HEAD' ? undefined : rangeOf(incoming.headers, file)
  if (range === 'outside') return refuseRange(deps, wire, file)
  const { from, to } = range ?? { from: 0, to: file.sizeBytes - 1 }
  const source = incoming.method === 'HEAD' || to < from ? undefined : await file.open({ from, to })
  outgoing.writeHead(range ? 206 : 200, {
    ...headers,
    'content-length': to - from + 1,
    ...(file.etag !== undefined && { 'accept-ranges': 'bytes' }),
    ...(range && { 'content-range': `bytes ${from}-${to}/${file.sizeBytes}` }),
  })
  if (source) await pour(deps, source, outgoing, to - from + 1)
  else outgoing.end()
  return range ? 206 : 200
}

/** RFC 9110, section 13.1.2. */
function hasAlready(ifNoneMatch: string | undefined, { etag }: FileAnswer): boolean {
  if (etag === undefined || ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, '')))
}

/**
 * RFC 9110, section 14. Of several ranges at once, of units that we do not know and of ranges that make no sense we are to take no notice:
 * the file is sent whole.
 */
export function rangeOf(
  asked: { range?: string | undefined; 'if-range'?: string | string[] | undefined },
  { etag, sizeBytes }: Pick<FileAnswer, 'etag' | 'sizeBytes'>,
): ByteRange | 'outside' | undefined {
  const [, first, last] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(asked.range ?? '') ?? []
  if (etag === undefined || first === undefined || last === undefined || first + last === '') return undefined
  if (asked['if-range'] !== undefined && asked['if-range'] !== etag) return undefined
  const end = sizeBytes - 1
  const from = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first)
  const to = first === '' || last === '' ? end : Math.min(Number(last), end)
  if (first !== '' && last !== '' && Number(last) < from) return undefined
  return from > end ? 'outside' : { from, to }
}

function refuseRange({ log, clock }: Deps, wire: Wire, { sizeBytes }: FileAnswer): number {
  const problem = new MatrixError('M_INVALID_PARAM', `The file has no such part: it has ${sizeBytes} bytes.`, {
    status: 416,
  })
  const answer = refusal(failure(log, problem))
  send(clock, wire, { ...answer, headers: { ...answer.headers, 'content-range': `bytes */${sizeBytes}` } })
  return answer.status
}

/** The length has been promised: a source that breaks off, or has less than it should, must not look like a whole file. */
async function pour({ clock, log }: Deps, source: Readable, outgoing: ServerResponse, length: number): Promise<void> {
  const gone = new AbortController()
  const leave = () => {
    gone.abort()
    source.destroy()
  }
  if (outgoing.destroyed) leave()
  else outgoing.once('close', leave)
  try {
    let sent = 0
    for await (const chunk of source as AsyncIterable<Buffer>) {
      sent += chunk.length
      if (outgoing.write(chunk)) continue
      const cancel = clock.after(stallMs, () => outgoing.destroy())
      await once(outgoing, 'drain', { signal: gone.signal }).finally(cancel)
    }
    if (sent !== length) throw new Error(`A file of ${length} bytes had ${sent}.`)
    outgoing.end()
  } catch (error) {
    if (!outgoing.destroyed) log.error({ err: error }, 'file not sent whole')
    outgoing.destroy()
  }
}
