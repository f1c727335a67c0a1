import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addTalker, joined, serveTalk, stateKeys, type Talker } from './testing/talk.ts'

let node: ServedSlices
let people: Talker[]
let reader: Talker
let roomId: string

const lazy = { room: { state: { lazy_load_members: true }, timeline: { limit: 3 } } }

beforeAll(async () => {
  node = await serveTalk()
  people = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => addTalker(node, `p${i}`)))
  reader = people[8]!
  roomId = await people[0]!.createRoom({ preset: 'public_chat', name: 'Named' })
  for (const one of people.slice(1)) await one.join(roomId)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

/** Whose member events are in the state. */
const membersIn = (answer: Awaited<ReturnType<Talker['sync']>>): string[] =>
  stateKeys((joined(answer, roomId)?.state_after ?? joined(answer, roomId)?.state)?.events).flatMap((key) =>
    key.startsWith('m.room.member|') ? [key.slice('m.room.member|@'.length, -':localhost'.length)] : [],
  )

test('the senders of the timeline and the reader, no others', async () => {
  for (const i of [1, 2, 1]) await people[i]!.send(roomId, 'hello')
  const answer = await reader.sync({ filter: lazy })
  expect(membersIn(answer).toSorted()).toEqual(['p1', 'p2', 'p8'])
  expect(stateKeys(joined(answer, roomId)?.state?.events)).toContain('m.room.name')
  const after = await reader.sync({ filter: lazy, use_state_after: true })
  expect(membersIn(after).toSorted()).toEqual(['p1', 'p2', 'p8'])
})

test('a member is told once, and again when the answer was lost', async () => {
  for (const i of [1, 2, 1]) await people[i]!.send(roomId, 'hello')
  const { next_batch: first } = await reader.sync({ filter: lazy })
  await people[1]!.send(roomId, 'known')
  await people[3]!.send(roomId, 'new')
  const second = await reader.sync({ filter: lazy, since: first })
  expect(membersIn(second)).toEqual(['p3'])
  // The same token once more: the answer did not arrive.
  const repeated = await reader.sync({ filter: lazy, since: first })
  expect(membersIn(repeated)).toEqual(['p3'])
  await people[3]!.send(roomId, 'known by now')
  const third = await reader.sync({ filter: lazy, since: repeated.next_batch })
  expect(membersIn(third)).toEqual([])
  const redundant = { room: { ...lazy.room, state: { lazy_load_members: true, include_redundant_members: true } } }
  expect(membersIn(await reader.sync({ filter: redundant, since: repeated.next_batch }))).toEqual(['p3'])
  // A client that went back to an older token may have lost what it was told since.
  expect(membersIn(await reader.sync({ filter: lazy, since: first })).toSorted()).toEqual(['p1', 'p3'])
})

test('members who change while nobody looks are told, whether they talk or not', async () => {
  const { next_batch: since } = await reader.sync({ filter: lazy })
  await people[4]!.leave(roomId)
  await people[5]!.setName('Five')
  for (let i = 0; i < 4; i++) await people[1]!.send(roomId, `noise ${i}`)
  const answer = await reader.sync({ filter: lazy, since })
  expect(joined(answer, roomId)?.timeline?.limited).toBe(true)
  expect(membersIn(answer)).toEqual(expect.arrayContaining(['p4', 'p5']))
})

test('a room without a name brings its heroes', async () => {
  const unnamed = await people[0]!.createRoom({ preset: 'public_chat' })
  for (const i of [1, 2, 3, 4, 5, 6]) await people[i]!.join(unnamed)
  await reader.join(unnamed)
  for (let i = 0; i < 3; i++) await people[6]!.send(unnamed, 'noise')
  const answer = await reader.sync({ filter: lazy })
  const room = joined(answer, unnamed)!
  const members = stateKeys(room.state?.events).filter((key) => key.startsWith('m.room.member|'))
  expect(room.summary?.['m.heroes']).toHaveLength(5)
  expect(members.toSorted()).toEqual([0, 1, 2, 3, 4, 6, 8].map((i) => `m.room.member|${people[i]!.id}`))
})

test('changes in a gap are told, whoever they are about, also where the state is told whole', async () => {
  const [can, dan, eve] = [people[3]!, await addTalker(node, 'dan'), people[5]!]
  await dan.join(roomId)
  const { next_batch: since } = await reader.sync({ filter: lazy })
  await can.setName('New name')
  await dan.leave(roomId)
  for (let i = 0; i < 4; i++) await eve.send(roomId, `filler ${i}`)
  for (const more of [{}, { full_state: true }, { use_state_after: true }, { full_state: true, use_state_after: true }])
    expect(membersIn(await reader.sync({ since, filter: lazy, ...more })), JSON.stringify(more)).toEqual(
      expect.arrayContaining(['p3', 'dan']),
    )
  await reader.leave(roomId)
  await reader.join(roomId)
  const back = await reader.sync({ since, filter: lazy, use_state_after: true })
  expect(membersIn(back)).toEqual(expect.arrayContaining(['p3', 'dan', 'p8']))
})

test('state at the end of a timeline has the members that the timeline changes', async () => {
  const guest = await addTalker(node, 'guest')
  await people[0]!.invite(roomId, guest)
  const answer = await reader.sync({ filter: lazy, use_state_after: true })
  expect(membersIn(answer)).toContain('guest')
})
