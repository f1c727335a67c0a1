import { expect, test } from 'vitest'
import { bob, eve, FakeNode, kitchen, me, refusal } from './testing/fake-node.ts'
import { settle } from './testing/fake-platform.ts'
import { openClient, startClient } from './testing/start-client.ts'
import type { DeviceNews } from './device-news.ts'
import { isEventRow, type Changes, type Store } from './store/store.ts'
import { memoryStore } from './store/memory-store.ts'

const stored = async (store: Store): Promise<unknown[]> =>
  (await store.timelineBefore(kitchen, Infinity, 100)).map((row) =>
    isEventRow(row) ? row.event.content['body'] : 'GAP',
  )
/** The messages in the order of the store; a gap before the first of them is where history was not asked for. */
const bodies = async (store: Store): Promise<unknown[]> => {
  const all = await stored(store)
  return all.slice(all[0] === 'GAP' ? 1 : 0).filter((body) => body !== undefined)
}

test('the stream is opened first, and what it brings is stored and shown', async () => {
  const { node, client, store } = await startClient()
  expect(client.status.get()).toBe('live')
  node.say('hello')
  await node.push()
  expect(await bodies(store)).toEqual(['hello'])
  expect(client.rooms.get()).toMatchObject([
    { roomId: kitchen, name: 'Bob', unreadCount: 1, lastMessage: { content: { body: 'hello' }, senderName: 'Bob' } },
  ])
  expect(node.requests.filter((request) => request.includes('/sync'))).toEqual([])
})

test('falls back to sync and returns to the stream', async () => {
  const node = new FakeNode()
  node.hasStream = false
  const { client, store } = await startClient(node)
  expect(client.status.get()).toBe('polling')
  node.say('by poll')
  await settle()
  expect(await bodies(store)).toEqual(['by poll'])
  node.hasStream = true
  await node.platform.advance(61_000)
  node.say('still')
  await settle()
  expect(client.status.get()).toBe('live')
  await node.push()
  expect(await bodies(store)).toEqual(['by poll', 'still'])
})

test('moves between stream and sync without losing an event', async () => {
  const { node, client, store } = await startClient()
  const said: string[] = []
  const say = (body: string): void => {
    said.push(body)
    node.say(body)
  }
  for (let round = 0; round < 4; round++) {
    say(`stream ${round}`)
    await node.push()
    say(`before the end ${round}`)
    node.hasStream = false
    await node.drop(1006)
    say(`unheard ${round}`)
    await node.platform.advance(2_000)
    expect(client.status.get()).toBe('polling')
    say(`poll ${round}`)
    await settle()
    node.hasStream = true
    await node.platform.advance(900_000)
    say(`back ${round}`)
    await settle()
    await node.push()
    expect(client.status.get()).toBe('live')
  }
  expect(await bodies(store)).toEqual(said)
})

test('a node that restarts is followed again after a short wait', async () => {
  const { node, client } = await startClient()
  await node.drop(1012)
  expect(client.status.get()).toBe('connecting')
  expect(node.streams).toBe(0)
  await node.platform.advance(3_000)
  expect(client.status.get()).toBe('live')
})

test('a reader that was too slow goes on from its token', async () => {
  const { node, store } = await startClient()
  node.say('one')
  await node.push()
  node.say('two')
  await node.drop(1013)
  await node.platform.advance(1_000)
  expect(await bodies(store)).toEqual(['one', 'two'])
})

test.each([
  ['every few seconds while somebody may look', false, 150, 5_000],
  ['at growing distances while the page is hidden', true, 15, 60_000],
])('a node that does not answer is offline, and tried again %s', async (_, hidden, perTenMinutes, longestMs) => {
  const { node, client, problems } = await startClient()
  node.platform.hidden = hidden
  node.isDown = true
  await node.drop(1006)
  await node.platform.advance(1_000)
  expect(client.status.get()).toBe('offline')
  const before = node.requests.length
  await node.platform.advance(600_000)
  const tries = node.requests.length - before
  expect(tries).toBeGreaterThan(perTenMinutes * 0.8)
  expect(tries).toBeLessThan(perTenMinutes * 1.5)
  node.isDown = false
  await node.platform.advance(longestMs)
  expect(client.status.get()).toBe('live')
  expect(problems).toEqual([])
})

test('the machine wakes up: the next try is now, whatever the wait was while the page was hidden', async () => {
  const { node, client } = await startClient()
  node.platform.hidden = true
  node.isDown = true
  await node.drop(1006)
  await node.platform.advance(600_000)
  node.isDown = false
  node.platform.wake()
  await settle()
  expect(client.status.get()).toBe('live')
})

test('a wait that the node has asked for goes on when the machine wakes up, and ends when the user says so', async () => {
  const { node, client } = await startClient()
  node.hasStream = false
  node.fail('/sync', refusal(429, 'M_LIMIT_EXCEEDED', { retry_after_ms: 45_000 }))
  await node.drop(1006)
  await node.platform.advance(1_000)
  expect(client.status.get()).toBe('offline')
  const before = node.requests.length
  await node.platform.advance(40_000)
  node.platform.wake()
  await settle()
  expect(node.requests.length).toBe(before)
  client.reconnect()
  await settle()
  expect(client.status.get()).toBe('polling')
})

test('a stream that has died silently is found out', async () => {
  const { node, client } = await startClient()
  await node.platform.advance(120_000)
  expect(client.status.get()).toBe('live')
  node.isDown = true
  await node.platform.advance(36_000)
  expect(client.status.get()).not.toBe('live')
})

test('a stream closed with 4401 signs out or refreshes', async () => {
  const { node, client } = await startClient()
  node.renewToken()
  await node.drop(4401)
  expect(client.status.get()).toBe('signed-out')
  expect(client.session.get()).toMatchObject({ userId: me })
  expect(client.rooms.get()).toHaveLength(1)

  await client.login({ username: '@me:test', password: 'secret' })
  client.start()
  await settle()
  expect(client.status.get()).toBe('live')
  const { store } = await startClient()
  const session = (await store.load()).session!
  await store.write({ session: { ...session, accessToken: 'old', refreshToken: 'again' } })
  const second = await openClient(node, store)
  second.client.start()
  await settle()
  expect(second.client.status.get()).toBe('live')
  expect((await store.load()).session?.accessToken).toBe(node.token)
})

test('a frame that could not be written is asked for again', async () => {
  const store = memoryStore()
  let broken = false
  const fragile: Store = {
    ...store,
    write: (changes: Changes) => (broken ? Promise.reject(new Error('disk full')) : store.write(changes)),
  }
  const { node, client, problems } = await startClient(new FakeNode(), fragile)
  broken = true
  node.say('precious')
  await node.push()
  expect(client.status.get()).toBe('offline')
  expect(client.rooms.get()[0]?.unreadCount).toBe(0)
  broken = false
  await node.platform.advance(60_000)
  expect(await bodies(store)).toEqual(['precious'])
  expect(client.rooms.get()[0]?.unreadCount).toBe(1)
  expect(problems.map(String)).toEqual(['Error: disk full'])
})

test('what is sent to the device is handed on before it is acknowledged, and again if it could not be taken', async () => {
  const heard: unknown[] = []
  let isBroken = true
  const onDeviceNews = async ({ messages, changed, oneTimeKeyCounts }: DeviceNews) => {
    heard.push([messages.map(({ content }) => content['n']), changed, oneTimeKeyCounts])
    if (isBroken && messages.length > 0) throw new Error('no room for keys')
  }
  const { node, client, problems } = await startClient(new FakeNode(), memoryStore(), { onDeviceNews })
  node.deviceParts = {
    to_device: { events: [{ type: 'org.example.a', sender: bob, content: { n: 1 } }] },
    device_lists: { changed: [bob] },
    device_one_time_keys_count: { signed_curve25519: 7 },
  }
  node.say('hello')
  await node.push()
  expect(problems.map(String)).toEqual(['Error: no room for keys'])
  expect([client.rooms.get()[0]?.unreadCount, node.acknowledged]).toEqual([0, []])
  isBroken = false
  await node.platform.advance(60_000)
  expect(client.rooms.get()[0]?.unreadCount).toBe(1)
  expect(node.acknowledged).toEqual(['s4'])
  expect(heard[0]).toEqual([[1], [bob], { signed_curve25519: 7 }])
  expect(heard.at(-1)).toEqual(heard[0])
})

test('a token that the node does not know leads to a full sync', async () => {
  const { node, client, store } = await startClient()
  node.say('before')
  await node.push()
  client.stop()
  node.hasStream = false
  node.fail('/sync', refusal(400, 'M_UNKNOWN_POS'))
  node.say('after')
  client.start()
  await settle()
  expect(client.status.get()).toBe('polling')
  expect(await bodies(store)).toEqual(['before', 'after'])
})

test('after a full sync, rooms that are not in it were left', async () => {
  const { node, client, store } = await startClient()
  await store.write({ token: null })
  const other = new FakeNode()
  const again = await openClient(other, store)
  client.stop()
  again.client.start()
  await settle()
  expect(again.client.status.get()).toBe('live')
  expect(again.client.rooms.get()).toEqual([])
  expect(node.streams).toBe(0)
})

test('a limited answer leaves a gap; one that overlaps does not', async () => {
  const { node, client, store } = await startClient()
  node.say('first')
  await node.push()
  await node.drop(1006)
  node.timelineLimit = 2
  for (const body of ['a', 'b', 'c', 'd']) node.say(body)
  await node.platform.advance(1_000)
  expect((await stored(store)).slice(-4)).toEqual(['first', 'GAP', 'c', 'd'])
  client.stop()
  await store.write({ token: null })
  node.say('e')
  const again = await openClient(node, store)
  again.client.start()
  await settle()
  expect((await stored(store)).slice(-5)).toEqual(['first', 'GAP', 'c', 'd', 'e'])
})

test('typing is shown, without the user, and forgotten when the connection is lost', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  node.ephemeral('m.typing', { user_ids: [bob, me, eve] })
  await node.push()
  expect(room.typing.get()).toEqual([bob, eve])
  node.isDown = true
  await node.drop(1006)
  expect(room.typing.get()).toEqual([])
})

test('two clients of one store do not write over each other', async () => {
  const { node, client, store } = await startClient()
  const second = await openClient(node, store)
  second.client.start()
  await settle()
  for (const body of ['one', 'two', 'three']) {
    node.say(body)
    await node.push()
  }
  await node.platform.advance(5_000)
  expect(await bodies(store)).toEqual(['one', 'two', 'three'])
  for (const each of [client, second.client]) {
    expect(each.status.get()).toBe('live')
    expect(each.rooms.get()[0]?.lastMessage?.content['body']).toBe('three')
  }
  expect(second.problems).toEqual([])
})

test('nothing goes on after stop, and nothing after close', async () => {
  const { node, client, problems } = await startClient()
  client.stop()
  await node.platform.advance(600_000)
  expect(node.streams).toBe(0)
  const before = node.requests.length
  client.start()
  await settle()
  expect(node.streams).toBe(1)
  await client.close()
  await node.platform.advance(600_000)
  expect(node.streams).toBe(0)
  expect(node.requests.length).toBe(before)
  expect(node.platform.timers).toBe(0)
  expect(problems).toEqual([])
})
