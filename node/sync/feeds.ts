import type { RoomId, UserId } from '#spec/ids.ts'
import { perNode, type Deps } from '#node/deps.ts'
import { readMarkKind, type ReadMark } from '#node/ephemeral/facts.ts'
import { presenceKind, type PresenceRow } from '#node/presence/facts.ts'
import * as notifications from '#node/push/facts.ts'
import { unreadAt } from '#node/push/unread.ts'
import { eventKind, type EventRow } from '#node/rooms/facts.ts'
import type { Batch, StoredFact } from '#node/stream/commit.ts'
import type { Listener } from './listener.ts'
import { frameFor } from './listener-frame.ts'
import { PresenceNews } from './presence-news.ts'
import { RoomFeed } from './room-feed.ts'
import { RoomNews } from './room-news.ts'
import { Standing } from './standing.ts'

/** A round that took long is followed by a pause of so many times its length, while the log goes on: what comes meanwhile shares a frame. */
const pauseFactor = 2
const longestPauseMs = 30

/**
 * Tells live listeners what is committed. A round takes the batches that have come since the last one, makes the news of each room once,
 * and gives each listener concerned one frame; those who listen alike get the same bytes. What a round costs does not depend on
 * listeners that nothing concerns.
 */
export class Feeds {
  readonly #deps: Deps
  readonly #rooms = new Map<RoomId, RoomFeed>()
  readonly #users = new Map<UserId, Set<Listener>>()
  #batches: Batch[] = []
  #isScheduled = false
  #notBefore = 0

  constructor(deps: Deps) {
    this.#deps = deps
    deps.stream.onCommit((batch) => this.#take(batch))
  }

  addUser(listener: Listener): void {
    const of = this.#users.get(listener.userId)
    if (of) of.add(listener)
    else this.#users.set(listener.userId, new Set([listener]))
  }

  removeUser(listener: Listener): void {
    const of = this.#users.get(listener.userId)
    of?.delete(listener)
    if (of?.size === 0) this.#users.delete(listener.userId)
  }

  /** The listener goes from listening to some rooms over to others. */
  follow(listener: Listener, before: ReadonlySet<RoomId>, after: ReadonlySet<RoomId>): void {
    const lazy = listener.isLazy ? 1 : 0
    for (const roomId of before) {
      const feed = this.#rooms.get(roomId)
      if (after.has(roomId) || !feed?.listeners.delete(listener)) continue
      feed.lazyListeners -= lazy
      if (feed.listeners.size === 0) this.#rooms.delete(roomId)
    }
    for (const roomId of after) {
      if (before.has(roomId)) continue
      const feed = this.#rooms.get(roomId) ?? new RoomFeed(roomId)
      this.#rooms.set(roomId, feed)
      feed.listeners.set(listener, new Standing())
      feed.lazyListeners += lazy
    }
  }

  #take(batch: Batch): void {
    if (this.#users.size === 0) return
    this.#batches.push(batch)
    this.#schedule()
  }

  /** A round begins at the end of this turn; after a long one, when its pause is over or the log has come to rest. */
  #schedule(): void {
    if (this.#isScheduled || this.#batches.length === 0) return
    const begin = () => {
      if (this.#isScheduled || this.#batches.length === 0) return
      this.#isScheduled = true
      this.#deps.clock.soon(() => void this.#round())
    }
    if (this.#deps.clock.now() >= this.#notBefore) begin()
    else void this.#deps.stream.idle().then(begin)
  }

  async #round(): Promise<void> {
    const batches = this.#batches
    this.#batches = []
    const { clock, log } = this.#deps
    try {
      const news = this.#collect(batches)
      const upTo = batches.at(-1)!.upTo
      await Promise.all([
        news.presence.prepare(this.#deps),
        this.#learnUnread(news, upTo),
        ...[...news.rooms].map(([feed, of]) => this.#prepare(feed, of, upTo)),
      ])
      const startedAt = clock.now()
      this.#tell(news, batches[0]!.after, upTo)
      const endedAt = clock.now()
      this.#notBefore = endedAt + Math.min(longestPauseMs, pauseFactor * (endedAt - startedAt))
    } catch (error) {
      log.error({ err: error }, 'stream round failed')
      this.#forgetUnread()
      for (const listeners of this.#users.values())
        for (const listener of listeners) listener.missed(batches.at(-1)!.upTo)
    }
    this.#isScheduled = false
    this.#schedule()
  }

  async #prepare(feed: RoomFeed, news: RoomNews, upTo: number): Promise<void> {
    await news.prepare(this.#deps)
    if (feed.lazyListeners > 0) await feed.learnSenders(this.#deps, news.needed, upTo)
  }

  /** Reads how those listeners stand who will be told something, where memory does not know. */
  async #learnUnread({ rooms }: News, upTo: number): Promise<void> {
    const unknown = [...rooms.keys()].flatMap(({ roomId, listeners }) =>
      [...listeners].flatMap(([listener, standing]) =>
        standing.unread === undefined && listener.isLive ? [{ userId: listener.userId, roomId, standing }] : [],
      ),
    )
    const read = await unreadAt(this.#deps.sql, unknown, upTo)
    for (const [index, { standing }] of unknown.entries()) standing.learn(read[index]!, upTo)
  }

  #forgetUnread(): void {
    for (const { listeners } of this.#rooms.values()) for (const standing of listeners.values()) standing.forget()
  }

  #collect(batches: readonly Batch[]): News {
    const news: News = { rooms: new Map(), users: new Map(), presence: new PresenceNews(), frames: new Map() }
    for (const { facts } of batches) for (const fact of facts) this.#sort(news, fact)
    return news
  }

  #sort(news: News, fact: StoredFact): void {
    const { kind, row, position } = fact
    this.#count(fact)
    if (kind === presenceKind) return news.presence.add(row as PresenceRow, position)
    const { rooms = [], users = [] } = kind.concerns?.(row as never) ?? {}
    for (const roomId of rooms) {
      const feed = this.#rooms.get(roomId as RoomId)
      if (!feed) continue
      let of = news.rooms.get(feed)
      if (!of) news.rooms.set(feed, (of = new RoomNews(feed.roomId)))
      of.add(fact)
      if (kind !== eventKind || (row as EventRow).event.type !== 'm.room.member') continue
      feed.forgetSenders()
      news.presence.addMember(row as EventRow, position)
    }
    for (const userId of users) if (this.#users.has(userId as UserId)) news.users.set(userId as UserId, position)
  }

  /** Keeps what is unread to listeners. */
  #count({ kind, row, position }: StoredFact): void {
    const of = row as { readonly roomId: RoomId; readonly userId: UserId }
    switch (kind as unknown) {
      case notifications.roomNotificationKind:
        for (const standing of this.#rooms.get(of.roomId)?.listeners.values() ?? [])
          standing.notify(row as notifications.RoomNotification, position)
        return
      case notifications.withdrawalKind:
        for (const standing of this.#rooms.get(of.roomId)?.listeners.values() ?? []) standing.forget()
        return
      case notifications.exceptionKind:
        for (const standing of this.#standings(of)) standing.except(row as notifications.Exception, position)
        return
      case notifications.quietKind:
        for (const standing of this.#standings(of)) standing.setQuiet((row as notifications.Quiet).isQuiet)
        return
      case readMarkKind:
        for (const standing of this.#standings(of))
          standing.read(row as ReadMark, (row as ReadMark).position ?? position)
    }
  }

  /** How the listeners of one person stand in a room. */
  #standings({ userId, roomId }: { readonly userId: UserId; readonly roomId: RoomId }): Standing[] {
    const feed = this.#rooms.get(roomId)
    return [...(this.#users.get(userId) ?? [])].flatMap((listener) => feed?.listeners.get(listener) ?? [])
  }

  #tell(news: News, after: number, upTo: number): void {
    const concerned = new Map<Listener, [RoomFeed, RoomNews][]>()
    const missed = new Map<Listener, number>()
    const miss = (listener: Listener, position: number) =>
      missed.set(listener, Math.max(missed.get(listener) ?? 0, position))
    for (const [userId, position] of news.users)
      for (const listener of this.#users.get(userId) ?? []) miss(listener, position)
    for (const entry of news.rooms) {
      const [feed, { isPlain, lastPosition }] = entry
      for (const [listener, { unread }] of feed.listeners) {
        if (listener.position >= lastPosition) continue
        const canTell = isPlain && unread && listener.takesNews && listener.isLive && listener.position <= after
        if (!canTell) miss(listener, lastPosition)
        else {
          const of = concerned.get(listener)
          if (of) of.push(entry)
          else concerned.set(listener, [entry])
        }
      }
    }
    const presence = this.#presenceFor(news, after, miss)
    for (const [listener, position] of missed) if (listener.position < position) listener.missed(position)
    const now = this.#deps.clock.now()
    for (const listener of new Set([...concerned.keys(), ...presence.keys()])) {
      const told = { entries: concerned.get(listener) ?? [], presence: presence.get(listener)?.join(',') ?? '' }
      if (listener.isLive) listener.tell(frameFor(listener, told, news.frames, now, upTo), upTo)
    }
  }

  /** The coming and going that each listener is told of, as texts; the same people in the same order are the same text. */
  #presenceFor(
    news: News,
    after: number,
    miss: (listener: Listener, position: number) => void,
  ): Map<Listener, string[]> {
    const told = new Map<Listener, string[]>()
    for (const { userId, rooms, position, text } of news.presence.told) {
      const listeners = new Set([...rooms].flatMap((id) => [...(this.#rooms.get(id)?.listeners.keys() ?? [])]))
      for (const listener of listeners) {
        if (listener.userId === userId || listener.position >= position) continue
        if (!listener.takesNews || !listener.isLive || listener.position > after) miss(listener, position)
        else told.set(listener, [...(told.get(listener) ?? []), text])
      }
    }
    return told
  }
}

interface News {
  readonly rooms: Map<RoomFeed, RoomNews>
  /** Users whom something concerns that is not plain, and where in the log. */
  readonly users: Map<UserId, number>
  readonly presence: PresenceNews
  /** Frames that are about no room, by what they say. */
  readonly frames: Map<string, Buffer>
}

export const feedsOf = perNode((deps) => new Feeds(deps))
