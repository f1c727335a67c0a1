import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from '../testing/caller.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
let roomId: string
beforeAll(async () => {
  node = await serveRooms()
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
  roomId = await owner.createRoom({ preset: 'public_chat' })
  ok(await mert.join(roomId))
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const react = (who: Caller, event_id: string, key: unknown, type = 'm.reaction', txnId = who.nextTxn()) =>
  who.send(roomId, type, { 'm.relates_to': { rel_type: 'm.annotation', event_id, key } }, txnId)

test('nobody says the same of a message twice, unless they took it back', async () => {
  const said = await owner.say(roomId, 'Dinner?')
  const first = ok(await react(mert, said, '👍')).event_id!
  expect(refusal(await react(mert, said, '👍'))).toBe('400 M_DUPLICATE_ANNOTATION')
  for (const [who, key, type] of [
    [mert, '👎', 'm.reaction'],
    [owner, '👍', 'm.reaction'],
    [mert, '👍', 'org.example.other'],
  ] as const)
    ok(await react(who, said, key, type))
  ok(await react(mert, await owner.say(roomId, 'Lunch?'), '👍'))
  ok(await mert.redact(roomId, first))
  ok(await react(mert, said, '👍'))
})

test('of many at once one is stored', async () => {
  const said = await owner.say(roomId, 'Breakfast?')
  const answers = await Promise.all(Array.from({ length: 10 }, () => react(mert, said, '🥐')))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 400)])
})

test('a request that is repeated has the first answer', async () => {
  const said = await owner.say(roomId, 'Tea?')
  const first = ok(await react(mert, said, '🍵', 'm.reaction', 'once'))
  expect(ok(await react(mert, said, '🍵', 'm.reaction', 'once'))).toEqual(first)
})

test('what has no key is no annotation that could be had twice', async () => {
  const said = await owner.say(roomId, 'Coffee?')
  for (const key of [undefined, 7, undefined, 7]) ok(await react(mert, said, key))
})
