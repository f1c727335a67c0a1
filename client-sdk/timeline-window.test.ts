import { expect, test } from 'vitest'
import type { EventId } from '#spec/ids.ts'
import { memoryStore } from './store/memory-store.ts'
import { bob, eve, FakeNode, kitchen, me, refusal } from './testing/fake-node.ts'
import { settle } from './testing/fake-platform.ts'
import { openClient } from './testing/start-client.ts'
import type { Timeline } from './timeline.ts'

const messages = (timeline: Timeline): string[] =>
  timeline.items
    .get()
    .flatMap(({ content, gapBefore }) =>
      content['body'] === undefined ? [] : [`${gapBefore ? '|' : ''}${content['body']}`],
    )
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`)

/** A room with this many messages, of which the first answer brings the newest few. */
async function longRoom(count: number, timelineLimit = 20) {
  const node = new FakeNode()
  await node.addRoom()
  numbers(1, count).forEach((body) => node.say(body))
  node.timelineLimit = timelineLimit
  const { client, store, problems } = await openClient(node, memoryStore())
  await client.login({ username: 'me', password: 'secret' })
  client.start()
  await settle()
  const timeline = client.room(kitchen).timeline()
  await settle()
  return { node, client, store, problems, timeline }
}

test('goes back in steps to the very beginning, and says so', async () => {
  const { node, timeline } = await longRoom(100)
  expect(messages(timeline)).toEqual(numbers(81, 100))
  expect(timeline.state.get()).toMatchObject({ atStart: false, atEnd: true, loadingOlder: false })
  await timeline.loadOlder(30)
  expect(messages(timeline)).toEqual(numbers(51, 100))
  await timeline.loadOlder(30)
  await timeline.loadOlder(30)
  expect(messages(timeline)).toEqual(numbers(1, 100))
  expect(timeline.items.get()[0]?.type).toBe('m.room.create')
  await timeline.loadOlder(30)
  expect(timeline.state.get()).toMatchObject({ atStart: true })
  const asked = node.requests.filter((request) => request.includes('/messages')).length
  await timeline.loadOlder(30)
  expect(node.requests.filter((request) => request.includes('/messages'))).toHaveLength(asked)
})

test('what was loaded once comes from the store, without the node', async () => {
  const { node, client, store, timeline } = await longRoom(100)
  await timeline.loadOlder(60)
  await client.close()
  node.isDown = true
  const again = await openClient(node, store)
  const offline = again.client.room(kitchen).timeline()
  await settle()
  await offline.loadOlder(30)
  expect(messages(offline)).toEqual(numbers(21, 100))
  expect(offline.state.get().error).toBeUndefined()
  await offline.loadOlder(30)
  expect(messages(offline)).toEqual(numbers(21, 100))
  expect(offline.state.get().error).toMatchObject({ kind: 'network' })
  expect(offline.state.get().atStart).toBe(false)
})

test('a hole that a lost connection left is closed unasked', async () => {
  const { node, timeline } = await longRoom(20)
  node.timelineLimit = 3
  await node.drop(1006)
  numbers(21, 120).forEach((body) => node.say(body))
  await node.platform.advance(1_000)
  expect(messages(timeline)).toEqual(numbers(1, 120))
})

test('a hole that cannot be closed now is marked, and closed later', async () => {
  const { node, timeline } = await longRoom(20)
  node.timelineLimit = 3
  await node.drop(1006)
  numbers(21, 60).forEach((body) => node.say(body))
  node.fail('/messages', 'lost')
  await node.platform.advance(1_000)
  expect(messages(timeline)).toEqual([...numbers(1, 20), '|58', '59', '60'])
  const key = timeline.items.get().find((item) => item.gapBefore)!.key
  await timeline.closeGap(key)
  expect(messages(timeline)).toEqual(numbers(1, 60))
})

test('offline, history goes on below a gap, and the gap is closed when the node is back', async () => {
  const { node, client, store } = await longRoom(20)
  node.timelineLimit = 3
  client.stop()
  numbers(21, 60).forEach((body) => node.say(body))
  client.start()
  await settle()
  await client.close()
  const again = await openClient(node, store)
  await store.write({ timeline: [] })
  node.isDown = true
  const timeline = again.client.room(kitchen).timeline()
  await settle()
  again.client.start()
  await settle()
  await timeline.loadOlder(30)
  const offline = messages(timeline)
  node.isDown = false
  await node.platform.advance(60_000)
  expect(again.client.status.get()).toBe('live')
  await timeline.loadOlder(100)
  expect(messages(timeline)).toEqual(numbers(1, 60))
  expect(offline.at(-1)).toBe('60')
})

test('holes larger than what is fetched unasked are closed by going back', async () => {
  const { node, timeline } = await longRoom(20)
  node.timelineLimit = 1
  await node.drop(1006)
  numbers(21, 520).forEach((body) => node.say(body))
  await node.platform.advance(1_000)
  expect(messages(timeline)).toContain('|120')
  await timeline.closeGap(timeline.items.get().find((item) => item.gapBefore)!.key)
  expect(messages(timeline)).toEqual(numbers(1, 520))
})

test('events and pages arrive in any interleaving, and the window is what the store has', async () => {
  const { node, client, store, timeline } = await longRoom(300)
  for (let round = 0; round < 8; round++) {
    const loading = timeline.loadOlder(35)
    node.say(`${301 + round}`)
    const pushing = node.push()
    if (round % 2 === 0) void client.room(kitchen).sendText(`own ${round}`)
    await Promise.all([loading, pushing])
    await settle()
    await node.push()
  }
  const shown = timeline.items.get().map((item) => item.eventId)
  const rows = await store.timelineBefore(kitchen, Infinity, 1_000)
  const events = rows.flatMap((row) => ('event' in row ? [row.eventId] : []))
  expect(shown).toEqual(events.slice(-shown.length))
  expect(shown.length).toBeGreaterThan(290)
  expect(new Set(events).size).toBe(events.length)
})

test('lets go of the end after 600 items, and finds it again', async () => {
  const { node, timeline } = await longRoom(900)
  for (let page = 0; page < 9; page++) await timeline.loadOlder(100)
  expect(timeline.items.get().length).toBe(600)
  expect(timeline.state.get()).toMatchObject({ atEnd: false })
  node.say('901')
  await node.push()
  expect(messages(timeline)).not.toContain('901')
  await timeline.loadNewer(100)
  await timeline.loadNewer(100)
  await timeline.loadNewer(100)
  await timeline.loadNewer(100)
  expect(timeline.state.get()).toMatchObject({ atEnd: true, atStart: false })
  expect(messages(timeline).at(-1)).toBe('901')
  for (let page = 0; page < 6; page++) await timeline.loadOlder(100)
  await timeline.jumpToEnd()
  expect(messages(timeline)).toEqual(numbers(852, 901))
})

test('a redaction cuts the event here, in the store, and in a gap', async () => {
  const { node, client, store, timeline } = await longRoom(3)
  const target = timeline.items.get().find((item) => item.content['body'] === '2')!.eventId!
  await node.drop(1006)
  node.timelineLimit = 1
  node.event('m.room.redaction', { redacts: target })
  numbers(4, 9).forEach((body) => node.say(body))
  await node.platform.advance(1_000)
  expect(messages(timeline)).toEqual(['1', '3', '4', '5', '6', '7', '8', '9'])
  expect(timeline.items.get().find((item) => item.eventId === target)).toMatchObject({ redacted: true, content: {} })
  expect((await store.eventRows(kitchen, [target]))[0]?.event.content).toEqual({})
  expect(client.rooms.get()[0]?.lastMessage?.content['body']).toBe('9')
})

test('who has read what: receipts stand where they are, and count for all before', async () => {
  const { node, client, timeline } = await longRoom(1)
  const own = await Promise.all(['a', 'b', 'c'].map((body) => client.room(kitchen).sendText(body)))
  await settle()
  await node.push()
  const state = () =>
    timeline.items
      .get()
      .filter((item) => item.sender === me && item.txnId)
      .map((item) => [item.content['body'], item.seen])
  expect(state()).toEqual([
    ['a', false],
    ['b', false],
    ['c', false],
  ])
  const second = timeline.items.get().find((item) => item.txnId === own[1])!
  const unchanged = timeline.items.get().at(-1)
  node.ephemeral('m.receipt', {
    [second.eventId!]: { 'm.read': { [bob]: { ts: 1 }, [eve]: { ts: 2, thread_id: '$other' } } },
  })
  await node.push()
  expect(state()).toEqual([
    ['a', true],
    ['b', true],
    ['c', false],
  ])
  expect(timeline.items.get().find((item) => item.txnId === own[1])?.seenBy).toEqual([bob])
  expect(timeline.items.get().at(-1)).toBe(unchanged)
  node.say('an answer')
  await node.push()
  expect(state().map(([, seen]) => seen)).toEqual([true, true, true])
})

test('one event by its id: from the window, the store, the node, or nowhere', async () => {
  const { node, timeline } = await longRoom(100)
  const shown = timeline.items.get().at(-1)!
  expect(await timeline.event(shown.eventId!)).toBe(shown)
  node.fail('/event/', refusal(404, 'M_NOT_FOUND'))
  expect(await timeline.event('$none' as EventId)).toBeUndefined()
})

test('a closed window follows no more', async () => {
  const { node, timeline, problems } = await longRoom(3)
  const before = timeline.items.get()
  timeline.close()
  node.say('4')
  await node.push()
  await timeline.loadOlder()
  expect(timeline.items.get()).toBe(before)
  expect(problems).toEqual([])
})
