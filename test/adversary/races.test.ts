import { afterAll, beforeAll, expect, test } from 'vitest'
import { claimKeys, uploadKeys } from '#spec/api/client/keys.ts'
import { checkUsernameAvailability, register } from '#spec/api/client/register.ts'
import type { UserId } from '#spec/ids.ts'
import { addCaller, ok, refusal, type Caller } from '#node/rooms/testing/caller.ts'
import { serveHouse } from '#test/adversary/good-calls.ts'
import { goodPassword } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

/* Many who want the same thing in the same moment: one of them gets it, nobody is left hanging, and those who want something else do not notice. */

let node: ServedSlices
let ayse: Caller
let mert: Caller
beforeAll(async () => {
  node = await serveHouse()
  ayse = await addCaller(node, 'ayse')
  mert = await addCaller(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const crowd = <T>(size: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: size }, (_, n) => work(n)))
const once = (answers: readonly { status: number }[]) => answers.filter(({ status }) => status === 200)

test('500 messages into one room: all are kept, one after the other, and another room goes on meanwhile', async () => {
  const [busy, quiet] = [await ayse.createRoom(), await mert.createRoom()]
  const sent = crowd(500, (n) => ayse.say(busy, `${n}`))
  for (let n = 0; n < 10; n++) await mert.say(quiet, `${n}`)
  expect(new Set(await sent).size).toBe(500)
  const rows = await node.database.sql<{ depth: number; earlier: number }[]>`
    select (envelope::json ->> 'depth')::int as depth, json_array_length(envelope::json -> 'prev_events') as earlier
    from events where room_id = ${busy} order by position`
  expect(rows.slice(1).every(({ earlier }) => earlier === 1)).toBe(true)
  expect(rows.map(({ depth }) => depth)).toEqual(rows.map((_, n) => n + 1))
})

test('one message that is sent 500 times is one', async () => {
  const roomId = await ayse.createRoom()
  const message = { msgtype: 'm.text', body: 'once' }
  const answers = await crowd(500, () => ayse.send(roomId, 'm.room.message', message, 'the same'))
  expect(new Set(answers.map((answer) => ok(answer).event_id)).size).toBe(1)
  const [row] = await node.database.sql<{ count: number }[]>`
    select count(*)::int as count from events where room_id = ${roomId} and type = 'm.room.message'`
  expect(row!.count).toBe(1)
})

test('of 100 rooms that are made with one alias there is one, and nothing of the others', async () => {
  const before = await node.database.sql`select count(*)::int as count from rooms`
  const answers = await crowd(100, (n) => (n % 2 ? ayse : mert).tryToCreate({ room_alias_name: 'crowded' }))
  expect(once(answers)).toHaveLength(1)
  expect(new Set(answers.map((answer) => (answer.status === 200 ? 200 : refusal(answer))))).toEqual(
    new Set([200, '400 M_ROOM_IN_USE']),
  )
  expect(ok(await ayse.alias('#crowded:localhost')).room_id).toBe(once(answers)[0]!['body' as never]['room_id'])
  const after = await node.database.sql`select count(*)::int as count from rooms`
  expect(after[0]!['count']).toBe((before[0]!['count'] as number) + 1)
})

test('one person who joins 200 times has joined once', async () => {
  const roomId = await ayse.createRoom({ preset: 'public_chat' })
  expect(once(await crowd(200, () => mert.join(roomId)))).toHaveLength(200)
  const [row] = await node.database.sql<{ count: number }[]>`
    select count(*)::int as count from events where room_id = ${roomId} and type = 'm.room.member' and state_key = ${mert.id}`
  expect(row!.count).toBe(1)
})

test('joins and a ban at once: in the end whoever is banned is out', async () => {
  const roomId = await ayse.createRoom({ preset: 'public_chat' })
  const [joins] = await Promise.all([crowd(50, () => mert.join(roomId)), ayse.ban(roomId, mert.id).then(ok)])
  for (const answer of joins) if (answer.status !== 200) expect(refusal(answer)).toBe('403 M_FORBIDDEN')
  expect(ok(await ayse.piece(roomId, 'm.room.member', mert.id))).toMatchObject({ membership: 'ban' })
  expect(refusal(await mert.join(roomId))).toBe('403 M_FORBIDDEN')
})

test('of 200 who take one name one has it, and those who only ask are answered meanwhile', async () => {
  const auth = { type: 'm.login.dummy' }
  const tried = crowd(200, (n) => {
    const username = n % 2 ? 'wanted' : 'WANTED'
    return node.call(register, { body: { username, password: goodPassword, auth } })
  })
  for (let n = 0; n < 10; n++)
    expect((await node.call(checkUsernameAvailability, { query: { username: `free${n}` } })).status).toBe(200)
  const answers = await tried
  expect(once(answers)).toHaveLength(1)
  // Passwords are hashed a few at a time; of those who wait for it, some are asked to come again.
  const refusals = new Set(answers.filter(({ status }) => status !== 200).map(refusal))
  refusals.delete('429 M_LIMIT_EXCEEDED')
  expect(refusals).toEqual(new Set(['400 M_USER_IN_USE']))
})

test('of 20 one-time keys that 100 ask for each is given away once', async () => {
  const { deviceId } = ayse.person
  const keys = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`curve25519:k${n}`, `key ${n}`]))
  ok(await ayse.call(uploadKeys, { body: { one_time_keys: keys } }))
  const answers = await crowd(100, () =>
    mert.call(claimKeys, { body: { one_time_keys: { [ayse.id]: { [deviceId]: 'curve25519' } } } }),
  )
  const given = answers.flatMap((answer) =>
    Object.values(ok(answer).one_time_keys?.[ayse.id as UserId]?.[deviceId] ?? {}),
  )
  expect(given.toSorted()).toEqual(Object.values(keys).toSorted())
})
