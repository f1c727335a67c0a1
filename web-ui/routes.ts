import type { RoomId } from '#spec/ids.ts'

/** Where one is inside the app. The left pane and the right pane follow from it. */
export type Place =
  { pane: 'chats' | 'people' | 'me' | 'new-chat' | 'new-group' } | { pane: 'chat'; roomId: RoomId; details: boolean }

export const paths = {
  chats: '/chat',
  people: '/people',
  me: '/me',
  newChat: '/new',
  newGroup: '/new/group',
  chat: (roomId: RoomId) => `/chat/${encodeURIComponent(roomId)}`,
  details: (roomId: RoomId) => `/chat/${encodeURIComponent(roomId)}/details`,
}

const insidePaths = new Set(['chat', 'people', 'me', 'new'])

/** Whether a path is a place inside the app, rather than one of the gate. */
export const isInside = (path: string): boolean => insidePaths.has(path.split('/')[1] ?? '')

const panes = { people: 'people', me: 'me' } as const

/** The place of a path; anything unknown is the list of chats. */
export function placeOf(path: string): Place {
  const [first = '', second, third] = path.split('/').filter(Boolean)
  if (first === 'chat' && second !== undefined) {
    return { pane: 'chat', roomId: decodeRoomId(second), details: third === 'details' }
  }
  if (first === 'new') return { pane: second === 'group' ? 'new-group' : 'new-chat' }
  return { pane: first in panes ? panes[first as keyof typeof panes] : 'chats' }
}

function decodeRoomId(part: string): RoomId {
  try {
    return decodeURIComponent(part) as RoomId
  } catch (error) {
    if (error instanceof URIError) return part as RoomId
    throw error
  }
}
