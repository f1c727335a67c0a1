import { expect, test } from 'vitest'
import type { EventId } from '#spec/ids.ts'
import { indexedDbStore } from './store/indexed-db-store.ts'
import { memoryStore } from './store/memory-store.ts'
import { isEventRow, type Store } from './store/store.ts'
import { bob, FakeNode, kitchen, refusal } from './testing/fake-node.ts'
import { settle } from './testing/fake-platform.ts'
import type { Timeline } from './timeline.ts'
import { openClient } from './testing/start-client.ts'
import 'fake-indexeddb/auto'

/** The same numbers for the same seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** A client of the life, and the window that somebody looks at. */
async function openTab(node: FakeNode, store: Store) {
  const { client, problems } = await openClient(node, store)
  if (!client.session.get()) await client.login({ username: 'me', password: 'secret' })
  client.start()
  return { client, problems, timeline: client.room(kitchen).timeline() }
}

/** A life with a bad network, chosen by the seed; in the end everybody is there again and has looked at everything. */
async function live(seed: number, store: Store, tabCount: number) {
  const below = numbers(seed)
  const node = new FakeNode()
  await node.addRoom()
  const tabs = [await openTab(node, store)]
  while (tabs.length < tabCount) tabs.push(await openTab(node, store))
  const problems: unknown[] = []
  const said: EventId[] = []
  const sent: string[] = []
  const faults = ['lost', 'answer-lost', refusal(503, 'M_UNKNOWN')] as const
  const tab = () => tabs[below(tabCount)]!
  const steps: (() => unknown)[] = [
    () => said.push(node.say(`bob ${said.length}`)),
    () => said.push(node.say(`bob ${said.length}`)),
    () => node.push(),
    () => node.push(),
    () => {
      sent.push(`own ${sent.length}`)
      return tab().client.room(kitchen).sendText(sent.at(-1)!)
    },
    () => node.fail(['/send/', '/messages', '/read_markers'][below(3)]!, faults[below(3)]!),
    () => node.drop([1006, 1012, 1013][below(3)]!),
    () => node.platform.advance(below(20_000)),
    () => (node.isDown = !node.isDown),
    () => (node.hasStream = !node.hasStream),
    () => (node.timelineLimit = 1 + below(6)),
    () => void tab().timeline.loadOlder(1 + below(20)),
    () => tab().client.room(kitchen).markRead(),
    () => said.length > 0 && node.event('m.room.redaction', { redacts: said[below(said.length)]! }, {}, bob),
    async () => {
      const at = below(tabCount)
      await tabs[at]!.client.close()
      problems.push(...tabs[at]!.problems)
      tabs[at] = await openTab(node, store)
    },
  ]
  for (let step = 0; step < 120; step++) {
    await steps[below(steps.length)]!()
    if (below(3) === 0) await settle()
  }
  node.isDown = false
  node.hasStream = true
  node.timelineLimit = 50
  // Faults that were set up and not met are met now.
  for (let page = 0; page < 40; page++) {
    await node.platform.advance(60_000)
    await Promise.all(tabs.map(({ timeline }) => timeline.loadOlder(50)))
  }
  await node.platform.advance(1_000_000)
  await node.push()
  for (let turn = 0; turn < 5; turn++) await settle()
  problems.push(...tabs.flatMap((each) => each.problems))
  return { node, tabs, sent, problems }
}

/** What the node has, in its order: event ids, and which are redacted. */
function history(node: FakeNode) {
  const events = node.events()
  const redacted = new Set(
    events.filter((event) => event.type === 'm.room.redaction').map((event) => event.content['redacts']),
  )
  return { ids: events.map((event) => event.event_id), redacted }
}

const seeds = Array.from({ length: 25 }, (_, seed) => seed)

const storeOf = (name: string, seed: number): Store =>
  seed % 4 === 0 ? indexedDbStore(`${name} ${seed}`) : memoryStore()

/** What store and window hold after a life: all that the node has, in its order, once. */
async function expectWhole(store: Store, node: FakeNode, timeline: Timeline): Promise<void> {
  const { ids, redacted } = history(node)
  const rows = await store.timelineBefore(kitchen, Infinity, 10_000)
  expect(rows.filter(isEventRow).map((row) => row.eventId)).toEqual(ids)
  expect(rows.filter((row) => !isEventRow(row))).toEqual([])
  const items = timeline.items.get()
  expect(items.map((item) => item.eventId)).toEqual(ids)
  expect(new Set(items.filter((item) => item.redacted).map((item) => item.eventId))).toEqual(redacted)
  expect(new Set(items.map((item) => item.key)).size).toBe(ids.length)
}

test.each(seeds)('after any life, store and window are what the node has (seed %i)', async (seed) => {
  const store = storeOf('one', seed)
  const { node, tabs, sent, problems } = await live(seed, store, 1)
  const { client, timeline } = tabs[0]!
  await expectWhole(store, node, timeline)
  expect(node.bodies().filter((body) => String(body).startsWith('own'))).toEqual(sent)
  expect(client.outbox.get()).toEqual([])
  expect(client.status.get()).toBe('live')
  expect(problems).toEqual([])
  await client.close()
  expect(node.platform.timers).toBe(0)
})

test.each(seeds)('two tabs share a store and undo nothing of each other (seed %i)', async (seed) => {
  const store = storeOf('two', seed)
  const { node, tabs, sent, problems } = await live(seed, store, 2)
  for (const { client, timeline } of tabs) {
    await expectWhole(store, node, timeline)
    expect(client.status.get()).toBe('live')
  }
  expect(
    node
      .bodies()
      .filter((body) => String(body).startsWith('own'))
      .sort(),
  ).toEqual([...sent].sort())
  expect((await store.load()).outbox).toEqual([])
  expect(problems).toEqual([])
  for (const { client } of tabs) await client.close()
})
