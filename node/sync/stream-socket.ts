import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import * as z from 'zod/mini'
import { MatrixError } from '#spec/errors.ts'
import {
  clientMessage,
  closeCode,
  maxBufferedBytes,
  startWithinMs,
  type AckMessage,
  type StartMessage,
} from '#spec/extensions/stream/messages.ts'
import { parseJson } from '#spec/json.ts'
import { identifyToken } from '#node/accounts/identify-token.ts'
import type { Deps } from '#node/deps.ts'
import type { Identity } from '#node/http/route.ts'
import { parseToken } from '#node/rooms/room-view.ts'
import { feedsOf } from './feeds.ts'
import { Listener } from './listener.ts'
import { textFrame } from './text-frame.ts'

/** How long a peer that does not answer to a close is kept. */
const closingMs = 10_000

export interface Peer {
  readonly address: string
  readonly userAgent: string | undefined
}

/** One client of the stream. spec/extensions/stream/README.md says what it may expect. */
export class StreamSocket {
  readonly #deps: Deps
  readonly #webSocket: WebSocket
  readonly #raw: Duplex
  readonly #peer: Peer
  readonly #onIdentified: (socket: StreamSocket) => void
  #token = ''
  #identity: Identity | undefined
  #listener: Listener | undefined
  #hasStarted = false
  #isClosing = false
  #hasPonged = true
  #cancelTimer: () => void

  constructor(deps: Deps, webSocket: WebSocket, raw: Duplex, peer: Peer, onIdentified: (socket: StreamSocket) => void) {
    this.#deps = deps
    this.#webSocket = webSocket
    this.#raw = raw
    this.#peer = peer
    this.#onIdentified = onIdentified
    this.#cancelTimer = deps.clock.after(startWithinMs, () =>
      this.refuse(closeCode.noStart, new MatrixError('M_UNKNOWN', 'No start message came.')),
    )
    webSocket.on('message', (data, isBinary) => void this.#receive(isBinary ? undefined : (data as Buffer)))
    webSocket.on('pong', () => (this.#hasPonged = true))
    webSocket.on('error', (error) => deps.log.debug({ err: error }, 'stream socket failed'))
    webSocket.on('close', () => {
      this.#isClosing = true
      this.#cancelTimer()
      this.#listener?.close()
    })
  }

  get identity(): Identity | undefined {
    return this.#identity
  }

  /** Asks whether the peer is there, and whether its token still holds. A peer that has not answered since the last time is dropped. */
  async check(): Promise<void> {
    if (!this.#hasPonged) return this.#webSocket.terminate()
    this.#hasPonged = false
    this.#webSocket.ping()
    if (!this.#identity) return
    try {
      await identifyToken(this.#deps, this.#token, this.#peer)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Closes with the reason as the last frame. */
  refuse(code: number, error: MatrixError): void {
    if (this.#isClosing) return
    this.#raw.write(textFrame(JSON.stringify({ type: 'error', ...error.body() })))
    this.close(code)
  }

  close(code: number): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#listener?.close()
    this.#webSocket.close(code)
    this.#cancelTimer()
    this.#cancelTimer = this.#deps.clock.after(closingMs, () => this.#webSocket.terminate())
  }

  async #receive(data: Buffer | undefined): Promise<void> {
    if (this.#isClosing) return
    try {
      const message = readMessage(data)
      if (message.type === 'ping') {
        if (!this.#hasStarted) throw new MatrixError('M_BAD_JSON', 'The first message is start.')
        this.#write(textFrame(`{"type":"pong","id":${message.id}}`))
      } else if (message.type === 'ack') this.#acknowledge(message)
      else await this.#start(message)
    } catch (error) {
      this.#fail(error)
    }
  }

  async #start({ access_token: token, since, filter, set_presence: presence = 'online' }: StartMessage): Promise<void> {
    if (this.#hasStarted) throw new MatrixError('M_BAD_JSON', 'The stream has been started already.')
    this.#hasStarted = true
    const position = since === undefined ? undefined : parseToken(since)
    this.#identity = await identifyToken(this.#deps, token, this.#peer)
    if (this.#isClosing) return
    this.#token = token
    this.#cancelTimer()
    this.#onIdentified(this)
    const { userId, deviceId } = this.#identity
    const outlet = { write: (frame: Buffer) => this.#write(frame), fail: (error: unknown) => this.#fail(error) }
    const who = { userId, deviceId, filter: filter ?? {}, presence }
    this.#listener = new Listener(this.#deps, feedsOf(this.#deps), who, outlet)
    this.#listener.start(position)
  }

  #acknowledge({ next_batch: token }: AckMessage): void {
    if (!this.#hasStarted) throw new MatrixError('M_BAD_JSON', 'The first message is start.')
    this.#listener?.acknowledge(parseToken(token))
  }

  #write(frame: Buffer): void {
    if (this.#isClosing) return
    this.#raw.write(frame)
    if (this.#raw.writableLength > maxBufferedBytes) this.close(closeCode.tooSlow)
  }

  #fail(error: unknown): void {
    if (error instanceof MatrixError) {
      const isAuth = error.code === 'M_UNKNOWN_TOKEN' || error.code === 'M_MISSING_TOKEN'
      return this.refuse(isAuth ? closeCode.unauthorized : closeCode.malformed, error)
    }
    this.#deps.log.error({ err: error }, 'stream failed')
    this.close(closeCode.restarting)
  }
}

function readMessage(data: Buffer | undefined): z.output<typeof clientMessage> {
  if (data === undefined) throw new MatrixError('M_NOT_JSON', 'Messages are text frames.')
  const json = parseJson(data, { numbers: 'any' })
  const result = z.safeParse(clientMessage, json)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new MatrixError('M_BAD_JSON', `${path.join('.') || 'The message'} is not valid: ${message}.`)
}
