import type { RoomId, UserId } from '#spec/ids.ts'
import type { Deps } from '#node/deps.ts'
import { cutForAll } from '#node/rooms/erased-events.ts'
import { clientForm } from '#node/rooms/stored-event.ts'
import type { KnownMembers } from './known-members.ts'
import type { Listener } from './listener.ts'
import type { RoomNews } from './room-news.ts'
import type { Standing } from './standing.ts'
import { readMembersAt } from './store.ts'

/** Beyond this many the list of senders is begun anew. */
const mostSenders = 1_000

/** A room as its listeners see it. It lasts as long as somebody listens. */
export class RoomFeed {
  readonly roomId: RoomId
  readonly listeners = new Map<Listener, Standing>()
  /** Listeners that load members lazily. */
  lazyListeners = 0
  #senders = new Map<UserId, { readonly index: number; readonly text: string }>()
  #order: UserId[] = []

  constructor(roomId: RoomId) {
    this.roomId = roomId
  }

  /** Reads the member events of those senders that the feed has not seen. */
  async learnSenders(deps: Deps, senders: ReadonlySet<UserId>, upTo: number): Promise<void> {
    const missing = [...senders].filter((userId) => !this.#senders.has(userId))
    if (missing.length === 0) return
    const { roomId } = this
    const events = await readMembersAt(
      deps.sql,
      missing.map((userId) => ({ roomId, userId, upTo })),
    )
    const now = deps.clock.now()
    const cut = await cutForAll(deps, events)
    const texts = new Map(
      events.map(cut).map((event) => [event.stateKey, clientForm(event, { withRoomId: false, now })]),
    )
    if (this.#senders.size + missing.length > mostSenders) this.forgetSenders()
    for (const userId of senders) {
      if (this.#senders.has(userId)) continue
      const text = texts.get(userId)
      if (text === undefined) continue
      this.#senders.set(userId, { index: this.#order.length, text })
      this.#order.push(userId)
    }
  }

  /** Member events have changed: they are read again when they are needed. */
  forgetSenders(): void {
    this.#senders = new Map()
    this.#order = []
    for (const standing of this.listeners.values()) standing.knownSenders = 0
  }

  /** Those of the people that some news needs whom a listener does not know. They are known from then on. */
  unknownPeople(news: RoomNews, standing: Standing, known: KnownMembers): UserId[] {
    const unknown: UserId[] = []
    for (const userId of news.told) known.add(this.roomId, userId)
    for (const userId of news.needed) {
      if ((this.#senders.get(userId)?.index ?? Infinity) < standing.knownSenders) continue
      if (!known.has(this.roomId, userId)) unknown.push(userId)
    }
    for (const userId of unknown) known.add(this.roomId, userId)
    while (standing.knownSenders < this.#order.length && known.has(this.roomId, this.#order[standing.knownSenders]!))
      standing.knownSenders++
    return unknown
  }

  memberTexts(userIds: readonly UserId[]): string {
    return userIds.flatMap((userId) => this.#senders.get(userId)?.text ?? []).join(',')
  }
}
