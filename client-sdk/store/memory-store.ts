import type { EventId, RoomId, UserId } from '#spec/ids.ts'
import {
  isEventRow,
  StoreConflict,
  type AccountDataRow,
  type Changes,
  type MemberRow,
  type OutboxRow,
  type ReceiptRow,
  type RoomRow,
  type SessionRow,
  type StateRow,
  type Store,
  type TimelineRow,
} from './store.ts'

/** What is kept of one room. */
interface RoomRecords {
  row: RoomRow | undefined
  state: Map<string, StateRow>
  members: Map<UserId, MemberRow>
  receipts: Map<UserId, ReceiptRow>
  /** Sorted by ordinal. */
  timeline: TimelineRow[]
  ordinals: Map<EventId, number>
  draft: string
}

interface Records {
  version: number
  session: SessionRow | undefined
  token: string | undefined
  rooms: Map<RoomId, RoomRecords>
  accountData: Map<string, AccountDataRow>
  outbox: Map<string, OutboxRow>
}

/** A store that lives as long as the process: for bots, tests and browsers without IndexedDB. */
export function memoryStore(): Store {
  let records = newRecords(0)
  const room = (roomId: RoomId): RoomRecords => records.rooms.get(roomId) ?? newRoom()
  return {
    async load() {
      return {
        version: records.version,
        session: records.session,
        token: records.token,
        rooms: [...records.rooms.values()].flatMap(({ row }) => row ?? []),
        accountData: [...records.accountData.values()],
        outbox: [...records.outbox.values()].sort((a, b) => a.seq - b.seq),
      }
    },
    async write(changes, expectedVersion = records.version) {
      if (expectedVersion !== records.version) throw new StoreConflict('Another tab has written')
      records.version += 1
      write(records, changes)
    },
    async timelineBefore(roomId, before, count) {
      const { timeline } = room(roomId)
      const end = placeOf(timeline, before)
      return timeline.slice(Math.max(0, end - count), end)
    },
    async timelineAfter(roomId, after, count) {
      const { timeline } = room(roomId)
      const at = placeOf(timeline, after)
      const start = timeline[at]?.ordinal === after ? at + 1 : at
      return timeline.slice(start, start + count)
    },
    async eventRows(roomId, eventIds) {
      const { timeline, ordinals } = room(roomId)
      const found = eventIds.flatMap((id) => timeline[placeOf(timeline, ordinals.get(id) ?? Infinity)] ?? [])
      return found.filter(isEventRow)
    },
    async roomDetails(roomId) {
      const { state, members, receipts } = room(roomId)
      return { state: [...state.values()], members: [...members.values()], receipts: [...receipts.values()] }
    },
    async members(roomId, userIds) {
      const { members } = room(roomId)
      return userIds.flatMap((id) => members.get(id) ?? [])
    },
    stateRow: async (roomId, type, stateKey) => room(roomId).state.get(stateName(type, stateKey)),
    draft: async (roomId) => room(roomId).draft,
    async clear() {
      records = newRecords(records.version + 1)
    },
    close: async () => undefined,
  }
}

const newRecords = (version: number): Records => ({
  version,
  session: undefined,
  token: undefined,
  rooms: new Map(),
  accountData: new Map(),
  outbox: new Map(),
})

const newRoom = (): RoomRecords => ({
  row: undefined,
  state: new Map(),
  members: new Map(),
  receipts: new Map(),
  timeline: [],
  ordinals: new Map(),
  draft: '',
})

const stateName = (type: string, stateKey: string): string => JSON.stringify([type, stateKey])

/** The index of the first row that is not below `ordinal`. */
function placeOf(timeline: readonly TimelineRow[], ordinal: number): number {
  let low = 0
  let high = timeline.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (timeline[middle]!.ordinal < ordinal) low = middle + 1
    else high = middle
  }
  return low
}

function write(records: Records, changes: Changes): void {
  const room = (roomId: RoomId): RoomRecords => {
    let found = records.rooms.get(roomId)
    if (!found) records.rooms.set(roomId, (found = newRoom()))
    return found
  }
  changes.droppedRooms?.forEach((roomId) => dropRoom(records, roomId))
  changes.resetRooms?.forEach((roomId) => {
    const records = room(roomId)
    for (const map of [records.state, records.members, records.receipts]) map.clear()
  })
  changes.removedTimeline?.forEach(({ roomId, ordinal }) => removeRow(room(roomId), ordinal))
  changes.removedOutbox?.forEach((txnId) => records.outbox.delete(txnId))

  if (changes.session !== undefined) records.session = changes.session ?? undefined
  if (changes.token !== undefined) records.token = changes.token ?? undefined
  changes.rooms?.forEach((row) => (room(row.roomId).row = row))
  changes.state?.forEach((row) => room(row.roomId).state.set(stateName(row.type, row.stateKey), row))
  changes.members?.forEach((row) => room(row.roomId).members.set(row.userId, row))
  changes.receipts?.forEach((row) => room(row.roomId).receipts.set(row.userId, row))
  changes.accountData?.forEach((row) => records.accountData.set(JSON.stringify([row.roomId, row.type]), row))
  changes.timeline?.forEach((row) => putRow(room(row.roomId), row))
  changes.outbox?.forEach((row) => records.outbox.set(row.txnId, row))
  changes.drafts?.forEach((row) => (room(row.roomId).draft = row.text))
}

function dropRoom(records: Records, roomId: RoomId): void {
  records.rooms.delete(roomId)
  for (const [name, row] of records.accountData) if (row.roomId === roomId) records.accountData.delete(name)
  for (const row of records.outbox.values()) if (row.roomId === roomId) records.outbox.delete(row.txnId)
}

function putRow(room: RoomRecords, row: TimelineRow): void {
  removeRow(room, row.ordinal)
  room.timeline.splice(placeOf(room.timeline, row.ordinal), 0, row)
  if (isEventRow(row)) room.ordinals.set(row.eventId, row.ordinal)
}

function removeRow(room: RoomRecords, ordinal: number): void {
  const at = placeOf(room.timeline, ordinal)
  const row = room.timeline[at]
  if (row?.ordinal !== ordinal) return
  room.timeline.splice(at, 1)
  if (isEventRow(row)) room.ordinals.delete(row.eventId)
}
