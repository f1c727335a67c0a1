import { setAccountData } from '#spec/api/client/account-data.ts'
import { createRoom, joinRoomByIdOrAlias } from '#spec/api/client/rooms.ts'
import type { Endpoint, ResponseOf } from '#spec/endpoint.ts'
import type { RoomAlias, RoomId, ServerName, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { CallError, type CallOptions, type InputOf } from './call.ts'
import type {
  Client,
  FoundUser,
  Login,
  OutboxItem,
  Registration,
  RegistrationNeeds,
  Session,
  Status,
} from './client.ts'
import type { DeviceNews } from './device-news.ts'
import { addDirectChat, findDirectChat, findDirectInvite } from './direct-chats.ts'
import { profileOf, searchUsers, setDisplayName } from './directory.ts'
import { ReceiptSender } from './receipt-sender.ts'
import { isUsernameAvailable, registrationNeeds } from './registration.ts'
import type { Replica } from './replica.ts'
import { RoomHandle } from './room-handle.ts'
import { RoomList } from './room-list.ts'
import type { RoomSummary } from './room-summary.ts'
import type { Room } from './room.ts'
import { SendQueue, statusOf } from './send-queue.ts'
import { SessionKeeper } from './session.ts'
import { signal, type Signal, type WritableSignal } from './signal.ts'
import type { Changes } from './store/store.ts'
import { SyncLoop } from './sync.ts'

/** The parts of a client, put together. */
export class AccountClient implements Client {
  readonly baseUrl: string
  readonly session: Signal<Session | undefined>
  readonly status: Signal<Status>
  readonly rooms: Signal<readonly RoomSummary[]>
  readonly outbox: Signal<readonly OutboxItem[]>
  readonly #outbox = signal<readonly OutboxItem[]>([])
  readonly #replica: Replica
  readonly #session: SessionKeeper
  readonly #queue: SendQueue
  readonly #receipts: ReceiptSender
  readonly #list: RoomList
  readonly #sync: SyncLoop
  readonly #onProblem: (error: unknown) => void
  readonly #handles = new Map<RoomId, RoomHandle>()
  /** The last chat made or found with each person. */
  readonly #directs = new Map<UserId, Promise<RoomId>>()
  readonly #accountData = new Map<string, WritableSignal<JsonObject | undefined>>()

  constructor(
    baseUrl: string,
    replica: Replica,
    {
      onProblem,
      onDeviceNews,
    }: { onProblem: (error: unknown) => void; onDeviceNews: (news: DeviceNews) => Promise<void> },
  ) {
    this.baseUrl = baseUrl
    this.#replica = replica
    this.#onProblem = onProblem
    this.#session = new SessionKeeper(replica, baseUrl)
    this.#queue = new SendQueue(replica, this.#session, onProblem)
    this.#receipts = new ReceiptSender(replica, this.#session, onProblem)
    this.#list = new RoomList(replica, this.#queue)
    this.#sync = new SyncLoop(replica, this.#session, baseUrl, {
      onTyping: (typing) => typing.forEach((userIds, roomId) => this.#handles.get(roomId)?.typingChanged(userIds)),
      onDeviceNews,
      onLive: () => this.#live(),
      onWake: () => this.#sendAll(),
      onProblem,
    })
    this.session = this.#session.current
    this.status = this.#sync.status
    this.rooms = this.#list.rooms
    this.outbox = this.#outbox
    replica.follow({ changed: (changes) => this.#changed(changes), reloaded: () => this.#reloaded() })
    this.#queue.sending.subscribe(() => this.#listOutbox())
    this.#listOutbox()
    this.status.subscribe(() => this.#statusChanged())
  }

  room(roomId: RoomId): Room {
    let handle = this.#handles.get(roomId)
    if (!handle) {
      const summary = this.#list.summary(roomId)
      const parts = { replica: this.#replica, session: this.#session, queue: this.#queue, receipts: this.#receipts }
      const isReachable = (): boolean => this.status.get() !== 'offline'
      handle = new RoomHandle(roomId, { ...parts, summary, isReachable, onProblem: this.#onProblem })
      this.#handles.set(roomId, handle)
    }
    return handle
  }

  start(): void {
    this.#sync.start()
    this.#sendAll()
  }

  stop(): void {
    this.#sync.stop()
  }

  reconnect(): void {
    this.#sync.reconnect()
    this.#sendAll()
  }

  registrationNeeds(): Promise<RegistrationNeeds> {
    return registrationNeeds(this.#session)
  }

  isUsernameAvailable(username: string): Promise<boolean> {
    return isUsernameAvailable(this.#session, username)
  }

  register(registration: Registration): Promise<Session> {
    return this.#session.register(registration)
  }

  login(login: Login): Promise<Session> {
    return this.#session.login(login)
  }

  logout(): Promise<void> {
    // Else the stream finds its token refused, and asks for another.
    this.#sync.stop()
    return this.#session.logout()
  }

  async createGroup({
    name,
    invitees,
    topic,
  }: {
    name: string
    invitees: readonly UserId[]
    topic?: string
  }): Promise<RoomId> {
    const body = {
      preset: 'private_chat' as const,
      name,
      invite: [...invitees],
      ...(topic === undefined ? {} : { topic }),
    }
    return (await this.#session.call(createRoom, { body })).room_id
  }

  /** One after the other for each person, so that a second press of a button finds what the first one made. */
  createDirectChat(userId: UserId): Promise<RoomId> {
    const before = this.#directs.get(userId) ?? Promise.resolve(undefined)
    const chat = before.catch(() => undefined).then((made) => this.#directChat(userId, made))
    this.#directs.set(userId, chat)
    return chat
  }

  /** `made` was made before by this client, and may not have come back from the node yet. */
  async #directChat(userId: UserId, made: RoomId | undefined): Promise<RoomId> {
    if (made !== undefined && !this.#replica.rooms.has(made)) return made
    const existing = findDirectChat(this.#replica, userId)
    if (existing !== undefined) return existing
    const invite = findDirectInvite(this.#replica, userId)
    if (invite !== undefined) {
      await this.room(invite).join()
      return invite
    }
    const body = { preset: 'trusted_private_chat' as const, is_direct: true, invite: [userId] }
    const { room_id: roomId } = await this.#session.call(createRoom, { body })
    await addDirectChat(this.#replica, this.#session, roomId, userId)
    return roomId
  }

  async join(room: RoomId | RoomAlias, via: readonly ServerName[] = []): Promise<RoomId> {
    const input = { params: { roomIdOrAlias: room }, query: { via: [...via] }, body: {} }
    return (await this.#session.call(joinRoomByIdOrAlias, input)).room_id
  }

  searchUsers(term: string, limit = 10): Promise<readonly FoundUser[]> {
    return searchUsers(this.#session, term, limit)
  }

  profile(userId: UserId): Promise<FoundUser> {
    return profileOf(this.#session, userId)
  }

  setDisplayName(name: string): Promise<void> {
    return setDisplayName(this.#session, this.#userId(), name)
  }

  accountData(type: string): Signal<JsonObject | undefined> {
    let data = this.#accountData.get(type)
    if (!data) this.#accountData.set(type, (data = signal(this.#replica.accountData.get(type)?.content)))
    return data
  }

  async setAccountData(type: string, content: JsonObject): Promise<void> {
    await this.#session.call(setAccountData, { params: { userId: this.#userId(), type }, body: content })
    await this.#replica.change({ accountData: [{ roomId: '', type, content }] })
  }

  call<E extends Endpoint>(
    endpoint: E,
    input: InputOf<E>,
    options?: Omit<CallOptions, 'accessToken'>,
  ): Promise<ResponseOf<E>> {
    return this.#session.call(endpoint, input, options)
  }

  async close(): Promise<void> {
    this.#sync.stop()
    this.#queue.close()
    this.#receipts.close()
    for (const handle of this.#handles.values()) handle.close()
    // After the turns that are under way.
    await this.#replica.exclusive(() => this.#replica.store.close())
  }

  #userId(): UserId {
    const userId = this.#replica.userId
    if (userId === undefined) throw new CallError('signed-out', 'Nobody is logged in')
    return userId
  }

  #live(): void {
    this.#sendAll()
    for (const handle of this.#handles.values()) handle.live()
  }

  #sendAll(): void {
    this.#queue.flush()
    this.#receipts.flush()
  }

  #statusChanged(): void {
    const status = this.status.get()
    if (status === 'live' || status === 'polling') return
    for (const handle of this.#handles.values()) handle.lost()
  }

  #changed(changes: Changes): void {
    for (const handle of this.#handles.values()) handle.changed(changes)
    for (const { roomId, type, content } of changes.accountData ?? []) {
      if (roomId === '') this.#accountData.get(type)?.set(content)
    }
    if (changes.outbox?.length || changes.removedOutbox?.length || changes.droppedRooms?.length) this.#listOutbox()
  }

  #reloaded(): void {
    for (const handle of this.#handles.values()) handle.reloaded()
    for (const [type, data] of this.#accountData) data.set(this.#replica.accountData.get(type)?.content)
    this.#listOutbox()
  }

  #listOutbox(): void {
    const sending = this.#queue.sending.get()
    const items = [...this.#replica.outbox.values()].map((row): OutboxItem => {
      const { txnId, roomId, type, content, createdAt, error } = row
      return { txnId, roomId, type, content, createdAt, error, status: statusOf(row, sending) }
    })
    this.#outbox.set(items)
  }
}
