import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
let zeynep: Caller
let stranger: Caller
beforeAll(async () => {
  node = await serveRooms()
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
  zeynep = await addCaller(node, 'zeynep')
  stranger = await addCaller(node, 'stranger')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

type Visibility = 'world_readable' | 'shared' | 'invited' | 'joined'
const roomWith = (history_visibility: Visibility = 'shared', more: object = {}) =>
  owner.createRoom({
    preset: 'public_chat',
    initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility } }],
    ...more,
  })
const topicOf = async (who: Caller, roomId: string): Promise<unknown> => {
  const [whole, piece] = [
    ok(await who.state(roomId)) as { type: string; content: object }[],
    await who.piece(roomId, 'm.room.topic'),
  ]
  const inWhole = whole.find((event) => event.type === 'm.room.topic')?.content
  expect(inWhole).toEqual(piece.status === 404 ? undefined : piece.body)
  return inWhole
}
const setTopic = async (roomId: string, topic: string) =>
  void ok(await owner.setState(roomId, 'm.room.topic', { topic }))
const membersIn = (answer: {
  body: { chunk?: readonly { state_key?: string | undefined; content: object }[] | undefined }
}) =>
  answer.body
    .chunk!.map(({ state_key, content }) => [state_key, (content as { membership: string }).membership])
    .toSorted()

describe('the state that somebody may see', () => {
  test('is the present one inside, and that of the leaving outside', async () => {
    const roomId = await roomWith()
    await setTopic(roomId, 'before')
    ok(await mert.join(roomId))
    expect(await topicOf(mert, roomId)).toEqual({ topic: 'before' })
    await setTopic(roomId, 'while inside')
    expect(await topicOf(mert, roomId)).toEqual({ topic: 'while inside' })
    ok(await mert.leave(roomId))
    await setTopic(roomId, 'after leaving')
    expect(await topicOf(mert, roomId)).toEqual({ topic: 'while inside' })
    expect(ok(await mert.piece(roomId, 'm.room.member', mert.id))).toEqual({ membership: 'leave' })
    ok(await mert.join(roomId))
    expect(await topicOf(mert, roomId)).toEqual({ topic: 'after leaving' })
  })

  test.each<[string, (roomId: string) => Promise<void>]>([
    ['banned', async (roomId) => void ok(await owner.ban(roomId, mert.id))],
    ['invited again', async (roomId) => void ok(await owner.invite(roomId, mert.id))],
    [
      'and declined an invite',
      async (roomId) => {
        ok(await owner.invite(roomId, mert.id))
        await setTopic(roomId, 'still later')
        ok(await mert.leave(roomId))
      },
    ],
    [
      'and was banned and unbanned',
      async (roomId) => {
        ok(await owner.ban(roomId, mert.id))
        await setTopic(roomId, 'still later')
        ok(await owner.unban(roomId, mert.id))
      },
    ],
  ])('stays that of the leaving for who is %s later', async (_, then) => {
    const roomId = await roomWith()
    ok(await mert.join(roomId))
    await setTopic(roomId, 'while inside')
    const last = await owner.say(roomId, 'while inside')
    ok(await mert.leave(roomId))
    await setTopic(roomId, 'after leaving')
    const hidden = await owner.say(roomId, 'after leaving')
    await then(roomId)
    await setTopic(roomId, 'last')
    expect(await topicOf(mert, roomId)).toEqual({ topic: 'while inside' })
    const seen = (await mert.history(roomId)).map((event) => event.event_id as string)
    expect([seen.includes(last), seen.includes(hidden)]).toEqual([true, false])
    expect(membersIn(await mert.members(roomId))).toEqual(
      [
        [mert.id, 'leave'],
        [owner.id, 'join'],
      ].toSorted(),
    )
    expect(refusal(await mert.joinedMembers(roomId))).toBe('403 M_FORBIDDEN')
  })

  test('for somebody banned from inside is that of the ban', async () => {
    const roomId = await roomWith()
    ok(await mert.join(roomId))
    await setTopic(roomId, 'while inside')
    ok(await owner.ban(roomId, mert.id, { reason: 'out' }))
    await setTopic(roomId, 'after')
    expect(await topicOf(mert, roomId)).toEqual({ topic: 'while inside' })
    expect(ok(await mert.piece(roomId, 'm.room.member', mert.id))).toEqual({ membership: 'ban', reason: 'out' })
  })

  test('is none for who was only invited', async () => {
    const roomId = await roomWith('invited', { invite: [mert.id] })
    for (const answer of [
      await mert.state(roomId),
      await mert.piece(roomId, 'm.room.topic'),
      await mert.members(roomId),
      await mert.messages(roomId),
    ])
      expect(refusal(answer)).toBe('403 M_FORBIDDEN')
    ok(await mert.leave(roomId))
    expect(refusal(await mert.state(roomId))).toBe('403 M_FORBIDDEN')
  })

  test('is the present one for all the world, as long as the room says so', async () => {
    const roomId = await roomWith('world_readable')
    await setTopic(roomId, 'open')
    expect(await topicOf(stranger, roomId)).toEqual({ topic: 'open' })
    expect(membersIn(await stranger.members(roomId))).toEqual([[owner.id, 'join']])
    expect(refusal(await stranger.joinedMembers(roomId))).toBe('403 M_FORBIDDEN')
    ok(await owner.setState(roomId, 'm.room.history_visibility', { history_visibility: 'shared' }))
    expect(refusal(await stranger.state(roomId))).toBe('403 M_FORBIDDEN')
  })

  test('shows redactions as they are', async () => {
    const roomId = await roomWith()
    const eventId = ok(await owner.setState(roomId, 'm.room.topic', { topic: 'rude' })).event_id!
    const redaction = ok(await owner.redact(roomId, eventId)).event_id
    const state = ok(await owner.state(roomId)) as { event_id: string; content: object; unsigned: object }[]
    expect(state.find((event) => event.event_id === eventId)).toMatchObject({
      content: {},
      unsigned: { redacted_because: { event_id: redaction } },
    })
    expect(ok(await owner.piece(roomId, 'm.room.topic'))).toEqual({})
  })
})

describe('members', () => {
  let roomId: string
  let beforeZeynep: string
  beforeAll(async () => {
    roomId = await roomWith()
    ok(await mert.join(roomId))
    beforeZeynep = ok(await owner.messages(roomId)).start!
    ok(await zeynep.join(roomId))
    ok(await mert.leave(roomId))
    ok(await owner.invite(roomId, stranger.id))
  })
  const all = () => [
    [mert.id, 'leave'],
    [owner.id, 'join'],
    [stranger.id, 'invite'],
    [zeynep.id, 'join'],
  ]

  test('are everybody who ever had to do with the room', async () => {
    expect(membersIn(await owner.members(roomId))).toEqual(all())
    expect(ok(await owner.members(roomId)).chunk![0]).toMatchObject({ type: 'm.room.member', room_id: roomId })
  })

  test.each<[Record<string, string>, string[]]>([
    [{ membership: 'join' }, ['join']],
    [{ membership: 'ban' }, []],
    [{ not_membership: 'leave' }, ['join', 'invite']],
    [{ membership: 'join', not_membership: 'leave' }, ['join', 'invite']],
    [{ membership: 'leave', not_membership: 'join' }, ['leave', 'invite']],
    [{ membership: 'join', not_membership: 'join' }, ['join', 'leave', 'invite']],
  ])('chosen by %j', async (query, memberships) => {
    const expected = all().filter(([, membership]) => memberships.includes(membership!))
    expect(membersIn(await owner.members(roomId, query))).toEqual(expected)
  })

  test('as they were at a place in the timeline', async () => {
    expect(membersIn(await owner.members(roomId, { at: beforeZeynep }))).toEqual([
      [mert.id, 'join'],
      [owner.id, 'join'],
    ])
    expect(membersIn(await owner.members(roomId, { at: beforeZeynep, membership: 'join' }))).toHaveLength(2)
    expect(membersIn(await owner.members(roomId, { at: 't9999999' }))).toEqual(all())
    expect(membersIn(await zeynep.members(roomId, { at: beforeZeynep }))).toHaveLength(2)
    expect(refusal(await owner.members(roomId, { at: 'then' }))).toBe('400 M_INVALID_PARAM')
    expect(refusal(await owner.members(roomId, { membership: 'guest' }))).toBe('400 M_INVALID_PARAM')
  })

  test('of a time that somebody may not see are not told to them', async () => {
    const closed = await roomWith('joined')
    const start = ok(await owner.messages(closed)).start!
    ok(await zeynep.join(closed))
    ok(await zeynep.leave(closed))
    ok(await mert.join(closed))
    ok(await mert.members(closed, { at: ok(await mert.messages(closed)).start! }))
    expect(refusal(await mert.members(closed, { at: start }))).toBe('403 M_FORBIDDEN')
    ok(await owner.members(closed, { at: start }))
  })

  test('who are inside, with name and picture, for those who are', async () => {
    expect(ok(await owner.joinedMembers(roomId)).joined).toEqual({ [owner.id]: {}, [zeynep.id]: {} })
    for (const who of [mert, stranger]) expect(refusal(await who.joinedMembers(roomId))).toBe('403 M_FORBIDDEN')
  })
})

test('the rooms that somebody is in', async () => {
  const before = await zeynep.joinedRooms()
  const [joined, invited, left] = [
    await zeynep.createRoom(),
    await owner.createRoom({ invite: [zeynep.id] }),
    await zeynep.createRoom(),
  ]
  ok(await zeynep.leave(left))
  const now = await zeynep.joinedRooms()
  expect(now).toEqual([...before, joined])
  expect(now).not.toContain(invited)
})
