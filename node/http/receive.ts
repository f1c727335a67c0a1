import type { IncomingMessage } from 'node:http'
import { MatrixError } from '#spec/errors.ts'
import type { Clock } from '#node/deps.ts'
import { tooLarge, tooSlow } from './read-body.ts'
import type { Upload } from './route.ts'

/** A file may take as long as it likes, if in every span of this length so much of it arrives: less is a line that nobody is at. */
const spanMs = 60_000
const leastBytesPerSpan = 1_024

/** The file that a request brings. */
export function receive(clock: Clock, incoming: IncomingMessage): Upload {
  const length = incoming.headers['content-length']
  return {
    contentType: incoming.headers['content-type'],
    sizeBytes: length === undefined ? undefined : Number(length),
    read: (maxBytes) => chunksOf(clock, incoming, maxBytes),
  }
}

async function* chunksOf(clock: Clock, incoming: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  let sizeBytes = 0
  const watch = watchPace(clock, incoming, () => sizeBytes)
  try {
    if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
    // The connection must outlive the reading: whoever sent too much is told so on it.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes)
      yield chunk
    }
  } catch (error) {
    if (watch.stalled) throw tooSlow()
    throw isGone(error) ? endedEarly() : error
  } finally {
    watch.stop()
    // Many clients hear an answer only when all that they had to send is gone.
    if (!incoming.complete) incoming.resume()
  }
}

/** Ends a request of which too little arrives. A reader that is slow itself does no harm: what it has not taken counts when it takes it. */
function watchPace(clock: Clock, incoming: IncomingMessage, sizeBytes: () => number) {
  const watch = { stalled: false, stop: () => undefined as void }
  const look = (before: number) => {
    watch.stop = clock.after(spanMs, () => {
      const isWaiting = incoming.readableLength === 0
      watch.stalled = isWaiting && sizeBytes() - before < leastBytesPerSpan
      if (watch.stalled) incoming.destroy(new Error('The upload stalled.'))
      else look(sizeBytes())
    })
  }
  look(0)
  return watch
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(String(error.code))
const endedEarly = () => new MatrixError('M_UNKNOWN', 'The upload ended before all of the file had arrived.')
