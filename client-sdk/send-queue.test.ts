import { expect, test } from 'vitest'
import type { DeviceId } from '#spec/ids.ts'
import type { Client } from './client.ts'
import { memoryStore } from './store/memory-store.ts'
import type { Changes, Store } from './store/store.ts'
import { FakeNode, kitchen, refusal } from './testing/fake-node.ts'
import { settle } from './testing/fake-platform.ts'
import { openClient, startClient } from './testing/start-client.ts'
import type { Timeline } from './timeline.ts'

const shown = (timeline: Timeline): unknown[] =>
  timeline.items
    .get()
    .filter((item) => item.type === 'm.room.message')
    .map((item) => [item.content['body'], item.status])
const send = (client: Client, ...bodies: string[]): Promise<string[]> =>
  Promise.all(bodies.map((body) => client.room(kitchen).sendText(body)))
const sends = (node: FakeNode): string[] => node.requests.filter((request) => request.includes('/send/'))

test('an item is in the store before anything goes to the network', async () => {
  const store = memoryStore()
  const steps: string[] = []
  const watched: Store = {
    ...store,
    async write(changes: Changes) {
      await store.write(changes)
      if (changes.outbox?.[0]?.status === 'queued') steps.push(`stored, ${sends(node).length} sent`)
    },
  }
  const node = new FakeNode()
  const { client } = await startClient(node, watched)
  await send(client, 'soup')
  await settle()
  expect(steps).toEqual(['stored, 0 sent'])
  expect(sends(node)).toHaveLength(1)
})

test('the echo is shown at once and becomes the event, under the same key', async () => {
  const { node, client } = await startClient()
  const timeline = client.room(kitchen).timeline()
  await settle()
  const seen: unknown[] = []
  const keys = new Set<string>()
  timeline.items.subscribe(() => {
    const last = timeline.items.get().at(-1)!
    seen.push(last.status)
    keys.add(last.key)
    expect(timeline.items.get().filter((item) => item.content['body'] === 'soup')).toHaveLength(1)
  })
  const [txnId] = await send(client, 'soup')
  await settle()
  await node.push()
  expect(seen).toEqual(['queued', 'sending', 'sent', 'sent'])
  expect([...keys]).toEqual([txnId])
  expect(timeline.items.get().at(-1)).toMatchObject({ txnId, eventId: '$4', status: 'sent', sender: '@me:test' })
  expect(client.outbox.get()).toEqual([])
})

test('an event that comes back before the answer is not doubled, and not sent again', async () => {
  const { node, client, store } = await startClient()
  const timeline = client.room(kitchen).timeline()
  node.fail('/send/', 'answer-lost')
  await send(client, 'soup')
  await settle()
  await node.push()
  await node.platform.advance(120_000)
  expect(shown(timeline)).toEqual([['soup', 'sent']])
  expect(node.bodies()).toEqual(['soup'])
  expect(sends(node)).toHaveLength(1)
  expect((await store.load()).outbox).toEqual([])
})

test('an answer that is lost makes no second event', async () => {
  const { node, client } = await startClient()
  const timeline = client.room(kitchen).timeline()
  node.fail('/send/', 'answer-lost')
  node.fail('/send/', refusal(502, 'M_UNKNOWN'))
  await send(client, 'soup')
  await node.platform.advance(30_000)
  await node.push()
  expect(sends(node)).toHaveLength(3)
  expect(new Set(sends(node)).size).toBe(1)
  expect(node.bodies()).toEqual(['soup'])
  expect(shown(timeline)).toEqual([['soup', 'sent']])
})

test('the items of a room arrive in their order, whatever happens on the way', async () => {
  const { node, client } = await startClient()
  const bodies = Array.from({ length: 30 }, (_, i) => `${i}`)
  for (let i = 0; i < 12; i++)
    node.fail('/send/', i % 3 === 0 ? 'lost' : i % 3 === 1 ? 'answer-lost' : refusal(503, 'M_UNKNOWN'))
  for (const body of bodies) {
    void client.room(kitchen).sendText(body)
    if (Number(body) % 7 === 0) await settle()
  }
  await node.platform.advance(600_000)
  expect(node.bodies()).toEqual(bodies)
  await node.push()
  expect(client.outbox.get()).toEqual([])
})

test('a refusal fails the item and lets the next one go; it can be tried again or removed', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  const timeline = room.timeline()
  for (const status of [400, 403, 404, 413]) node.fail('/send/', refusal(status, 'M_FORBIDDEN'))
  const [one, two] = await send(client, '1', '2', '3', '4', '5')
  await settle()
  await node.push()
  expect(node.bodies()).toEqual(['5'])
  expect(shown(timeline)).toEqual([
    ['5', 'sent'],
    ['1', 'failed'],
    ['2', 'failed'],
    ['3', 'failed'],
    ['4', 'failed'],
  ])
  expect(timeline.items.get().at(-1)?.error).toMatchObject({ kind: 'matrix', code: 'M_FORBIDDEN' })

  expect(await room.remove(two!)).toBe(true)
  await room.retry(one!)
  await settle()
  await node.push()
  expect(node.bodies()).toEqual(['5', '1'])
  expect(shown(timeline).map((pair) => (pair as unknown[])[0])).toEqual(['5', '1', '3', '4'])
  expect(await room.remove(one!)).toBe(false)
})

test('too many calls: waits as long as the node asks', async () => {
  const { node, client } = await startClient()
  node.fail('/send/', refusal(429, 'M_LIMIT_EXCEEDED', { retry_after_ms: 45_000 }))
  await send(client, 'soup')
  await node.platform.advance(44_000)
  node.platform.wake()
  await settle()
  expect(node.bodies()).toEqual([])
  await node.platform.advance(2_000)
  expect(node.bodies()).toEqual(['soup'])
})

test('the queue survives a reload, offline and on', async () => {
  const { node, client, store } = await startClient()
  node.isDown = true
  await node.drop(1006)
  await send(client, 'one', 'two')
  await settle()
  await client.close()

  const again = await openClient(node, store)
  const timeline = again.client.room(kitchen).timeline()
  await settle()
  expect(shown(timeline).map((pair) => (pair as unknown[])[0])).toEqual(['one', 'two'])
  expect(again.client.rooms.get()[0]?.lastMessage).toMatchObject({ content: { body: 'two' } })
  again.client.start()
  await node.platform.advance(5_000)
  node.isDown = false
  await node.platform.advance(120_000)
  expect(node.bodies()).toEqual(['one', 'two'])
  expect(again.client.outbox.get()).toEqual([])
  expect(shown(timeline)).toEqual([
    ['one', 'sent'],
    ['two', 'sent'],
  ])
})

test('as soon as the node is there again, what waits is sent', async () => {
  const { node, client } = await startClient()
  node.isDown = true
  await node.drop(1006)
  await send(client, 'soup')
  await node.platform.advance(600_000)
  node.isDown = false
  client.reconnect()
  await settle()
  expect(node.bodies()).toEqual(['soup'])
})

test('what waits because the node was broken is sent when somebody looks again', async () => {
  const { node, client } = await startClient()
  node.platform.hidden = true
  for (let i = 0; i < 8; i++) node.fail('/send/', refusal(502, 'M_UNKNOWN'))
  await send(client, 'soup')
  await node.platform.advance(90_000)
  expect(sends(node)).toHaveLength(8)
  node.platform.wake()
  await settle()
  expect(node.bodies()).toEqual(['soup'])
})

test('the end of the session loses nothing: the same device goes on', async () => {
  const { node, client, problems } = await startClient()
  node.renewToken()
  await send(client, 'one', 'two')
  await node.platform.advance(60_000)
  expect(client.status.get()).toBe('signed-out')
  expect(node.bodies()).toEqual([])
  await client.login({ username: 'me', password: 'secret' })
  client.start()
  await settle()
  expect(node.bodies()).toEqual(['one', 'two'])
  expect(problems).toEqual([])
})

test('what another device of this store may have sent waits for a word, and is then a new message', async () => {
  const { node, client, store } = await startClient()
  node.renewToken()
  const [txnId] = await send(client, 'soup')
  await settle()
  const [row] = (await store.load()).outbox
  await store.write({ outbox: [{ ...row!, deviceId: 'OLD' as DeviceId }] })
  await client.close()

  const again = await openClient(node, store)
  await again.client.login({ username: 'me', password: 'secret' })
  again.client.start()
  await settle()
  expect(again.client.outbox.get()).toMatchObject([{ status: 'failed', error: { kind: 'uncertain' } }])
  await again.client.room(kitchen).retry(txnId!)
  await settle()
  expect(node.bodies()).toEqual(['soup'])
  expect(sends(node).at(-1)).not.toContain(txnId)
})

test('a redaction is shown at once, and taken back when it is refused', async () => {
  const { node, client } = await startClient()
  const eventId = node.say('oops')
  await node.push()
  const room = client.room(kitchen)
  const timeline = room.timeline()
  await settle()
  const item = () => timeline.items.get().find((each) => each.eventId === eventId)
  node.fail('/redact/', refusal(403, 'M_FORBIDDEN'))
  const txnId = await room.redact(eventId, 'a slip')
  expect(item()).toMatchObject({ redacted: true, content: {} })
  await settle()
  expect(item()).toMatchObject({ redacted: false, content: { body: 'oops' } })
  await room.retry(txnId)
  await settle()
  await node.push()
  expect(item()).toMatchObject({ redacted: true, content: {}, status: 'sent' })
  expect(client.rooms.get()[0]?.lastMessage).toMatchObject({ redacted: true })
  expect(client.outbox.get()).toEqual([])
})

test('logout empties the queue with everything else', async () => {
  const { node, client, store } = await startClient()
  node.fail('/send/', refusal(403, 'M_FORBIDDEN'))
  await send(client, 'soup')
  await settle()
  await client.logout()
  expect(await store.load()).toMatchObject({
    session: undefined,
    token: undefined,
    rooms: [],
    accountData: [],
    outbox: [],
  })
  expect([client.status.get(), client.rooms.get(), client.outbox.get()]).toEqual(['signed-out', [], []])
  expect(node.requests).toContain('POST /_matrix/client/v3/logout')
})
