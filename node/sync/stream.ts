import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { MatrixError } from '#spec/errors.ts'
import type { UserId } from '#spec/ids.ts'
import { closeCode, maxInboundBytes, pingEveryMs } from '#spec/extensions/stream/messages.ts'
import { onRevoked } from '#node/accounts/revoked.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { addressOf, networkOf } from '#node/http/address.ts'
import { failure, type Failure } from '#node/http/fail.ts'
import { takeFromLimit } from '#node/http/limit.ts'
import { StreamSocket } from './stream-socket.ts'

/** More streams of one user than this are those of clients that have gone without a word. */
const mostSocketsPerUser = 20

interface Streams {
  readonly server: WebSocketServer
  readonly sockets: Set<StreamSocket>
  /** Oldest first. */
  readonly byUser: Map<UserId, Set<StreamSocket>>
  isDraining: boolean
}

const streamsOf = perNode<Streams>(() => ({
  server: new WebSocketServer({
    noServer: true,
    maxPayload: maxInboundBytes,
    perMessageDeflate: false,
    clientTracking: false,
  }),
  sockets: new Set(),
  byUser: new Map(),
  isDraining: false,
}))

/** Takes a WebSocket. */
export function openStream(deps: Deps, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const streams = streamsOf(deps)
  const peer = { address: addressOf(deps, request), userAgent: request.headers['user-agent'] }
  try {
    // Whose stream it is shows only in it: until then it counts for its address.
    takeFromLimit(deps, 'read', networkOf(peer.address))
  } catch (error) {
    return refuseHandshake(socket, failure(deps.log, error))
  }
  streams.server.handleUpgrade(request, socket, head, (webSocket) => {
    const stream = new StreamSocket(deps, webSocket, socket, peer, (identified) => admit(streams, identified))
    streams.sockets.add(stream)
    webSocket.on('close', () => remove(streams, stream))
    if (streams.isDraining) stream.close(closeCode.restarting)
  })
}

function refuseHandshake(socket: Duplex, { status, retryAfterSeconds }: Failure): void {
  const wait = retryAfterSeconds === undefined ? '' : `retry-after: ${retryAfterSeconds}\r\n`
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${wait}connection: close\r\ncontent-length: 0\r\n\r\n`)
}

/** Of too many streams of one user the oldest goes: most likely nobody is at its other end. */
function admit(streams: Streams, stream: StreamSocket): void {
  const { userId } = stream.identity!
  const of = streams.byUser.get(userId) ?? new Set()
  streams.byUser.set(userId, of.add(stream))
  if (of.size <= mostSocketsPerUser) return
  const oldest = of.values().next().value!
  of.delete(oldest)
  oldest.close(closeCode.tooSlow)
}

function remove(streams: Streams, stream: StreamSocket): void {
  streams.sockets.delete(stream)
  const userId = stream.identity?.userId
  if (userId === undefined) return
  const of = streams.byUser.get(userId)
  of?.delete(stream)
  if (of?.size === 0) streams.byUser.delete(userId)
}

/** Watches over open streams: those whose session has ended are closed at once, dead peers at the next ping. The answer ends it. */
export function watchStreams(deps: Deps): () => void {
  const streams = streamsOf(deps)
  const endRevoked = onRevoked(deps, ({ userId, tokenHashes }) => {
    for (const stream of [...(streams.byUser.get(userId) ?? [])])
      if (tokenHashes.includes(stream.identity!.tokenHash)) stream.refuse(closeCode.unauthorized, loggedOut())
  })
  let cancel: () => void
  const later = () => {
    cancel = deps.clock.after(pingEveryMs, () => {
      for (const stream of streams.sockets) void stream.check()
      later()
    })
  }
  later()
  return () => {
    endRevoked()
    cancel()
  }
}

const loggedOut = () => new MatrixError('M_UNKNOWN_TOKEN', 'This login has ended. Please log in again.')

/** Tells every client to come again: the node stops. */
export function closeStreams(deps: Deps): void {
  const streams = streamsOf(deps)
  streams.isDraining = true
  for (const stream of [...streams.sockets]) stream.close(closeCode.restarting)
}
