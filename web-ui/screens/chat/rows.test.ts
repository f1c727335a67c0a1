import { expect, test } from 'vitest'
import type { TimelineItem } from '#client-sdk/timeline-item.ts'
import type { EventId, UserId } from '#spec/ids.ts'
import { firstNewKey, isJustSent, isPrepend, rowsOf } from './rows.ts'

const ayse = '@ayse:home' as UserId
const mehmet = '@mehmet:home' as UserId
const noon = new Date(2026, 10, 21, 12).getTime()
const minute = 60_000
const groupRows = (items: readonly TimelineItem[], newFromKey?: string) => rowsOf(items, false, newFromKey)

let count = 0
function item(part: Partial<TimelineItem> = {}): TimelineItem {
  count += 1
  const key = `k${count}`
  return {
    key,
    eventId: `$${key}` as EventId,
    type: 'm.room.message',
    sender: ayse,
    content: { msgtype: 'm.text', body: key },
    ts: noon,
    status: 'sent',
    redacted: false,
    seen: false,
    seenBy: [],
    gapBefore: false,
    ...part,
  }
}
const joined = (part: Partial<TimelineItem> = {}) =>
  item({
    type: 'm.room.member',
    stateKey: ayse,
    content: { membership: 'join' },
    prevContent: { membership: 'invite' },
    ...part,
  })

test('messages of one sender within five minutes are one run', () => {
  const rows = groupRows([
    item(),
    item({ ts: noon + minute }),
    item({ sender: mehmet, ts: noon + minute }),
    item({ ts: noon + 9 * minute }),
    item({ ts: noon + 20 * minute }),
  ])
  expect(rows.map((row) => row.kind === 'bubble' && [row.first, row.last])).toEqual([
    [true, false],
    [false, true],
    [true, true],
    [true, true],
    [true, true],
  ])
})

test('a day line stands above the first row of each day, and ends a run', () => {
  const rows = groupRows([item({ ts: noon }), item({ ts: noon + minute }), item({ ts: noon + 86_400_000 })])
  expect(rows.map((row) => row.day)).toEqual([noon, undefined, noon + 86_400_000])
  expect(rows.at(-1)).toMatchObject({ first: true })
})

test('quiet lines beside each other are folded into one row', () => {
  const rows = groupRows([joined(), joined({ sender: mehmet, stateKey: mehmet }), item(), joined()])
  expect(rows.map((row) => (row.kind === 'fold' ? row.items.length : 'bubble'))).toEqual([2, 'bubble', 1])
})

test('settings that only servers care for make no row', () => {
  expect(
    groupRows([item({ type: 'm.room.power_levels', stateKey: '', content: {} }), item({ type: 'm.reaction' })]),
  ).toEqual([])
})

test('how a chat of two begins is not told, and what happens to it later is', () => {
  const created = item({ type: 'm.room.create', stateKey: '', content: {} })
  const entered = joined({ prevContent: undefined })
  const invite = { stateKey: mehmet, content: { membership: 'invite' } }
  const invited = joined({ ...invite, prevContent: undefined })
  const accepted = joined({ sender: mehmet, stateKey: mehmet })
  const left = joined({
    sender: mehmet,
    stateKey: mehmet,
    content: { membership: 'leave' },
    prevContent: { membership: 'join' },
  })
  const askedBack = joined({ ...invite, prevContent: { membership: 'leave' } })
  const items = [created, entered, invited, item(), accepted, item(), left, askedBack]
  const shown = rowsOf(items, true).map((row) => (row.kind === 'fold' ? row.items : 'bubble'))
  expect(shown).toEqual(['bubble', 'bubble', [left, askedBack]])
  expect(groupRows(items).map((row) => (row.kind === 'fold' ? row.items.length : 'bubble'))).toEqual([
    3,
    'bubble',
    1,
    'bubble',
    2,
  ])
})

test('the line of new messages stands above the first of them, also when that one is hidden', () => {
  const hidden = item({ type: 'm.reaction' })
  const rows = groupRows([item(), hidden, item()], hidden.key)
  expect(rows.map((row) => row.isNew)).toEqual([undefined, true])
})

test('new messages are counted over those of others that show as messages', () => {
  const items = [item(), item({ sender: mehmet }), joined(), item(), item({ sender: mehmet })]
  expect(firstNewKey(items, 2, mehmet)).toBe(items[0]!.key)
  expect(firstNewKey(items, 1, mehmet)).toBe(items[3]!.key)
  expect(firstNewKey(items, 5, mehmet)).toBe(undefined)
  expect(firstNewKey(items, 0, mehmet)).toBe(undefined)
})

test('rows in front are told from rows at the end', () => {
  const [a, b, c] = [item(), item(), item()]
  expect(isPrepend(groupRows([b!, c!]), groupRows([a!, b!, c!]))).toBe(true)
  expect(isPrepend(groupRows([a!, b!]), groupRows([a!, b!, c!]))).toBe(false)
  expect(isPrepend([], groupRows([a!]))).toBe(false)
})

test('a message written here is told from what others write', () => {
  const [a, own, other] = [item(), item({ sender: mehmet, status: 'queued' }), item()]
  expect(isJustSent(groupRows([a!]), groupRows([a!, own!]))).toBe(true)
  expect(isJustSent(groupRows([a!]), groupRows([a!, other!]))).toBe(false)
  expect(isJustSent(groupRows([a!, own!]), groupRows([a!, own!]))).toBe(false)
  expect(isJustSent([], groupRows([own!]))).toBe(false)
})
