import type { ClientEvent, PlainEvent, SyncEvent } from '#spec/api/client/client-event.ts'
import type { SyncResponse } from '#spec/api/client/sync.ts'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { FakePlatform, settle } from './fake-platform.ts'

/** The user whose node this is; its only one. */
export const me = '@me:test' as UserId
export const bob = '@bob:test' as UserId
export const eve = '@eve:test' as UserId
export const kitchen = '!kitchen:test' as RoomId

type Answer = { status: number; body: JsonObject }
type Fact =
  { roomId: RoomId; event: ClientEvent } | { roomId: RoomId; ephemeral: PlainEvent } | { accountData: PlainEvent }

const ok = (body: object = {}): Answer => ({ status: 200, body: body as JsonObject })
export const refusal = (status: number, errcode: string, extra: JsonObject = {}): Answer => ({
  status,
  body: { errcode, error: errcode, ...extra },
})

/**
 * A node of one user behind a fake network, as far as a client sees it: one log, whose length is the sync token; `/sync`, the stream,
 * `/messages` and sending. Tests say what happens in it and what goes wrong.
 */
export class FakeNode {
  readonly platform = new FakePlatform()
  readonly #log: Fact[] = []
  readonly #sockets = new Set<FakeSocket>()
  readonly #byTxn = new Map<string, EventId>()
  readonly accountData = new Map<string, JsonObject>()
  /** Further parts of every answer. */
  deviceParts: JsonObject = {}
  /** Tokens that clients have acknowledged. */
  readonly acknowledged: unknown[] = []
  #events = 0
  #read = -1
  #tokens = 1
  /** Nothing gets through. */
  isDown = false
  hasStream = true
  timelineLimit = 20
  isTokenKnown = (token: string): boolean => token === this.token
  /** Requests, oldest first: `METHOD path`. */
  readonly requests: string[] = []
  /** Taken in the order of requests whose path has the key in it, instead of the usual answer. */
  readonly #faults: { path: string; answer: Answer | 'lost' | 'answer-lost' }[] = []

  constructor() {
    this.platform.fetch = (url, init) => this.#fetch(new URL(url), init)
    this.platform.openSocket = () => this.#open()
  }

  get token(): string {
    return `token${this.#tokens}`
  }

  /** The next request whose path has this in it gets this answer. `answer-lost`: the node does it, and the answer is lost. */
  fail(path: string, answer: Answer | 'lost' | 'answer-lost'): void {
    this.#faults.push({ path, answer })
  }

  /** A room with the user and Bob in it. */
  async addRoom(roomId: RoomId = kitchen): Promise<void> {
    this.#append(roomId, bob, 'm.room.create', { room_version: '12' }, { state_key: '' })
    this.#append(roomId, bob, 'm.room.member', { membership: 'join', displayname: 'Bob' }, { state_key: bob })
    this.#append(roomId, me, 'm.room.member', { membership: 'join', displayname: 'Me' }, { state_key: me })
    await this.push()
  }

  /** Something is said in a room; `push` it to let the client know. */
  say(body: string, sender: UserId = bob, roomId: RoomId = kitchen): EventId {
    return this.#append(roomId, sender, 'm.room.message', { msgtype: 'm.text', body })
  }

  event(
    type: string,
    content: JsonObject,
    extra: JsonObject = {},
    sender: UserId = bob,
    roomId: RoomId = kitchen,
  ): EventId {
    return this.#append(roomId, sender, type, content, extra)
  }

  ephemeral(type: string, content: JsonObject, roomId: RoomId = kitchen): void {
    this.#log.push({ roomId, ephemeral: { type, content } })
  }

  /** The user has read up to here, on some device. */
  readUpTo(eventId: EventId, roomId: RoomId = kitchen): void {
    this.#read = this.#log.findIndex((fact) => 'event' in fact && fact.event.event_id === eventId)
    this.ephemeral('m.receipt', { [eventId]: { 'm.read': { [me]: { ts: this.platform.now() } } } }, roomId)
  }

  /** What is new goes out on all streams, and to waiting polls. */
  async push(): Promise<void> {
    for (const socket of this.#sockets) socket.pushFrom((since) => this.sync(since))
    await settle()
  }

  /** Ends all streams. */
  async drop(code: number, frame?: JsonObject): Promise<void> {
    for (const socket of [...this.#sockets]) {
      if (frame) socket.receive(frame)
      socket.end(code)
    }
    await settle()
  }

  get streams(): number {
    return this.#sockets.size
  }

  /** The node forgets the present token and gives out the next one. */
  renewToken(): void {
    this.#tokens += 1
  }

  bodies(roomId: RoomId = kitchen): unknown[] {
    return this.#eventsOf(roomId, 0, this.#log.length)
      .map((event) => event.content['body'])
      .filter((body) => body !== undefined)
  }

  /** The history of a room. */
  events(roomId: RoomId = kitchen): readonly ClientEvent[] {
    return this.#eventsOf(roomId, 0, this.#log.length)
  }

  sync(since: string | undefined): SyncResponse {
    const from = since === undefined ? 0 : Number(since.slice(1))
    const to = this.#log.length
    const facts = this.#log.slice(from)
    const rooms = new Set(facts.flatMap((fact) => ('roomId' in fact ? [fact.roomId] : [])))
    const join = Object.fromEntries([...rooms].map((roomId) => [roomId, this.#joined(roomId, from, to)]))
    return {
      next_batch: `s${to}`,
      rooms: { join } as never,
      account_data: { events: facts.flatMap((fact) => ('accountData' in fact ? [fact.accountData] : [])) },
      ...this.deviceParts,
    }
  }

  #joined(roomId: RoomId, from: number, to: number): JsonObject {
    const events = this.#eventsOf(roomId, from, to)
    const shown = events.slice(-this.timelineLimit)
    const start = this.#log.findIndex((fact) => 'event' in fact && fact.event === shown[0])
    const state = new Map(
      events.filter((event) => event.state_key !== undefined).map((event) => [event.type + event.state_key, event]),
    )
    const ephemeral = this.#log
      .slice(from, to)
      .flatMap((fact) => ('ephemeral' in fact && fact.roomId === roomId ? [fact.ephemeral] : []))
    const unread = this.#eventsOf(roomId, this.#read + 1, to).filter(
      (event) => event.type === 'm.room.message' && event.sender !== me,
    )
    return {
      summary: { 'm.heroes': [bob], 'm.joined_member_count': 2, 'm.invited_member_count': 0 },
      state_after: { events: [...state.values()].map(withoutRoom) },
      timeline: {
        events: shown.map(withoutRoom),
        limited: shown.length < events.length,
        prev_batch: `s${Math.max(0, start)}`,
      },
      ephemeral: { events: ephemeral },
      account_data: { events: [] },
      unread_notifications: { notification_count: unread.length, highlight_count: 0 },
    } as unknown as JsonObject
  }

  #eventsOf(roomId: RoomId, from: number, to: number): ClientEvent[] {
    return this.#log.slice(from, to).flatMap((fact) => ('event' in fact && fact.roomId === roomId ? [fact.event] : []))
  }

  #append(roomId: RoomId, sender: UserId, type: string, content: JsonObject, extra: JsonObject = {}): EventId {
    const event_id = `$${++this.#events}` as EventId
    const origin_server_ts = this.platform.now() + this.#events
    const event = {
      event_id,
      room_id: roomId,
      sender,
      type,
      content,
      origin_server_ts,
      unsigned: {},
      ...extra,
    } as ClientEvent
    this.#log.push({ roomId, event })
    if (type === 'm.room.redaction') this.#redact(content['redacts'] as EventId, event)
    return event_id
  }

  /** From now on the event is served without what its sender wrote. */
  #redact(eventId: EventId, because: ClientEvent): void {
    const at = this.#log.findIndex((fact) => 'event' in fact && fact.event.event_id === eventId)
    const fact = this.#log[at]
    if (!fact || !('event' in fact)) return
    const unsigned = { ...fact.event.unsigned, redacted_because: because as unknown as JsonObject }
    this.#log[at] = { ...fact, event: { ...fact.event, content: {}, unsigned } }
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const path = decodeURIComponent(url.pathname)
    this.requests.push(`${init.method} ${path}`)
    const at = this.#faults.findIndex((fault) => path.includes(fault.path))
    const fault = at < 0 ? undefined : this.#faults.splice(at, 1)[0]!.answer
    if (this.isDown || fault === 'lost') throw new TypeError('fetch failed')
    const answer = typeof fault === 'object' ? fault : await this.#answer(path, url, init)
    if (fault === 'answer-lost') throw new TypeError('fetch failed')
    return new Response(JSON.stringify(answer.body), { status: answer.status })
  }

  async #answer(path: string, url: URL, init: RequestInit): Promise<Answer> {
    const token = new Headers(init.headers).get('authorization')?.replace('Bearer ', '')
    const body: JsonObject = init.body === undefined ? {} : JSON.parse(String(init.body))
    const [, , , , ...parts] = path.split('/')
    if (parts[0] === 'login' || parts[0] === 'register') return ok(this.#grant())
    if (parts[0] === 'refresh')
      return ok({ access_token: this.token, refresh_token: 'again', expires_in_ms: 3_600_000 })
    if (token === undefined || !this.isTokenKnown(token)) return refusal(401, 'M_UNKNOWN_TOKEN')
    if (parts[0] === 'sync') return this.#poll(url.searchParams, init.signal ?? undefined)
    if (parts[0] === 'createRoom') {
      const room_id = `!room${this.#log.length}:test` as RoomId
      await this.addRoom(room_id)
      return ok({ room_id })
    }
    if (parts[0] === 'user') return this.#answerAccountData(parts[3]!, init.method!, body)
    if (parts[0] !== 'rooms') return ok()
    return this.#answerRoom(parts[1] as RoomId, parts.slice(2), url.searchParams, body)
  }

  #grant(): JsonObject {
    return { user_id: me, device_id: 'PHONE', access_token: this.token }
  }

  async #poll(query: URLSearchParams, signal: AbortSignal | undefined): Promise<Answer> {
    const since = query.get('since') ?? undefined
    const deadline = this.platform.now() + Number(query.get('timeout'))
    while (`s${this.#log.length}` === since && this.platform.now() < deadline && !this.isDown) {
      if (signal?.aborted) throw new DOMException('aborted', 'AbortError')
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (this.isDown) throw new TypeError('fetch failed')
    return ok(this.sync(since))
  }

  #answerAccountData(type: string, method: string, body: JsonObject): Answer {
    const present = this.accountData.get(type)
    if (method === 'GET') return present ? ok(present) : refusal(404, 'M_NOT_FOUND')
    this.accountData.set(type, body)
    return ok()
  }

  #answerRoom(roomId: RoomId, [verb, ...rest]: string[], query: URLSearchParams, body: JsonObject): Answer {
    if (verb === 'send') return this.#once(roomId, rest[1]!, rest[0]!, body)
    if (verb === 'redact') return this.#once(roomId, rest[1]!, 'm.room.redaction', { ...body, redacts: rest[0]! })
    if (verb === 'messages') return this.#page(roomId, query)
    if (verb === 'read_markers') {
      this.readUpTo(String(body['m.read'] ?? body['m.read.private']) as EventId, roomId)
      return ok()
    }
    if (verb === 'members') {
      const members = this.#eventsOf(roomId, 0, this.#log.length).filter((event) => event.type === 'm.room.member')
      return ok({ chunk: members })
    }
    return ok()
  }

  #once(roomId: RoomId, txnId: string, type: string, content: JsonObject): Answer {
    const known = this.#byTxn.get(txnId)
    const event_id = known ?? this.#append(roomId, me, type, content, { unsigned: { transaction_id: txnId } })
    this.#byTxn.set(txnId, event_id)
    return ok({ event_id })
  }

  #page(roomId: RoomId, query: URLSearchParams): Answer {
    const from = Number(query.get('from')!.slice(1))
    const events = this.#eventsOf(roomId, 0, from)
    const chunk = events.slice(-Number(query.get('limit'))).reverse()
    const start = this.#log.findIndex((fact) => 'event' in fact && fact.event === chunk.at(-1))
    const isLast = chunk.length === events.length
    return ok({ start: `s${from}`, chunk, ...(isLast ? {} : { end: `s${start}` }) })
  }

  #open(): WebSocket {
    const socket = new FakeSocket(() => this.#sockets.delete(socket))
    setImmediate(() => {
      if (this.isDown || !this.hasStream) return socket.end(1006)
      this.#sockets.add(socket)
      socket.begin((message) => this.#heard(socket, message))
    })
    return socket as unknown as WebSocket
  }

  #heard(socket: FakeSocket, message: JsonObject): void {
    if (this.isDown) return
    if (message['type'] === 'ack') return void this.acknowledged.push(message['next_batch'])
    if (message['type'] === 'ping') return socket.receive({ type: 'pong', id: message['id']! })
    if (!this.isTokenKnown(String(message['access_token']))) {
      socket.receive({ type: 'error', errcode: 'M_UNKNOWN_TOKEN', error: 'unknown' })
      return socket.end(4401)
    }
    const answer = this.sync(message['since'] as string | undefined)
    socket.since = answer.next_batch
    socket.receive(answer as unknown as JsonObject)
  }
}

const withoutRoom = ({ room_id: _, ...event }: ClientEvent): SyncEvent => event as unknown as SyncEvent

/** The client's end of a stream, as a WebSocket shows it. */
class FakeSocket extends EventTarget {
  readonly OPEN = 1
  readyState = 0
  /** The token up to which this stream has sent; nothing before `start`. */
  since: string | undefined
  readonly #onEnd: () => void
  #onMessage: (message: JsonObject) => void = () => undefined

  constructor(onEnd: () => void) {
    super()
    this.#onEnd = onEnd
  }

  begin(onMessage: (message: JsonObject) => void): void {
    if (this.readyState !== 0) return
    this.readyState = 1
    this.#onMessage = onMessage
    this.dispatchEvent(new Event('open'))
  }

  send(text: string): void {
    setImmediate(() => this.#onMessage(JSON.parse(text)))
  }

  receive(message: JsonObject): void {
    if (this.readyState === 1) this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
  }

  pushFrom(sync: (since: string) => SyncResponse): void {
    if (this.since === undefined) return
    const answer = sync(this.since)
    if (answer.next_batch === this.since) return
    this.since = answer.next_batch
    this.receive(answer as unknown as JsonObject)
  }

  close(): void {
    this.end(1005)
  }

  end(code: number): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.#onEnd()
    this.dispatchEvent(Object.assign(new Event('close'), { code }))
  }
}
