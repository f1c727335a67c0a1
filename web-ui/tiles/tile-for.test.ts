import { setupI18n } from '@lingui/core'
import { expect, test } from 'vitest'
import type { UserId } from '#spec/ids.ts'
import { tileFor } from './tile-for.ts'
import type { TileEvent } from './tile.ts'

const i18n = setupI18n({ locale: 'en', messages: { en: {} } })
i18n.setMessagesCompiler((message) => compile(message))
// The texts here have nothing but plain places in them.
const compile = (message: string) =>
  message
    .split(/(\{\w+\})/)
    .filter(Boolean)
    .map((part) => (part.startsWith('{') ? ([part.slice(1, -1)] as [string]) : part))

const ayse = '@ayse:home' as UserId
const mehmet = '@mehmet:home' as UserId
const names: Record<string, string> = { [ayse]: 'Ayşe', [mehmet]: 'Mehmet' }
const event = (part: Partial<TileEvent>): TileEvent => ({
  type: 'm.room.message',
  sender: ayse,
  content: {},
  redacted: false,
  ...part,
})
const member = (
  before: string | undefined,
  after: string,
  sender: UserId,
  person: UserId,
  names: { before?: string; after?: string } = {},
) =>
  event({
    type: 'm.room.member',
    sender,
    stateKey: person,
    content: { membership: after, ...(names.after ? { displayname: names.after } : {}) },
    ...(before ? { prevContent: { membership: before, ...(names.before ? { displayname: names.before } : {}) } } : {}),
  })
const text = (one: TileEvent, ownId: UserId = '@me:home' as UserId) =>
  tileFor(one).text(i18n, one, { ownId, nameOf: (id) => names[id] ?? id })

test.each([
  [member(undefined, 'join', ayse, ayse), 'Ayşe joined'],
  [member('invite', 'join', ayse, ayse), 'Ayşe joined'],
  [member('join', 'leave', ayse, ayse), 'Ayşe left'],
  [member('invite', 'leave', ayse, ayse), 'Ayşe declined the invitation'],
  [member('invite', 'leave', mehmet, ayse), 'Mehmet took back the invitation for Ayşe'],
  [member('join', 'leave', mehmet, ayse), 'Mehmet removed Ayşe'],
  [member('leave', 'invite', mehmet, ayse), 'Mehmet invited Ayşe'],
  [member('join', 'ban', mehmet, ayse), 'Mehmet banned Ayşe'],
  [member('ban', 'leave', mehmet, ayse), 'Mehmet lets Ayşe come back'],
  [member('join', 'join', ayse, ayse, { before: 'ayse', after: 'Ayşe' }), 'ayse is now called Ayşe'],
])('a change of membership is told in one line (%#)', (one, line) => {
  expect(text(one)).toBe(line)
})

test('what one does oneself, and what is done to one, is told in the second person', () => {
  expect(text(member('leave', 'invite', mehmet, ayse), mehmet)).toBe('You invited Ayşe')
  expect(text(member('leave', 'invite', mehmet, ayse), ayse)).toBe('Mehmet invited you')
  expect(text(member('join', 'leave', ayse, ayse), ayse)).toBe('You left')
})

test('a membership that changes nothing is not shown', () => {
  expect(tileFor(member('join', 'join', ayse, ayse, { before: 'Ayşe', after: 'Ayşe' })).shape).toBe('hidden')
})

test('redacted and unknown messages are quiet tiles, never gaps or errors', () => {
  expect(text(event({ redacted: true }))).toBe('This message was deleted')
  expect(text(event({ type: 'com.example.poll' }))).toBe('A kind of message this app cannot show yet')
  expect(text(event({ content: { msgtype: 'com.example.dance', body: 'dances' } }))).toBe('dances')
  expect(text(event({ type: 'm.room.encrypted' }))).toBe('An encrypted message. This app cannot open it yet.')
  expect(text(event({ content: { msgtype: 'm.image', body: 'sea.jpg' } }))).toBe('Photo: sea.jpg')
  expect(text(event({ content: { msgtype: 7, body: { no: 'text' } } }))).toBe(
    'A kind of message this app cannot show yet',
  )
})

test('server settings, reactions and redactions stay out of the way', () => {
  for (const type of ['m.room.power_levels', 'm.room.join_rules', 'com.example.state']) {
    expect(tileFor(event({ type, stateKey: '' })).shape).toBe('hidden')
  }
  expect(tileFor(event({ type: 'm.reaction' })).shape).toBe('hidden')
})

test('a message of nothing but emoji stands without a bubble, also from a bot, and no other does', () => {
  const isBare = (content: TileEvent['content'], redacted = false) => {
    const one = event({ content, redacted })
    return tileFor(one).isBare?.(one) ?? false
  }
  expect(isBare({ msgtype: 'm.text', body: '🥐🍯' })).toBe(true)
  expect(isBare({ msgtype: 'm.notice', body: '🎉' })).toBe(true)
  expect(isBare({ msgtype: 'm.text', body: 'ok 👍' })).toBe(false)
  expect(isBare({ msgtype: 'm.image', body: '🌊' })).toBe(false)
  expect(isBare({ msgtype: 'm.text', body: '🎉' }, true)).toBe(false)
})
