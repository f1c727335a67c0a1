import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { SyncResponse } from '#spec/api/client/sync.ts'
import { streamPath } from '#spec/extensions/stream/messages.ts'
import type { Talker } from './talk.ts'

/** The other end of a stream. */
export class StreamClient {
  readonly socket: WebSocket
  /** Bodies that came, and that no `next` has taken. */
  readonly frames: SyncResponse[] = []
  readonly others: { type: string; id?: number; errcode?: string }[] = []
  closeCode: number | undefined
  #arrived: () => void = () => undefined

  constructor(address: string) {
    this.socket = new WebSocket(address.replace('http', 'ws') + streamPath)
    this.socket.on('error', () => undefined)
    this.socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as SyncResponse & { type?: string }
      if (message.type === undefined) this.frames.push(message)
      else this.others.push(message as { type: string })
      this.#arrived()
    })
    this.socket.on('close', (code) => {
      this.closeCode = code
      this.#arrived()
    })
  }

  /** Opens a stream and starts it. */
  static async start(who: Talker, more: { since?: string | undefined; filter?: object } = {}): Promise<StreamClient> {
    const client = new StreamClient(who.node.address)
    await once(client.socket, 'open')
    client.say({ type: 'start', access_token: who.person.token, ...more })
    return client
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  /** The next body. Throws after two seconds without one. */
  async next(): Promise<SyncResponse> {
    await this.until(() => this.frames.length > 0)
    return this.frames.shift()!
  }

  async until(condition: () => boolean, ms = 5_000): Promise<void> {
    const endsAt = Date.now() + ms
    while (!condition()) {
      if (Date.now() > endsAt) throw new Error(`waited in vain: ${condition.toString()}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#arrived = resolve
      const timer = setTimeout(resolve, 50)
      await promise
      clearTimeout(timer)
    }
  }

  close(): void {
    this.socket.close()
  }
}
