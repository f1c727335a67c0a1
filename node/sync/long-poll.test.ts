import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sync } from '#spec/api/client/sync.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addTalker, bodies, invited, joined, noKeys, serveTalk, type Talker } from './testing/talk.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker
let roomId: string
let since: string

beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
  roomId = await ali.createRoom({ preset: 'private_chat', invite: [bea.id] })
  await bea.join(roomId)
})
beforeEach(async () => {
  since = (await bea.sync()).next_batch
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A call that waits; `isOver` says whether it still does. */
function wait(timeout = 30_000, more: object = {}) {
  let isOver = false
  const answer = bea.sync({ since, timeout, ...more }).finally(() => (isOver = true))
  return { answer, isOver: () => isOver }
}

test('waits for something new', async () => {
  const waiting = wait()
  await pause(50)
  expect(waiting.isOver()).toBe(false)
  await ali.send(roomId, 'awaited')
  expect(bodies(joined(await waiting.answer, roomId))).toEqual(['awaited'])
})

test.each<[string, () => Promise<unknown>]>([
  // Stopped again, or the clock that later tests move would stop it, and that is news.
  ['typing', async () => [await ali.type(roomId, true), await ali.type(roomId, false)]],
  ['account data', () => bea.setData('org.example.data', { now: 1 })],
  [
    'an own receipt that nobody else sees',
    async () => bea.read(roomId, await ali.send(roomId, 'x'), {}, 'm.read.private'),
  ],
  ['an invitation', () => ali.createRoom({ invite: [bea.id] })],
  ['a room that was joined elsewhere', () => bea.createRoom()],
  ['a leave', async () => bea.leave(await bea.createRoom())],
])('is woken by %s', async (_, act) => {
  const waiting = wait()
  await pause(30)
  await act()
  expect((await waiting.answer).next_batch).not.toBe(since)
})

test('is not woken by what does not concern it', async () => {
  const waiting = wait()
  await pause(30)
  const elsewhere = await ali.createRoom()
  await ali.send(elsewhere, 'to myself')
  await ali.setData('org.example.data', {})
  await pause(50)
  expect(waiting.isOver()).toBe(false)
  await ali.send(roomId, 'now')
  expect(Object.keys((await waiting.answer).rooms?.join ?? {})).toEqual([roomId])
})

test('goes on waiting when the filter takes out all that is new', async () => {
  const waiting = wait(30_000, {
    filter: { room: { timeline: { types: ['org.example.*'] }, ephemeral: { types: [] } } },
  })
  await pause(30)
  // Nothing that anybody counts as unread, either: that would be told.
  await ali.sendType(roomId, 'com.example.of.no.interest', {})
  await pause(50)
  expect(waiting.isOver()).toBe(false)
  await ali.sendType(roomId, 'org.example.news', {})
  expect(joined(await waiting.answer, roomId)?.timeline?.events).toHaveLength(1)
})

test('hears of rooms that it came into while it waited', async () => {
  const waiting = wait(30_000, { filter: { room: { timeline: { types: ['m.room.message'] }, state: { types: [] } } } })
  await pause(30)
  const fresh = await bea.createRoom({ invite: [ali.id] })
  expect(Object.keys((await waiting.answer).rooms?.join ?? {})).toEqual([fresh])
})

test('answers with nothing when the time is over', async () => {
  const waiting = wait(10_000)
  await pause(50)
  node.clock.advance(9_000)
  await pause(30)
  expect(waiting.isOver()).toBe(false)
  node.clock.advance(1_500)
  expect(await waiting.answer).toEqual({ next_batch: expect.any(String), ...noKeys })
})

test('nobody waits longer than a minute', async () => {
  const waiting = wait(3_600_000)
  await pause(50)
  node.clock.advance(61_000)
  expect(await waiting.answer).toEqual({ next_batch: expect.any(String), ...noKeys })
})

test('a caller that goes away is forgotten, and one that the node stops for is answered', async () => {
  const gone = new AbortController()
  const query = new URLSearchParams({ since, timeout: '30000' })
  const call = fetch(`${node.address}${sync.path}?${query}`, {
    headers: { authorization: `Bearer ${bea.person.token}` },
    signal: gone.signal,
  })
  await pause(50)
  gone.abort()
  await expect(call).rejects.toThrow('aborted')
  const waiting = wait()
  await pause(50)
  const stopped = node.stop()
  expect(await waiting.answer).toEqual({ next_batch: expect.any(String), ...noKeys })
  await stopped
  node = await serveTalk(node.database)
  ali.node = node
  bea.node = node
  expect(invited(await bea.sync(), roomId)).toBeUndefined()
})
