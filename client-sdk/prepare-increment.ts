import type { SyncResponse } from '#spec/api/client/sync.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { prepareJoined, prepareLeft, prepareOutside, type Known, type PreparedRoom } from './prepare-room.ts'
import type { Changes, RoomRow } from './store/store.ts'

/** One sync answer, ready to be written in one transaction. */
export interface Increment {
  readonly changes: Changes
  /** Who is typing, in the rooms where that has changed; it is not stored. */
  readonly typing: ReadonlyMap<RoomId, readonly UserId[]>
}

/** Works out what a sync answer changes. Reads the store, writes nothing. */
export async function prepareIncrement(known: Known, response: SyncResponse): Promise<Increment> {
  const rooms = await prepareRooms(known, response)
  const each = <T>(part: (room: PreparedRoom) => readonly T[]): readonly T[] => rooms.flatMap(part)
  const changes: Changes = {
    token: response.next_batch,
    rooms: [...rooms.map((room) => room.row).filter((row) => hasChanged(known, row)), ...goneRooms(known, rooms)],
    resetRooms: rooms.filter((room) => room.reset).map((room) => room.row.roomId),
    state: each((room) => room.state),
    members: each((room) => room.members),
    receipts: each((room) => room.receipts),
    timeline: each((room) => room.timeline),
    accountData: [
      ...(response.account_data?.events ?? []).map(({ type, content }) => ({ roomId: '' as const, type, content })),
      ...each((room) => room.accountData),
    ],
    removedOutbox: each((room) => room.removedOutbox),
  }
  return { changes, typing: new Map(rooms.flatMap(({ row, typing }) => (typing ? [[row.roomId, typing]] : []))) }
}

async function prepareRooms(known: Known, { rooms = {} }: SyncResponse): Promise<readonly PreparedRoom[]> {
  const joined = entries(rooms.join).map(([roomId, room]) => prepareJoined(known, roomId, room))
  const left = entries(rooms.leave).map(([roomId, room]) => prepareLeft(known, roomId, room))
  const invited = entries(rooms.invite).map(([roomId, room]) =>
    prepareOutside(known, roomId, 'invite', room.invite_state?.events),
  )
  const knocked = entries(rooms.knock).map(([roomId, room]) =>
    prepareOutside(known, roomId, 'knock', room.knock_state?.events),
  )
  const inside = await Promise.all([...joined, ...left])
  return [...inside.filter((room) => room !== undefined), ...invited, ...knocked]
}

/** Typing, for one, changes nothing that is stored. */
const hasChanged = (known: Known, row: RoomRow): boolean =>
  JSON.stringify(known.rooms.get(row.roomId)) !== JSON.stringify(row)

const entries = <T>(record: Partial<Record<RoomId, T>> | undefined): [RoomId, T][] =>
  Object.entries(record ?? {}) as [RoomId, T][]

/** A full sync names every room that the user is in: those known here and not named were left meanwhile. */
function goneRooms(known: Known, rooms: readonly PreparedRoom[]): readonly RoomRow[] {
  if (known.token !== undefined) return []
  const named = new Set(rooms.map(({ row }) => row.roomId))
  return [...known.rooms.values()]
    .filter((row) => !named.has(row.roomId) && row.membership !== 'leave' && row.membership !== 'ban')
    .map((row): RoomRow => ({ ...row, membership: 'leave', unreadCount: 0, highlightCount: 0 }))
}
