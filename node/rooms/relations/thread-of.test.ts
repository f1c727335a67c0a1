import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventId, RoomId } from '#spec/ids.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { eventKind, type EventRow } from '../facts.ts'
import { addCaller, ok, serveRooms, type Caller } from '../testing/caller.ts'
import { readThreadsOf } from './store.ts'

let node: ServedSlices
let ali: Caller
beforeAll(async () => {
  node = await serveRooms()
  ali = await addCaller(node, 'ali')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const relates = (rel_type: string, event_id: string, more: object = {}) => ({
  'm.relates_to': { rel_type, event_id, ...more },
})
const edit = { 'm.new_content': { msgtype: 'm.text', body: 'new' } }

/** The thread of each new event, as the rows of its transaction say it. */
function watchThreads(): Map<string, string | undefined> {
  const seen = new Map<string, string | undefined>()
  node.deps.stream.onCommit(({ facts }) => {
    for (const { kind, row } of facts)
      if (kind === (eventKind as unknown)) seen.set((row as EventRow).event.event_id, (row as EventRow).threadRoot)
  })
  return seen
}

test('an event belongs to the thread that it names, or that its parents do, for three steps', async () => {
  const seen = watchThreads()
  const roomId = await ali.createRoom()
  const root = await ali.say(roomId, 'root')
  const early = await ali.say(roomId, 'edited before', { ...relates('m.replace', root), ...edit })
  const reply = await ali.say(roomId, 'reply', relates('m.thread', root))
  const second = await ali.say(roomId, 'edited', { ...relates('m.replace', reply), ...edit })
  const third = await ali.say(roomId, 'about the edit', relates('m.reference', second))
  const fourth = await ali.say(roomId, 'too far', relates('m.reference', third))
  const onRoot = await ali.say(roomId, 'on the root', relates('m.reference', root))
  const toReply = await ali.say(roomId, 'a reply', { 'm.relates_to': { 'm.in_reply_to': { event_id: reply } } })
  const inside = [reply, second, third]
  const outside = [root, early, fourth, onRoot, toReply]
  for (const id of inside) expect(seen.get(id)).toBe(root)
  for (const id of outside) expect(seen.get(id)).toBeUndefined()
  const stored = await readThreadsOf(node.deps.sql, roomId as RoomId, [...inside, ...outside] as EventId[])
  expect([...stored].map(([id, { root: of, steps }]) => [id, of, steps]).toSorted()).toEqual(
    inside.map((id, i) => [id, root, i + 1]).toSorted(),
  )
})

test('what was said a moment ago counts, stored or not', async () => {
  const seen = watchThreads()
  const roomId = await ali.createRoom()
  const root = await ali.say(roomId, 'root')
  const replies: string[] = []
  const onCommit = node.deps.stream.onCommit(({ facts }) => {
    for (const { kind, row } of facts)
      if (kind === (eventKind as unknown)) replies.push((row as EventRow).event.event_id)
  })
  await Promise.all(Array.from({ length: 20 }, (_, i) => ali.say(roomId, `reply ${i}`, relates('m.thread', root))))
  onCommit()
  const reactions = await Promise.all(
    replies.map(
      async (id) => ok(await ali.send(roomId, 'm.reaction', relates('m.annotation', id, { key: 'x' }))).event_id!,
    ),
  )
  expect(reactions.map((id) => seen.get(id))).toEqual(replies.map(() => root))
})

test('a thread of before a restart is known', async () => {
  const roomId = await ali.createRoom()
  const root = await ali.say(roomId, 'root')
  const reply = await ali.say(roomId, 'reply', relates('m.thread', root))
  const { database } = node
  await node.stop()
  node = await serveRooms({ database })
  ali = ali.on(node)
  const seen = watchThreads()
  const reaction = ok(await ali.send(roomId, 'm.reaction', relates('m.annotation', reply, { key: 'x' }))).event_id!
  expect(seen.get(reaction)).toBe(root)
})

test('what is redacted relates to nothing, and leaves its thread', async () => {
  const roomId = await ali.createRoom()
  const root = await ali.say(roomId, 'root')
  const first = await ali.say(roomId, 'first', relates('m.thread', root))
  const last = await ali.say(roomId, 'last', relates('m.thread', root))
  const thread = async () => {
    const [row] = await node.database.sql`
      select count, (select event_id from events where position = latest_position) as latest from threads where root_id = ${root}`
    return row
  }
  expect(await thread()).toEqual({ count: 2, latest: last })
  ok(await ali.redact(roomId, last))
  expect(await thread()).toEqual({ count: 1, latest: first })
  expect((await readThreadsOf(node.deps.sql, roomId as RoomId, [last as EventId])).size).toBe(0)
  ok(await ali.redact(roomId, last))
  ok(await ali.redact(roomId, first))
  expect(await thread()).toEqual({ count: 0, latest: null })
})

test('the migration finds in old events what the door would have stored', async () => {
  const roomId = await ali.createRoom()
  const root = await ali.say(roomId, 'root')
  const said = [
    { ...relates('m.thread', root), body: 'in a thread' },
    relates('m.thread', root, { is_falling_back: true, 'm.in_reply_to': { event_id: root } }),
    relates('m.annotation', root, { key: '"quoted"' }),
    relates('m.annotation', root, { key: 1 }),
    relates('m.reference', root),
    { ...relates('m.replace', root), ...edit },
    relates('m.replace', root),
    { ...relates('m.replace', root), 'm.new_content': [] },
    relates('', root),
    relates('é'.repeat(128), root),
    relates('é'.repeat(127), root),
    relates('m.reference', `$${'a'.repeat(254)}`),
    relates('m.reference', `$${'a'.repeat(255)}`),
    relates('m.reference', 'parent'),
    relates('m.reference', '$'),
    { 'm.relates_to': [] },
    { 'm.relates_to': null },
    { 'm.relates_to': 'x' },
    { 'm.relates_to': { rel_type: 1, event_id: root } },
    { 'm.relates_to': { rel_type: 'm.thread', event_id: 1 } },
    { nested: relates('m.thread', root) },
  ]
  for (const content of said) await ali.say(roomId, 'x', content)
  for (const type of ['m.room.encrypted', 'org.example.state']) {
    ok(await ali.send(roomId, type, relates('m.replace', root)))
    ok(await ali.setState(roomId, type, relates('m.reference', root)))
    ok(await ali.setState(roomId, type, { ...relates('m.replace', root), ...edit }))
  }
  ok(await ali.redact(roomId, await ali.say(roomId, 'gone', relates('m.thread', root))))
  const { sql } = node.database
  const rows = async () => [
    await sql`select * from relations order by position`,
    await sql`select * from threads where count > 0 order by root_id`,
  ]
  const before = await rows()
  expect(before[0]!.filter((row) => row['parent_id'] === root)).toHaveLength(10)
  await sql`drop table relations, threads`
  const folder = new URL('../../db/migrations/', import.meta.url)
  const name = readdirSync(folder).find((file) => file.endsWith('-relations.sql'))!
  await sql.file(fileURLToPath(new URL(name, folder)))
  expect(await rows()).toEqual(before)
})
