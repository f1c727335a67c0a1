import { connect, type Socket } from 'node:net'
import type { ListenerPlan } from './load-plan.ts'
import { MarkFinder, type OnMessage } from './mark-finder.ts'

/** The last message of a room has this number, in text. */
export const lastMessage = 'last'
const lastMark = Buffer.from(`\`${lastMessage}\``)

/**
 * A WebSocket that reads into one buffer and mostly throws away: a thousand of them must cost the generator little. Frames are not taken
 * apart, because a message is found by its mark wherever it stands.
 */
export class Listener {
  bytes = 0
  closed = false
  /** How often the last message of a room has come; counted from `expectLast` on. */
  lastSeen = 0
  readonly plan: ListenerPlan
  readonly #socket: Socket
  readonly #onMessage: OnMessage | undefined
  #looksForLast = false
  readonly #marks = new MarkFinder()
  /** The end of the bytes before, where the last mark may have begun. */
  #tail = Buffer.alloc(0)

  private constructor(plan: ListenerPlan, port: number, onMessage: OnMessage | undefined, onReady: () => void) {
    this.plan = plan
    this.#onMessage = onMessage
    let ready = false
    const onRead = (length: number, buffer: Uint8Array): boolean => {
      // `buffer` is handed out again at once.
      const bytes = buffer.subarray(0, length) as Buffer
      if (ready) this.#take(bytes)
      else if (this.#isFirstFrame(bytes)) {
        ready = true
        onReady()
      }
      return true
    }
    this.#socket = connect({ port, host: '127.0.0.1', onread: { buffer: readBuffer, callback: onRead } }, () =>
      this.#socket.write(upgradeRequest),
    )
    this.#socket.on('error', () => (this.closed = true))
    this.#socket.on('end', () => (this.closed = true))
    this.#socket.on('close', () => (this.closed = true))
  }

  /** Resolves when the first frame has come. */
  static open(plan: ListenerPlan, port: number, onMessage?: OnMessage): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const listener = new Listener(plan, port, onMessage, () => resolve(listener))
      listener.#socket.once('close', () => reject(new Error('a listener was refused')))
    })
  }

  expectLast(): void {
    this.#looksForLast = true
  }

  close(): void {
    this.#socket.destroy()
  }

  /** First comes the answer to the upgrade, upon which the start message goes out; then the first frame. */
  #isFirstFrame(bytes: Buffer): boolean {
    if (bytes[0] !== httpH) return true
    const head = bytes.toString('latin1')
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`no WebSocket: ${head}`)
    this.#socket.write(maskedFrame(this.plan.start))
    return false
  }

  #take(bytes: Buffer): void {
    this.bytes += bytes.length
    if (this.#onMessage) this.#marks.take(bytes, this.#onMessage)
    if (this.#looksForLast) this.#findLast(bytes)
  }

  #findLast(bytes: Buffer): void {
    const text = Buffer.concat([this.#tail, bytes])
    for (let at = text.indexOf(lastMark); at !== -1; at = text.indexOf(lastMark, at + 1)) this.lastSeen++
    this.#tail = text.subarray(Math.max(0, text.length - lastMark.length + 1))
  }
}

const readBuffer = Buffer.allocUnsafe(256 * 1024)
const httpH = 'H'.charCodeAt(0)

const upgradeRequest = [
  'GET /_hearth/client/v1/stream HTTP/1.1',
  'host: 127.0.0.1',
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: AQIDBAUGBwgJCgsMDQ4PEA==',
  '\r\n',
].join('\r\n')

/** A text frame of a client, masked with zeros. */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const head =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([head, Buffer.alloc(4), payload])
}
