import type { FilterDefinition } from '#spec/api/client/filter-definition.ts'
import { sync, type SyncResponse } from '#spec/api/client/sync.ts'
import { closeCode, type StartMessage } from '#spec/extensions/stream/messages.ts'
import { backoffMs } from './backoff.ts'
import { CallError } from './call.ts'
import type { Status } from './client.ts'
import { sleep } from './platform.ts'
import { deviceNewsOf, type DeviceNews } from './device-news.ts'
import { prepareIncrement } from './prepare-increment.ts'
import type { Replica } from './replica.ts'
import type { SessionKeeper } from './session.ts'
import { signal, type Signal } from './signal.ts'
import { openStream, type Stream, type StreamEnd } from './stream.ts'

/** How long a poll may wait at the node, in ms. */
const pollMs = 30_000
/** How long polls go on before the stream is tried again, at first and at most, in ms. */
const firstPollingMs = 60_000
const maxPollingMs = 900_000
/** The longest wait before following a node that restarts, in ms. */
const restartSpreadMs = 3_000

/** Members come with what they wrote; the whole list is fetched when somebody wants to see it. */
const filter: FilterDefinition = {
  room: { state: { lazy_load_members: true }, timeline: { lazy_load_members: true, limit: 20 } },
}

/** What the follower tells. */
export interface SyncEvents {
  /** Who is typing has changed, in these rooms. */
  readonly onTyping: (typing: Awaited<ReturnType<typeof prepareIncrement>>['typing']) => void
  /** What concerns this device's encryption; the answer is stored when this has resolved, and asked for again if it rejects. */
  readonly onDeviceNews: (news: DeviceNews) => Promise<void>
  /** The node answers again, after it did not. */
  readonly onLive: () => void
  /** The network may be back, or somebody looks. */
  readonly onWake: () => void
  /** Something failed that should not: the store, or our own code. */
  readonly onProblem: (error: unknown) => void
}

/**
 * Follows the node: by the stream where it can be had, else by long polls, and back to the stream later. Each answer goes through four phases:
 *
 * 1. *prepare*: reads from the store, works out what changes
 * 2. *write*: one transaction for all rooms and the token
 * 3. *apply*: memory and signals, in one batch; nothing here can fail the transaction any more
 * 4. *after*: what goes to the network
 *
 * What could not be written was not received: the next try starts from the token that was.
 */
export class SyncLoop {
  readonly status: Signal<Status>
  readonly #status = signal<Status>('connecting')
  readonly #replica: Replica
  readonly #session: SessionKeeper
  readonly #baseUrl: string
  readonly #events: SyncEvents
  #running: AbortController | undefined
  /** Ends the wait between two tries. */
  #waiting: AbortController | undefined
  /** The node itself has named this wait. */
  #asked = false
  #stream: Stream | undefined
  #failures = 0
  #pollUntil = 0
  #pollingMs = firstPollingMs

  constructor(replica: Replica, session: SessionKeeper, baseUrl: string, events: SyncEvents) {
    this.status = this.#status
    this.#replica = replica
    this.#session = session
    this.#baseUrl = baseUrl
    this.#events = events
    if (!session.alive.get()) this.#status.set('signed-out')
    session.alive.subscribe(() => {
      if (!session.alive.get()) this.stop('signed-out')
      else if (this.#status.get() === 'signed-out') this.#status.set('connecting')
    })
  }

  start(): void {
    if (this.#running || !this.#session.alive.get()) return
    this.#running = new AbortController()
    this.#failures = 0
    this.#pollUntil = 0
    this.#status.set('connecting')
    const { signal } = this.#running
    const endWake = this.#replica.platform.onWake(() => this.#wake())
    signal.addEventListener('abort', endWake)
    void this.#run(signal)
  }

  /** Stops; the status is then `connecting` unless another is said. */
  stop(status: Status = 'connecting'): void {
    this.#running?.abort()
    this.#running = undefined
    this.#stream?.close()
    this.#status.set(this.#session.alive.get() ? status : 'signed-out')
  }

  /** Tries now, or asks the open stream whether it still is one. */
  reconnect(): void {
    this.#failures = 0
    this.#waiting?.abort()
    this.#stream?.check()
  }

  /** Nobody has said that the node must be asked now: a wait that it has named goes on. */
  #wake(): void {
    if (!this.#asked) this.reconnect()
    this.#events.onWake()
  }

  async #run(running: AbortSignal): Promise<void> {
    while (!running.aborted) {
      try {
        if (this.#replica.platform.now() < this.#pollUntil) await this.#poll(running)
        else await this.#follow(running)
      } catch (error) {
        await this.#failed(error, running)
      }
    }
  }

  async #failed(error: unknown, running: AbortSignal): Promise<void> {
    if (running.aborted) return
    if (error instanceof CallError && error.kind === 'signed-out') return this.stop('signed-out')
    if (error instanceof Overtaken) return
    if (!(error instanceof CallError)) this.#events.onProblem(error)
    if (isUnknownPosition(error) && this.#replica.token !== undefined) return this.#replica.change({ token: null })
    this.#pollUntil = 0
    this.#status.set('offline')
    const asked = error instanceof CallError ? error.retryAfterMs : undefined
    this.#asked = asked !== undefined
    await this.#wait(asked ?? this.#backoffMs(), running)
    this.#asked = false
  }

  /** Follows the stream to its end, and decides what comes next. */
  async #follow(running: AbortSignal): Promise<void> {
    const accessToken = await this.#session.accessToken()
    if (running.aborted) return
    const since = this.#replica.token
    const start: StartMessage = {
      type: 'start',
      access_token: accessToken,
      filter,
      ...(since === undefined ? {} : { since }),
    }
    let position = since
    const stream = openStream(this.#replica.platform, this.#baseUrl, start, async (frame) => {
      await this.#take(frame, position, 'live', running)
      position = frame.next_batch
      if (frame.to_device?.events?.length) stream.acknowledge(frame.next_batch)
    })
    this.#stream = stream
    const end = await stream.ended
    if (this.#stream === stream) this.#stream = undefined
    if (!running.aborted) await this.#ended(end, accessToken, running)
  }

  async #ended(end: StreamEnd, accessToken: string, running: AbortSignal): Promise<void> {
    if (end.failure !== undefined) throw end.failure
    if (this.#status.get() === 'live') this.#status.set('connecting')
    if (end.code === closeCode.unauthorized) return this.#session.tokenRefused(accessToken)
    if (end.code === closeCode.restarting) return this.#wait(restartSpreadMs * this.#replica.platform.random(), running)
    if (end.wasOpen) return this.#wait(this.#backoffMs(), running)
    // Whether the stream or the whole node is out of reach, a poll will tell: if it throws, polling does not begin.
    await this.#poll(running)
    this.#pollUntil = this.#replica.platform.now() + this.#pollingMs
    this.#pollingMs = Math.min(maxPollingMs, this.#pollingMs * 2)
  }

  async #poll(running: AbortSignal): Promise<void> {
    const { token } = this.#replica
    const timeout = this.#status.get() === 'polling' ? pollMs : 0
    const query = { since: token, timeout, filter: JSON.stringify(filter), use_state_after: true }
    const answer = await this.#session.call(sync, { query }, { signal: running, timeoutMs: timeout + 2 * pollMs })
    await this.#take(answer, token, 'polling', running)
  }

  /** `since` is where the answer starts from. */
  async #take(answer: SyncResponse, since: string | undefined, status: Status, running: AbortSignal): Promise<void> {
    await this.#replica.exclusive(() => this.#write(answer, since, running))
    if (running.aborted) return
    this.#failures = 0
    if (status === 'live') this.#pollingMs = firstPollingMs
    if (this.#status.get() === status) return
    this.#status.set(status)
    this.#events.onLive()
  }

  async #write(answer: SyncResponse, since: string | undefined, running: AbortSignal): Promise<void> {
    const { store, token, rooms, outbox, userId, platform } = this.#replica
    if (running.aborted || userId === undefined) return
    const known = { store, ownUserId: userId, token, rooms, outbox, now: platform.now() }
    // Another tab was faster. Mostly it has written the very same increment.
    if (token !== since && token !== answer.next_batch) throw new Overtaken()
    if (token !== since) return
    const { changes, typing } = await prepareIncrement(known, answer)
    const news = deviceNewsOf(answer)
    if (news) await this.#events.onDeviceNews(news)
    await this.#replica.commit(changes, () => this.#events.onTyping(typing))
  }

  #backoffMs(): number {
    const { platform } = this.#replica
    return backoffMs(this.#failures++, platform.random(), platform.isHidden())
  }

  /** Waits, or until `reconnect` or `stop`. */
  async #wait(ms: number, running: AbortSignal): Promise<void> {
    const waiting = new AbortController()
    this.#waiting = waiting
    const abort = (): void => waiting.abort()
    running.addEventListener('abort', abort)
    await sleep(this.#replica.platform, ms, waiting.signal)
    running.removeEventListener('abort', abort)
    this.#waiting = undefined
  }
}

/** Another tab has written another increment from the same start: the next try starts from where the store stands now. */
class Overtaken extends Error {
  override readonly name = 'Overtaken'
}

/** The node knows nothing of this token: it has been set back, or it is another node. */
const isUnknownPosition = (error: unknown): boolean =>
  error instanceof CallError &&
  error.status === 400 &&
  (error.code === 'M_UNKNOWN_POS' || error.code === 'M_INVALID_PARAM')
