import type { InvitedRoom, JoinedRoom, LeftRoom, SyncResponse } from '#spec/api/client/sync.ts'
import type { SyncEvent } from '#spec/api/client/client-event.ts'

/** A room as a client has it after a number of answers. */
export interface MirrorRoom {
  readonly state: Map<string, string>
  events: string[]
  unread: object | undefined
  summary: Record<string, unknown>
  typing: readonly string[]
  readonly receipts: Map<string, string>
  readonly accountData: Map<string, string>
}

/**
 * A client's memory: it follows the rules of the specification for answers of /sync and frames of the stream. Two clients that were told the
 * same, in whatever portions, have the same memory.
 */
export class Mirror {
  readonly rooms = new Map<string, MirrorRoom>()
  readonly invites = new Map<string, string>()
  readonly accountData = new Map<string, string>()
  /** Every event id in the order in which it came, for finding what came twice. */
  readonly seen: string[] = []
  /** Events of timelines as they were told, but for what depends on the moment. */
  readonly told = new Map<string, object>()
  token: string | undefined
  /** How many answers came. */
  frames = 0

  apply(answer: SyncResponse): this {
    this.token = answer.next_batch
    this.frames++
    for (const { type, content } of answer.account_data?.events ?? [])
      this.accountData.set(type, JSON.stringify(content))
    const { join, invite, leave } = answer.rooms ?? {}
    for (const [roomId, room] of Object.entries<JoinedRoom>(join ?? {})) {
      this.invites.delete(roomId)
      this.#applyRoom(roomId, room)
    }
    for (const [roomId, room] of Object.entries<InvitedRoom>(invite ?? {})) {
      // Left and invited again in one step: the reader is outside, and is told the room anew if they come back.
      this.rooms.delete(roomId)
      this.invites.set(roomId, JSON.stringify(room.invite_state?.events))
    }
    for (const [roomId, room] of Object.entries<LeftRoom>(leave ?? {})) {
      this.invites.delete(roomId)
      this.#note(room.timeline?.events ?? [])
      this.rooms.delete(roomId)
    }
    return this
  }

  #note(events: readonly SyncEvent[]): void {
    for (const { unsigned, ...event } of events) {
      const { age: _age, prev_content: _previous, 'm.relations': _relations, ...rest } = unsigned ?? {}
      this.seen.push(event.event_id)
      this.told.set(event.event_id, { ...event, unsigned: rest })
    }
  }

  #applyRoom(roomId: string, part: JoinedRoom): void {
    const known = this.rooms.get(roomId)
    const room: MirrorRoom = known ?? {
      state: new Map(),
      events: [],
      unread: undefined,
      summary: {},
      typing: [],
      receipts: new Map(),
      accountData: new Map(),
    }
    this.rooms.set(roomId, room)
    const after = part.state_after
    const timeline = part.timeline?.events ?? []
    for (const event of after ? (after.events ?? []) : [...(part.state?.events ?? []), ...timeline])
      setState(room, event)
    if (part.timeline?.limited) room.events = []
    room.events.push(...timeline.map((event) => event.event_id))
    this.#note(timeline)
    for (const { type, content } of part.account_data?.events ?? []) room.accountData.set(type, JSON.stringify(content))
    for (const event of part.ephemeral?.events ?? []) applyEphemeral(room, event)
    Object.assign(room.summary, part.summary)
    room.unread = part.unread_notifications ?? room.unread
  }

  /** What is the same however it was told; timelines as far as a client that came late has them, members only if they were all told. */
  view(timelineLength: number, isLazy = false): object {
    const rooms = [...this.rooms].map(([roomId, room]) => [
      roomId,
      {
        ...room,
        state: sorted(room.state).filter(([key]) => !isLazy || !key.startsWith('["m.room.member"')),
        summary: { ...room.summary, 'm.heroes': undefined },
        receipts: sorted(room.receipts).filter(([, eventId]) => room.events.includes(eventId)),
        accountData: sorted(room.accountData),
        events: room.events.slice(-timelineLength),
      },
    ])
    const sections = { invites: sorted(this.invites), accountData: sorted(this.accountData) }
    return { rooms: rooms.toSorted(([a], [b]) => (a! < b! ? -1 : 1)), ...sections }
  }
}

const sorted = (map: ReadonlyMap<string, string>) => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))

function setState(room: MirrorRoom, event: SyncEvent): void {
  if (event.state_key === undefined) return
  room.state.set(JSON.stringify([event.type, event.state_key]), event.event_id)
}

type Receipts = Record<string, Record<string, Record<string, { ts: number; thread_id?: string }>>>

function applyEphemeral(room: MirrorRoom, { type, content }: { type: string; content: object }): void {
  if (type === 'm.typing') room.typing = (content as { user_ids: string[] }).user_ids
  if (type !== 'm.receipt') return
  for (const [eventId, byType] of Object.entries(content as Receipts))
    for (const [kind, byUser] of Object.entries(byType))
      for (const [userId, { thread_id: thread }] of Object.entries(byUser))
        room.receipts.set(JSON.stringify([userId, kind, thread ?? '']), eventId)
}
