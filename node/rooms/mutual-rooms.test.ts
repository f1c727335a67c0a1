import { afterAll, beforeAll, expect, test } from 'vitest'
import { getMutualRooms, getUnstableMutualRooms, maxMutualRooms } from '#spec/api/client/mutual-rooms.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let ayse: Caller
let mert: Caller
beforeAll(async () => {
  node = await serveRooms()
  ayse = await addCaller(node, 'ayse')
  mert = await addCaller(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const ask = (query: Record<string, string>) => ayse.call(getMutualRooms, { query })

test('only rooms that both are in count', async () => {
  const [both, invited, left, knocked, banned] = await Promise.all(
    Array.from({ length: 5 }, () => ayse.createRoom({ preset: 'public_chat' })),
  )
  await ayse.createRoom()
  await mert.createRoom({ preset: 'public_chat' })
  ok(await mert.join(both!))
  ok(await ayse.invite(invited!, mert.id))
  ok(await mert.join(left!))
  ok(await mert.leave(left!))
  ok(await ayse.setState(knocked!, 'm.room.join_rules', { join_rule: 'knock' }))
  ok(await mert.knock(knocked!))
  ok(await mert.join(banned!))
  ok(await ayse.ban(banned!, mert.id))
  expect(ok(await ask({ user_id: mert.id }))).toEqual({ joined: [both], count: 1 })
  expect(ok(await mert.call(getUnstableMutualRooms, { query: { user_id: ayse.id } }))).toEqual({
    joined: [both],
    count: 1,
  })
  ok(await ayse.leave(both!))
  expect(ok(await ask({ user_id: mert.id }))).toEqual({ joined: [], count: 0 })
})

test.each(['@nobody:localhost', '@somebody:elsewhere.example'])('with %s nothing is shared', async (user_id) => {
  expect(ok(await ask({ user_id }))).toEqual({ joined: [], count: 0 })
})

test.each([
  [{}, '400 M_MISSING_PARAM'],
  [{ user_id: 'mert' }, '400 M_INVALID_PARAM'],
  [{ user_id: '@ayse:localhost' }, '400 M_INVALID_PARAM'],
  [{ user_id: '@mert:localhost', from: 's12' }, '400 M_INVALID_PARAM'],
  [{ user_id: '@mert:localhost', from: `${Buffer.from('!room').toString('base64url')}=` }, '400 M_INVALID_PARAM'],
])('%o is refused: %s', async (query, expected) => {
  expect(refusal(await ask(query as Record<string, string>))).toBe(expected)
})

test('many rooms come in portions, each once', async () => {
  const zeynep = await addCaller(node, 'zeynep')
  const made: string[] = []
  for (let i = 0; i < maxMutualRooms + 5; i++) {
    const roomId = await ayse.createRoom({ preset: 'public_chat' })
    ok(await zeynep.join(roomId))
    made.push(roomId)
  }
  const first = ok(await ask({ user_id: zeynep.id }))
  expect(first).toMatchObject({ count: made.length, next_batch: expect.stringMatching(/^[\w.~-]{1,255}$/) })
  const second = ok(await ask({ user_id: zeynep.id, from: first.next_batch! }))
  expect(second).toEqual({ joined: expect.any(Array), count: made.length })
  expect([first.joined!.length, second.joined!.length]).toEqual([maxMutualRooms, 5])
  expect([...first.joined!, ...second.joined!].toSorted()).toEqual(made.toSorted())
})
