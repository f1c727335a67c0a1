import type { RoomSummary } from '#client-sdk/room-summary.ts'
import { matches } from '../../parts/fold.ts'

export interface ChatList {
  /** Whom to answer first. */
  invites: readonly RoomSummary[]
  chats: readonly RoomSummary[]
}

/** The list of chats, cut down to what the search names. */
export function chatList(
  rooms: readonly RoomSummary[],
  query: string,
  nameOf: (room: RoomSummary) => string,
): ChatList {
  const found = query.trim() === '' ? rooms : rooms.filter((room) => matches(nameOf(room), query))
  return {
    invites: found.filter((room) => room.membership === 'invite'),
    chats: found.filter((room) => room.membership === 'join'),
  }
}

/** The chat above or below the open one; with `unreadOnly` the next that has something new. */
export function neighbour(
  chats: readonly RoomSummary[],
  open: string | undefined,
  step: 1 | -1,
  unreadOnly: boolean,
): RoomSummary | undefined {
  const at = chats.findIndex((chat) => chat.roomId === open)
  const rest = step === 1 ? chats.slice(at + 1) : chats.slice(0, Math.max(at, 0)).reverse()
  return rest.find((chat) => !unreadOnly || chat.unreadCount > 0)
}
