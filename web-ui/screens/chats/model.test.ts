import { expect, test } from 'vitest'
import type { RoomSummary } from '#client-sdk/room-summary.ts'
import { chatList, neighbour } from './model.ts'

const room = (name: string, part: Partial<RoomSummary> = {}): RoomSummary =>
  ({ roomId: `!${name}:home`, name, membership: 'join', unreadCount: 0, ...part }) as RoomSummary
const rooms = [
  room('Aile'),
  room('İş', { unreadCount: 2 }),
  room('Piknik', { membership: 'invite' }),
  room('Kitap', { unreadCount: 1 }),
]
const named = (list: readonly RoomSummary[]) => list.map((one) => one.name)
const nameOf = (one: RoomSummary) => one.name

test('invitations stand apart from chats', () => {
  const { invites, chats } = chatList(rooms, '', nameOf)
  expect(named(invites)).toEqual(['Piknik'])
  expect(named(chats)).toEqual(['Aile', 'İş', 'Kitap'])
})

test('the list is cut down to what is searched, whichever i is typed', () => {
  expect(named(chatList(rooms, 'is', nameOf).chats)).toEqual(['İş'])
  expect(named(chatList(rooms, 'zzz', nameOf).chats)).toEqual([])
})

test('the next chat is the one below, or the next with something new', () => {
  const { chats } = chatList(rooms, '', nameOf)
  expect(neighbour(chats, '!Aile:home', 1, false)?.name).toBe('İş')
  expect(neighbour(chats, '!Kitap:home', -1, false)?.name).toBe('İş')
  expect(neighbour(chats, '!İş:home', 1, true)?.name).toBe('Kitap')
  expect(neighbour(chats, '!İş:home', -1, true)).toBe(undefined)
  expect(neighbour(chats, undefined, 1, false)?.name).toBe('Aile')
})
