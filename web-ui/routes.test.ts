import { expect, test } from 'vitest'
import type { RoomId } from '#spec/ids.ts'
import { paths, placeOf } from './routes.ts'

const roomId = '!aB-c_9:home.example' as RoomId

test('a chat and its details are found again from their paths', () => {
  expect(placeOf(paths.chat(roomId))).toEqual({ pane: 'chat', roomId, details: false })
  expect(placeOf(paths.details(roomId))).toEqual({ pane: 'chat', roomId, details: true })
})

test.each([
  ['/', 'chats'],
  ['/chat', 'chats'],
  ['/people', 'people'],
  ['/me', 'me'],
  ['/new', 'new-chat'],
  ['/new/group', 'new-group'],
  ['/nowhere', 'chats'],
] as const)('%s is %s', (path, pane) => {
  expect(placeOf(path)).toEqual({ pane })
})

test('a broken escape does not break the page', () => {
  expect(placeOf('/chat/%E0%A4%A')).toEqual({ pane: 'chat', roomId: '%E0%A4%A', details: false })
})
