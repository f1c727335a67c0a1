import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setAccountData } from '#spec/api/client/account-data.ts'
import type { ClientEvent } from '#spec/api/client/client-event.ts'
import type { JsonObject } from '#spec/json.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from '../testing/caller.ts'

let node: ServedSlices
let ali: Caller
let bea: Caller
beforeAll(async () => {
  node = await serveRooms()
  ali = await addCaller(node, 'ali')
  bea = await addCaller(node, 'bea')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

async function openRoom(): Promise<string> {
  const roomId = await ali.createRoom({ preset: 'public_chat' })
  ok(await bea.join(roomId))
  return roomId
}

const reply = (who: Caller, roomId: string, root: string) =>
  who.say(roomId, 'reply', { 'm.relates_to': { rel_type: 'm.thread', event_id: root } })
const ids = (answer: { chunk?: readonly { event_id: string }[] | undefined }) =>
  answer.chunk!.map((event) => event.event_id)

describe('the threads of a room', () => {
  let roomId: string
  const roots: string[] = []
  beforeAll(async () => {
    roomId = await openRoom()
    for (let i = 0; i < 7; i++) roots.push(await (i % 2 ? bea : ali).say(roomId, `${i}`))
    await bea.say(roomId, 'no root')
    for (const root of roots) await reply(ali, roomId, root)
    await reply(bea, roomId, roots[2]!)
  })
  const byActivity = () => [roots[2]!, ...[6, 5, 4, 3, 1, 0].map((i) => roots[i]!)]

  test('stand by their newest event, each with what is in it', async () => {
    const { chunk, next_batch: next } = ok(await ali.threads(roomId))
    expect(ids({ chunk: chunk as ClientEvent[] })).toEqual(byActivity())
    expect(next).toBeUndefined()
    const counts = (chunk as ClientEvent[]).map(
      (event) => (event.unsigned!['m.relations'] as Record<string, JsonObject>)['m.thread']!['count'],
    )
    expect(counts).toEqual([2, 1, 1, 1, 1, 1, 1])
  })

  test.each([1, 2, 3, 7, 8])('page by %i, without gap or duplicate', async (limit) => {
    const all: string[][] = []
    for (let from: string | undefined, first = true; first || from !== undefined; first = false) {
      const page = ok(await ali.threads(roomId, { limit: `${limit}`, ...(from !== undefined && { from }) }))
      all.push(ids(page as { chunk: ClientEvent[] }))
      from = page.next_batch
    }
    expect(all.flat()).toEqual(byActivity())
    expect(all.length).toBe(Math.ceil(7 / limit))
  })

  test('are chosen by who wrote in them or began them', async () => {
    const began = [roots[5]!, roots[3]!, roots[1]!]
    const asked = async (who: Caller, include: string) =>
      ids(ok(await who.threads(roomId, { include })) as { chunk: ClientEvent[] })
    expect(await asked(bea, 'participated')).toEqual([roots[2], ...began])
    expect(await asked(bea, 'all')).toEqual(byActivity())
    expect(await asked(ali, 'participated')).toEqual(byActivity())
    // A root that is known only later than the thread has no sender there.
    await node.database.sql`update threads set root_sender = null where room_id = ${roomId}`
    expect(await asked(bea, 'participated')).toEqual([roots[2], ...began])
  })

  test.each<Record<string, string>>([{ include: 'some' }, { limit: '0' }, { limit: 'x' }, { from: 'x' }])(
    '%j is refused',
    async (query) => {
      expect(refusal(await ali.threads(roomId, query))).toBe('400 M_INVALID_PARAM')
    },
  )
})

test('a thread whose events are all redacted is none, and a redacted root stays', async () => {
  const roomId = await openRoom()
  const [one, two] = [await ali.say(roomId, 'one'), await ali.say(roomId, 'two')]
  const only = await reply(bea, roomId, one)
  await reply(bea, roomId, two)
  ok(await bea.redact(roomId, only))
  ok(await ali.redact(roomId, two))
  const { chunk } = ok(await ali.threads(roomId))
  expect(chunk).toMatchObject([{ event_id: two, content: {} }])
})

test('of ignored people no event counts, and their roots are shown redacted', async () => {
  const roomId = await openRoom()
  const can = await addCaller(node, 'can')
  ok(await can.join(roomId))
  const [his, others] = [await can.say(roomId, 'his'), await ali.say(roomId, 'others')]
  await reply(ali, roomId, his)
  await reply(can, roomId, others)
  const params = { userId: bea.id, type: 'm.ignored_user_list' }
  ok(await bea.call(setAccountData, { params, body: { ignored_users: { [can.id]: {} } } }))
  expect(ok(await bea.threads(roomId)).chunk).toMatchObject([{ event_id: his, sender: can.id, content: {} }])
  expect(ok(await ali.threads(roomId)).chunk).toMatchObject([
    { event_id: others },
    { event_id: his, content: { body: 'his' } },
  ])
})
