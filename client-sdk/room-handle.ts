import {
  getMembers,
  banUser,
  forgetRoom,
  inviteUser,
  joinRoom,
  kickUser,
  leaveRoom,
  unbanUser,
} from '#spec/api/client/rooms.ts'
import { sendStateEvent } from '#spec/api/client/events.ts'
import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import type { JsonObject } from '#spec/json.ts'
import { addDirectChat } from './direct-chats.ts'
import { membersOf, strangerOf, type Member, type Members } from './members.ts'
import { levelsOf, permissionsOf, type Levels, type Permissions } from './permissions.ts'
import type { ReceiptSender } from './receipt-sender.ts'
import type { Replica } from './replica.ts'
import { memberRowOf, newRoomRow } from './room-row.ts'
import type { RoomSummary } from './room-summary.ts'
import type { Room } from './room.ts'
import type { SendQueue } from './send-queue.ts'
import type { SessionKeeper } from './session.ts'
import { batch, signal, type Signal } from './signal.ts'
import type { Changes, MemberRow, RoomRow, StateRow } from './store/store.ts'
import { TimelineWindow } from './timeline-window.ts'
import type { Timeline } from './timeline.ts'
import { TypingNotice } from './typing-notice.ts'

/** What a room's handle is made with. */
export interface RoomParts {
  readonly replica: Replica
  readonly session: SessionKeeper
  readonly queue: SendQueue
  readonly receipts: ReceiptSender
  readonly summary: Signal<RoomSummary>
  /** False while it is known that the node does not answer. */
  readonly isReachable: () => boolean
  readonly onProblem: (error: unknown) => void
}

const noMembers: Members = { byId: new Map(), complete: false }
const nobody: readonly UserId[] = []
/** A list of who types is believed this long, in ms: the one who stopped may be out of reach, and so may the node. */
const typingBelievedMs = 120_000

/** The handle of one room: what only somebody who looks at the room needs in memory. */
export class RoomHandle implements Room {
  readonly roomId: RoomId
  readonly summary: Signal<RoomSummary>
  readonly members: Signal<Members>
  readonly typing: Signal<readonly UserId[]>
  readonly may: Signal<Permissions>
  ready: Promise<void>
  readonly #members = signal(noMembers)
  readonly #typing = signal(nobody)
  readonly #may
  readonly #parts: RoomParts
  readonly #state = new Map<string, StateRow>()
  readonly #memberRows = new Map<UserId, MemberRow>()
  readonly #readUpTo = new Map<UserId, EventId>()
  readonly #txnIds = new Map<EventId, string>()
  readonly #windows = new Set<TimelineWindow>()
  readonly #notice: TypingNotice
  #levels: Levels
  /** What `#levels` and `may` were last made from. */
  #levelSources: readonly unknown[] = []
  #isLoaded = false
  #loadingMembers: Promise<void> | undefined
  /** Members that changed while the whole list was on its way: what is in the list may be older. */
  #changedMeanwhile = new Set<UserId>()
  #cancelTyping = (): void => undefined

  constructor(roomId: RoomId, parts: RoomParts) {
    this.roomId = roomId
    this.#parts = parts
    this.summary = parts.summary
    this.members = this.#members
    this.typing = this.#typing
    this.#levels = levelsOf({ create: undefined, powerLevels: undefined, version: undefined })
    this.may = this.#may = signal(permissionsOf(this.#levels, undefined, 'leave'))
    this.#notice = new TypingNotice(roomId, parts.replica, parts.session)
    this.ready = this.#load()
  }

  async loadMembers(): Promise<void> {
    await this.ready
    if (this.#row().membersComplete) return
    this.#loadingMembers ??= this.#fetchMembers().finally(() => (this.#loadingMembers = undefined))
    await this.#loadingMembers
  }

  member(userId: UserId): Member {
    return this.#members.get().byId.get(userId) ?? strangerOf(userId, this.#levels.of(userId))
  }

  state(type: string, stateKey = ''): JsonObject | undefined {
    return this.#state.get(stateName(type, stateKey))?.content
  }

  timeline(): Timeline {
    const { replica, session, queue, isReachable, onProblem } = this.#parts
    const receipts = (): ReadonlyMap<UserId, EventId> => this.#readUpTo
    const room = {
      roomId: this.roomId,
      replica,
      session,
      queue,
      receipts,
      txnIds: this.#txnIds,
      isReachable,
      onProblem,
    }
    const window = new TimelineWindow(room, (closed) => this.#windows.delete(closed))
    this.#windows.add(window)
    return window
  }

  sendText(body: string): Promise<string> {
    return this.sendEvent('m.room.message', { msgtype: 'm.text', body })
  }

  sendEvent(type: string, content: JsonObject): Promise<string> {
    this.#notice.sent()
    return this.#parts.queue.add({ roomId: this.roomId, type, content })
  }

  redact(eventId: EventId, reason?: string): Promise<string> {
    const content = reason === undefined ? {} : { reason }
    return this.#parts.queue.add({ roomId: this.roomId, type: 'm.room.redaction', content, redacts: eventId })
  }

  retry(txnId: string): Promise<void> {
    return this.#parts.queue.retry(txnId)
  }

  remove(txnId: string): Promise<boolean> {
    return this.#parts.queue.remove(txnId)
  }

  markRead(eventId?: EventId, options: { private?: boolean } = {}): Promise<void> {
    return this.#parts.receipts.markRead(this.roomId, eventId, options.private === true)
  }

  setTyping(isTyping: boolean): void {
    this.#notice.set(isTyping)
  }

  async invite(userId: UserId, reason?: string): Promise<void> {
    await this.#parts.session.call(inviteUser, this.#about(userId, reason))
  }

  async kick(userId: UserId, reason?: string): Promise<void> {
    await this.#parts.session.call(kickUser, this.#about(userId, reason))
  }

  async ban(userId: UserId, reason?: string): Promise<void> {
    await this.#parts.session.call(banUser, this.#about(userId, reason))
  }

  async unban(userId: UserId, reason?: string): Promise<void> {
    await this.#parts.session.call(unbanUser, this.#about(userId, reason))
  }

  async join(): Promise<void> {
    const { invitedDirectly, inviter } = this.#row()
    const { replica, session } = this.#parts
    await session.call(joinRoom, this.#here())
    if (invitedDirectly && inviter !== undefined) await addDirectChat(replica, session, this.roomId, inviter)
  }

  async leave(): Promise<void> {
    await this.#parts.session.call(leaveRoom, this.#here())
  }

  async forget(): Promise<void> {
    await this.#parts.session.call(forgetRoom, this.#here())
    await this.#parts.replica.change({ droppedRooms: [this.roomId] })
  }

  setName(name: string): Promise<void> {
    return this.setState('m.room.name', '', { name })
  }

  async setState(type: string, stateKey: string, content: JsonObject): Promise<void> {
    const params = { roomId: this.roomId, eventType: type, stateKey }
    await this.#parts.session.call(sendStateEvent, { params, body: content })
  }

  draft(): Promise<string> {
    return this.#parts.replica.store.draft(this.roomId)
  }

  setDraft(text: string): Promise<void> {
    return this.#parts.replica.change({ drafts: [{ roomId: this.roomId, text }] })
  }

  /** These changes were written. */
  changed(changes: Changes): void {
    const mine = <T extends { roomId: RoomId | '' }>(rows: readonly T[] | undefined): readonly T[] =>
      rows?.filter((row) => row.roomId === this.roomId) ?? []
    const members = mine(changes.members)
    const state = mine(changes.state)
    const receipts = mine(changes.receipts)
    const isReset = [changes.resetRooms, changes.droppedRooms].some((rooms) => rooms?.includes(this.roomId))
    for (const row of mine(changes.outbox)) if (row.eventId) this.#txnIds.set(row.eventId, row.txnId)
    for (const { userId } of members) this.#changedMeanwhile.add(userId)
    if (this.#isLoaded) {
      if (isReset) for (const map of [this.#state, this.#memberRows, this.#readUpTo]) map.clear()
      for (const row of state) this.#state.set(stateName(row.type, row.stateKey), row)
      for (const row of members) this.#memberRows.set(row.userId, row)
      for (const row of receipts) this.#readUpTo.set(row.userId, row.eventId)
      if (isReset || state.length + members.length + mine(changes.rooms).length > 0)
        this.#derive(isReset || members.length > 0)
    }
    for (const window of this.#windows) window.changed(changes)
  }

  /** The store was written by somebody else, or emptied. */
  reloaded(): void {
    this.ready = this.#load()
    for (const window of this.#windows) window.reloaded()
  }

  /** Who is typing now, without the user. */
  typingChanged(userIds: readonly UserId[]): void {
    this.#cancelTyping()
    this.#typing.set(userIds.length === 0 ? nobody : userIds)
    if (userIds.length > 0) {
      this.#cancelTyping = this.#parts.replica.platform.after(typingBelievedMs, () => this.#typing.set(nobody))
    }
  }

  /** The node answers again. */
  live(): void {
    for (const window of this.#windows) window.closeGaps()
  }

  /** The node cannot be heard any more, or nobody listens: no timer goes on. */
  lost(): void {
    this.typingChanged(nobody)
    this.#notice.close()
  }

  close(): void {
    this.lost()
    for (const window of this.#windows) window.close()
  }

  /** Inside `exclusive`, so that no commit falls between the read and the maps. */
  #load(): Promise<void> {
    const { replica, onProblem } = this.#parts
    const turn = replica.exclusive(async () => {
      const { state, members, receipts } = await replica.store.roomDetails(this.roomId)
      for (const map of [this.#state, this.#memberRows, this.#readUpTo]) map.clear()
      for (const row of state) this.#state.set(stateName(row.type, row.stateKey), row)
      for (const row of members) this.#memberRows.set(row.userId, row)
      for (const row of receipts) this.#readUpTo.set(row.userId, row.eventId)
      this.#isLoaded = true
      batch(() => {
        this.#derive(true)
        for (const window of this.#windows) window.refresh()
      })
    })
    return turn.catch(onProblem)
  }

  /** Brings up to date what follows from state and members; what stays the same stays the same object. */
  #derive(membersChanged: boolean): void {
    const { version, membersComplete, membership } = this.#row()
    const userId = this.#parts.replica.userId
    const create = this.#state.get(stateName('m.room.create', ''))
    const powerLevels = this.#state.get(stateName('m.room.power_levels', ''))
    const sources = [create, powerLevels, version, membership, userId]
    const levelsChanged = sources.some((source, i) => source !== this.#levelSources[i])
    if (levelsChanged) {
      this.#levelSources = sources
      this.#levels = levelsOf({ create, powerLevels, version })
      this.#may.set(permissionsOf(this.#levels, userId, membership))
    }
    if (!membersChanged && !levelsChanged && this.#members.get().complete === membersComplete) return
    this.#members.set({ byId: membersOf(this.#memberRows, this.#levels.of), complete: membersComplete })
  }

  #row(): RoomRow {
    return this.#parts.replica.rooms.get(this.roomId) ?? newRoomRow(this.roomId)
  }

  #here() {
    return { params: { roomId: this.roomId }, body: {} }
  }

  #about(userId: UserId, reason: string | undefined) {
    return { params: { roomId: this.roomId }, body: { user_id: userId, ...(reason === undefined ? {} : { reason }) } }
  }

  /** Asks for all who are present: whoever is known here and not in the answer has left. */
  async #fetchMembers(): Promise<void> {
    const { replica, session } = this.#parts
    this.#changedMeanwhile = new Set()
    const { chunk } = await session.call(getMembers, {
      params: { roomId: this.roomId },
      query: { not_membership: 'leave' },
    })
    await replica.exclusive(async () => {
      const row = replica.rooms.get(this.roomId)
      if (!row) return
      const present = chunk.flatMap((event) => memberRowOf(this.roomId, event) ?? [])
      const ids = new Set(present.map(({ userId }) => userId))
      const absent = [...this.#memberRows.values()].filter(
        (member) => !ids.has(member.userId) && member.membership !== 'leave',
      )
      const members = [...present, ...absent.map((member): MemberRow => ({ ...member, membership: 'leave' }))]
      const news = members.filter(({ userId }) => !this.#changedMeanwhile.has(userId))
      await replica.commit({ members: news, rooms: [{ ...row, membersComplete: true }] })
    })
  }
}

const stateName = (type: string, stateKey: string): string => JSON.stringify([type, stateKey])
