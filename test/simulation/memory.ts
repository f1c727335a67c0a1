import type { JoinedRoom, SyncResponse } from '#spec/api/client/sync.ts'
import type { SyncEvent } from '#spec/api/client/client-event.ts'

/** A room as a client has it. */
export interface RoomMemory {
  /** By type and key; the event ids. */
  readonly state: Map<string, string>
  /** By user. */
  readonly members: Map<string, string>
  /** Without holes, oldest first. */
  events: SyncEvent[]
  counts: object | undefined
  threadCounts: object | undefined
  readonly summary: Record<string, unknown>
  typing: readonly string[]
  readonly receipts: Map<string, string>
  readonly accountData: Map<string, string>
}

/** Reads what lies between what is known and the timeline of a part, oldest first. */
export type FillGap = (roomId: string, part: JoinedRoom) => Promise<SyncEvent[]>

/** What a client knows after some answers of /sync: it does what the specification tells clients to do with them, and nothing cleverer. */
export class Memory {
  readonly rooms = new Map<string, RoomMemory>()
  readonly invites = new Map<string, string>()
  readonly knocks = new Map<string, string>()
  readonly accountData = new Map<string, string>()
  readonly presence = new Map<string, Record<string, unknown>>()
  /** What was sent to the device: who sent it, and the step. */
  readonly letters: string[] = []
  /** Whose devices the client has asked for, and what it was told. */
  readonly devices = new Map<string, string>()
  /** Whose devices it has to ask for. */
  readonly outdated = new Set<string>()
  token: string | undefined

  async apply(answer: SyncResponse, fillGap: FillGap): Promise<void> {
    for (const { type, content } of answer.account_data?.events ?? [])
      this.accountData.set(type, JSON.stringify(content))
    for (const event of answer.presence?.events ?? []) {
      const { sender, content } = event as unknown as { sender: string; content: Record<string, unknown> }
      const { last_active_ago: _ago, ...rest } = content
      this.presence.set(sender, rest)
    }
    for (const { sender, content } of answer.to_device?.events ?? []) this.letters.push(`${sender} ${content['step']}`)
    for (const userId of answer.device_lists?.changed ?? []) this.outdated.add(userId)
    for (const userId of answer.device_lists?.left ?? []) {
      this.devices.delete(userId)
      this.outdated.delete(userId)
    }
    const { join = {}, invite = {}, knock = {}, leave = {} } = answer.rooms ?? {}
    for (const [roomId, part] of Object.entries(join)) {
      this.#goFrom(roomId, this.rooms.has(roomId))
      await this.#applyRoom(roomId, part, fillGap)
    }
    for (const [roomId, part] of Object.entries(invite)) {
      this.#goFrom(roomId, false)
      this.invites.set(roomId, JSON.stringify(part.invite_state?.events))
    }
    for (const [roomId, part] of Object.entries(knock)) {
      this.#goFrom(roomId, false)
      this.knocks.set(roomId, JSON.stringify(part.knock_state?.events))
    }
    for (const roomId of Object.keys(leave)) this.#goFrom(roomId, false)
    this.token = answer.next_batch
  }

  #goFrom(roomId: string, isStillIn: boolean): void {
    this.invites.delete(roomId)
    this.knocks.delete(roomId)
    if (!isStillIn) this.rooms.delete(roomId)
  }

  async #applyRoom(roomId: string, part: JoinedRoom, fillGap: FillGap): Promise<void> {
    const known = this.rooms.get(roomId)
    const room = known ?? newRoom()
    this.rooms.set(roomId, room)
    const timeline = part.timeline?.events ?? []
    const after = part.state_after ?? part['org.matrix.msc4222.state_after']
    for (const event of after ? (after.events ?? []) : [...(part.state?.events ?? []), ...timeline])
      if (event.state_key !== undefined) {
        room.state.set(stateKey(event.type, event.state_key), event.event_id)
        if (event.type === 'm.room.member') room.members.set(event.state_key, String(event.content['membership']))
      }
    const gap = known && part.timeline?.limited ? await fillGap(roomId, part) : []
    room.events.push(...gap, ...timeline)
    room.counts = part.unread_notifications ?? room.counts
    // A part without counts of threads says that no thread has any.
    room.threadCounts = part.unread_notifications ? part.unread_thread_notifications : room.threadCounts
    Object.assign(room.summary, part.summary)
    for (const { type, content } of part.account_data?.events ?? []) room.accountData.set(type, JSON.stringify(content))
    for (const event of part.ephemeral?.events ?? []) applyEphemeral(room, event)
  }
}

const newRoom = (): RoomMemory => ({
  state: new Map(),
  members: new Map(),
  events: [],
  counts: undefined,
  threadCounts: undefined,
  summary: {},
  typing: [],
  receipts: new Map(),
  accountData: new Map(),
})

export const stateKey = (type: string, key: string): string => JSON.stringify([type, key])

type Receipts = Record<string, Record<string, Record<string, { ts: number; thread_id?: string }>>>

function applyEphemeral(room: RoomMemory, { type, content }: { type: string; content: object }): void {
  if (type === 'm.typing') room.typing = (content as { user_ids: string[] }).user_ids
  if (type !== 'm.receipt') return
  for (const [eventId, byType] of Object.entries(content as Receipts))
    for (const [kind, byUser] of Object.entries(byType))
      for (const [userId, { thread_id: thread }] of Object.entries(byUser))
        room.receipts.set(JSON.stringify([userId, kind, thread ?? '']), eventId)
}
