import type { DeviceId, RoomId, UserId } from '#spec/ids.ts'
import type { FilterDefinition } from '#spec/api/client/filter-definition.ts'
import type { Deps } from '#node/deps.ts'
import { connect } from '#node/presence/come-and-go.ts'
import type { PresenceState } from '#node/presence/facts.ts'
import { buildAnswer } from './build-answer.ts'
import type { Feeds } from './feeds.ts'
import { MemberSet } from './known-members.ts'
import { letsNewsThrough, loadsLazily, tellsThreads, type Reader } from './reader.ts'
import { textFrame } from './text-frame.ts'

/** What a listener speaks through. */
export interface Outlet {
  /** Writes one frame; it is the same bytes for many. */
  write(frame: Buffer): void
  /** Something broke: the client is to come again. */
  fail(error: unknown): void
}

/**
 * One reader on a WebSocket. It is either catching up or live.
 *
 * Catching up: `buildAnswer` tells what is new since `position`, again and again until nothing has happened meanwhile that concerns it.
 * Live: it has been told everything up to now, and the feeds tell it the rest as it is committed. When they meet something that they cannot
 * tell, it catches up once more.
 */
export class Listener {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly reader: Reader
  readonly isLazy: boolean
  readonly tellsThreads: boolean
  readonly #deps: Deps
  readonly #feeds: Feeds
  readonly #outlet: Outlet
  #position: number | undefined
  /** What was sent to the device up to here need not be kept for it. */
  #acknowledged = -1
  /** The newest fact that concerned it while it was catching up. */
  #concern = 0
  /** Its filter lets plain news through. */
  readonly #isOpen: boolean
  #ignoresSomebody = false
  #isLive = false
  readonly #disconnect: () => void
  #isClosed = false
  #rooms: ReadonlySet<RoomId> = new Set()

  constructor(
    deps: Deps,
    feeds: Feeds,
    who: { userId: UserId; deviceId: DeviceId; filter: FilterDefinition; presence: PresenceState },
    outlet: Outlet,
  ) {
    this.#deps = deps
    this.#feeds = feeds
    this.#outlet = outlet
    this.userId = who.userId
    this.deviceId = who.deviceId
    const { userId, deviceId, filter } = who
    this.reader = { userId, deviceId, filter, stateKeys: ['state_after'], known: new MemberSet() }
    this.isLazy = loadsLazily(this.reader)
    this.tellsThreads = tellsThreads(this.reader)
    this.#isOpen = letsNewsThrough(who.filter)
    this.#disconnect = connect(deps, who, who.presence)
  }

  get isLive(): boolean {
    return this.#isLive
  }

  /** The feeds can tell it plain news: nothing of it would be taken out. */
  get takesNews(): boolean {
    return this.#isOpen && !this.#ignoresSomebody
  }

  /** Everything up to here has been told. */
  get position(): number {
    return this.#position ?? 0
  }

  /** Answers the first message. */
  start(since: number | undefined): void {
    this.#position = since
    this.#acknowledged = since ?? -1
    this.#feeds.addUser(this)
    void this.#catchUp(true)
  }

  /** The client has stored what was told up to here. */
  acknowledge(position: number): void {
    if (position <= this.position) this.#acknowledged = Math.max(this.#acknowledged, position)
  }

  /** Something up to this position concerns it that the feeds cannot tell. */
  missed(upTo: number): void {
    this.#concern = Math.max(this.#concern, upTo)
    if (this.#isLive) void this.#catchUp(false)
  }

  /** Tells plain news: everything that concerns it up to `upTo`. */
  tell(frame: Buffer, upTo: number): void {
    this.#position = upTo
    this.#outlet.write(frame)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#disconnect()
    this.#isLive = false
    this.#feeds.removeUser(this)
    this.#feeds.follow(this, this.#rooms, new Set())
  }

  async #catchUp(isFirst: boolean): Promise<void> {
    this.#isLive = false
    let mustAnswer = isFirst
    try {
      for (;;) {
        const answer = await buildAnswer(this.#deps, this.reader, this.#position, {
          acknowledged: this.#acknowledged,
        })
        if (this.#isClosed) return
        if (mustAnswer || !answer.isEmpty) this.#outlet.write(textFrame(answer.text))
        mustAnswer = false
        this.#position = answer.head
        this.#ignoresSomebody = answer.ignoresSomebody
        const isComplete = this.#follow(answer.joined) || this.#deps.stream.head <= answer.head
        if (this.#isClosed) return
        if (isComplete && !answer.hasMore && this.#concern <= answer.head) break
      }
      this.#isLive = true
    } catch (error) {
      if (!this.#isClosed) this.#outlet.fail(error)
    }
  }

  /** Listens to the rooms that it is in. False if it had not listened to all of them: something may have been missed. */
  #follow(joined: readonly RoomId[]): boolean {
    const fresh = joined.filter((roomId) => !this.#rooms.has(roomId))
    if (fresh.length === 0 && joined.length === this.#rooms.size) return true
    const rooms = new Set(joined)
    this.#feeds.follow(this, this.#rooms, rooms)
    this.#rooms = rooms
    return fresh.length === 0
  }
}
