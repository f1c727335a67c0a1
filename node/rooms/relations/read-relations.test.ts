import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as api from '#spec/api/client/relations.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from '../testing/caller.ts'

let node: ServedSlices
let ali: Caller
let bea: Caller
let roomId: string
beforeAll(async () => {
  node = await serveRooms()
  ali = await addCaller(node, 'ali')
  bea = await addCaller(node, 'bea')
  roomId = await ali.createRoom({ preset: 'public_chat' })
  ok(await bea.join(roomId))
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const relates = (rel_type: string, event_id: string, more: object = {}) => ({
  'm.relates_to': { rel_type, event_id, ...more },
})
const ids = (answer: { chunk?: readonly { event_id: string }[] | undefined }) =>
  answer.chunk!.map((event) => event.event_id)

describe('a page of relations', () => {
  let root: string
  const children: string[] = []
  beforeAll(async () => {
    root = await ali.say(roomId, 'root')
    for (let i = 0; i < 10; i++) children.push(await ali.say(roomId, `${i}`, relates('m.thread', root)))
  })

  async function pages(dir: 'b' | 'f', limit: number): Promise<string[][]> {
    const all: string[][] = []
    for (let from: string | undefined, first = true; first || from !== undefined; first = false) {
      const query = { dir, limit: `${limit}`, ...(from !== undefined && { from }) }
      const page = ok(await ali.relations(roomId, root, query))
      expect(page.prev_batch).toBe(from)
      all.push(ids(page))
      from = page.next_batch
    }
    return all
  }

  test.each([1, 3, 5, 10, 11])('by %i, to the end in both directions, without gap or duplicate', async (limit) => {
    const [back, forth] = [await pages('b', limit), await pages('f', limit)]
    expect(back.flat()).toEqual(children.toReversed())
    expect(forth.flat()).toEqual(children)
    expect([back.length, forth.length]).toEqual([Math.ceil(10 / limit), Math.ceil(10 / limit)])
  })

  test('the newest come first unless asked otherwise, and a range has two ends', async () => {
    const first = ok(await ali.relations(roomId, root, { limit: '3' }))
    expect(ids(first)).toEqual(children.slice(-3).toReversed())
    const second = ok(await ali.relations(roomId, root, { limit: '3', from: first.next_batch! }))
    const between = ok(await ali.relations(roomId, root, { from: first.next_batch!, to: second.next_batch! }))
    expect(ids(between)).toEqual(ids(second))
    expect(between.next_batch).toBeUndefined()
    expect(ids(ok(await ali.relations(roomId, root, { from: second.next_batch!, to: first.next_batch! })))).toEqual([])
    const { end } = ok(await ali.messages(roomId, { limit: '4' }))
    expect(ids(ok(await ali.relations(roomId, root, { from: end! })))).toEqual(children.slice(0, -4).toReversed())
  })

  test.each<Record<string, string>>([
    { dir: 'x' },
    { limit: '0' },
    { limit: '-1' },
    { from: 'somewhere' },
    { to: 't-1' },
    { recurse: 'yes' },
  ])('%j is refused', async (query) => {
    expect(refusal(await ali.relations(roomId, root, query))).toBe('400 M_INVALID_PARAM')
  })
})

test('types are chosen, of the relation and of the event', async () => {
  const root = await ali.say(roomId, 'root')
  const reply = await ali.say(roomId, 'reply', relates('m.thread', root))
  const sticker = ok(await ali.send(roomId, 'm.sticker', { body: 'x', ...relates('m.thread', root) })).event_id!
  const reaction = ok(await bea.send(roomId, 'm.reaction', relates('m.annotation', root, { key: 'x' }))).event_id!
  const own = await ali.say(roomId, 'own', relates('org.example.own', root))
  const by = (relType: string) =>
    ali.call(api.getRelatingEventsWithRelType, { params: { roomId, eventId: root, relType } })
  const byBoth = (relType: string, eventType: string) =>
    ali.call(api.getRelatingEventsWithRelTypeAndEventType, { params: { roomId, eventId: root, relType, eventType } })
  expect(ids(ok(await ali.relations(roomId, root)))).toEqual([own, reaction, sticker, reply])
  expect(ids(ok(await by('m.thread')))).toEqual([sticker, reply])
  expect(ids(ok(await by('org.example.own')))).toEqual([own])
  expect(ids(ok(await by('nothing')))).toEqual([])
  expect(ids(ok(await byBoth('m.thread', 'm.room.message')))).toEqual([reply])
  expect(ids(ok(await byBoth('m.annotation', 'm.room.message')))).toEqual([])
  ok(await ali.redact(roomId, own))
  expect(ids(ok(await ali.relations(roomId, root)))).toEqual([reaction, sticker, reply])
})

test('recursion goes three levels deep, and what is asked of types is asked on the way', async () => {
  const root = await ali.say(roomId, 'root')
  const one = await ali.say(roomId, 'one', relates('m.thread', root))
  const reaction = ok(await bea.send(roomId, 'm.reaction', relates('m.annotation', one, { key: 'x' }))).event_id!
  const two = await ali.say(roomId, 'two', relates('m.reference', one))
  const three = await ali.say(roomId, 'three', relates('m.thread.not', two))
  await ali.say(roomId, 'four', relates('m.reference', three))
  const direct = ok(await ali.relations(roomId, root))
  expect([ids(direct), direct.recursion_depth]).toEqual([[one], undefined])
  expect(ok(await ali.relations(roomId, root, { recurse: 'false' })).recursion_depth).toBe(1)
  const deep = ok(await ali.relations(roomId, root, { recurse: 'true' }))
  expect([ids(deep), deep.recursion_depth]).toEqual([[three, two, reaction, one], 3])
  const paged = ok(await ali.relations(roomId, root, { recurse: 'true', limit: '2', dir: 'f' }))
  expect(ids(paged)).toEqual([one, reaction])
  const by = (eventId: string, relType: string) =>
    ali.call(api.getRelatingEventsWithRelType, { params: { roomId, eventId, relType }, query: { recurse: 'true' } })
  expect(ids(ok(await by(root, 'm.annotation')))).toEqual([])
  expect(ids(ok(await by(one, 'm.annotation')))).toEqual([reaction])
})

test('the parent has to be seen by the caller, in this room', async () => {
  const closed = await ali.createRoom()
  const secret = await ali.say(closed, 'secret')
  await ali.say(closed, 'secret', relates('m.thread', secret))
  for (const [room, event] of [
    [closed, secret],
    [roomId, secret],
    [roomId, '$nothing'],
  ] as const)
    expect(refusal(await bea.relations(room, event))).toBe('404 M_NOT_FOUND')
  expect(refusal(await bea.threads(closed))).toBe('403 M_FORBIDDEN')
  expect(refusal(await bea.threads('!nothing:localhost'))).toBe('403 M_FORBIDDEN')
})
