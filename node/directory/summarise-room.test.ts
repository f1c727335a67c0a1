import { afterAll, beforeAll, expect, test } from 'vitest'
import { getOldUnstableRoomSummary, getRoomSummary, getUnstableRoomSummary } from '#spec/api/client/room-previews.ts'
import { directory } from '#node/directory/slice.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from '#node/rooms/testing/caller.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
beforeAll(async () => {
  node = await serveRooms({ more: [directory] })
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const summaryFor = (who: Caller | undefined, roomIdOrAlias: string) =>
  node.call(getRoomSummary, { params: { roomIdOrAlias }, ...(who && { token: who.person.token }) })

test('a summary tells what a room is, by id and by alias', async () => {
  const roomId = await owner.createRoom({
    name: 'Garden',
    topic: 'What grows',
    preset: 'public_chat',
    room_alias_name: 'garden',
    creation_content: { type: 'm.space' },
    initial_state: [{ type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
  })
  const expected = {
    room_id: roomId,
    name: 'Garden',
    topic: 'What grows',
    canonical_alias: '#garden:localhost',
    num_joined_members: 1,
    world_readable: false,
    guest_can_join: false,
    join_rule: 'public',
    room_type: 'm.space',
    encryption: 'm.megolm.v1.aes-sha2',
    room_version: '12',
  }
  expect(ok(await summaryFor(undefined, roomId))).toEqual(expected)
  expect(ok(await summaryFor(mert, '#garden:localhost'))).toEqual({ ...expected, membership: 'leave' })
  expect(ok(await summaryFor(owner, roomId))).toEqual({ ...expected, membership: 'join' })
})

test('clients that know the proposal find its paths and names', async () => {
  const roomId = await owner.createRoom({
    preset: 'public_chat',
    initial_state: [{ type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
  })
  for (const endpoint of [getUnstableRoomSummary, getOldUnstableRoomSummary])
    expect(ok(await node.call(endpoint, { params: { roomIdOrAlias: roomId } }))).toMatchObject({
      room_id: roomId,
      room_version: '12',
      'im.nheko.summary.room_version': '12',
      'im.nheko.summary.version': '12',
      'im.nheko.summary.encryption': 'm.megolm.v1.aes-sha2',
    })
})

const rule = (content: object) => [{ type: 'm.room.join_rules', content }]

test.each([
  ['public', {}, true],
  ['knock', {}, true],
  ['knock_restricted', {}, true],
  ['invite', {}, false],
  ['private', {}, false],
  ['restricted', {}, false],
  ['invite', { 'm.room.history_visibility': { history_visibility: 'world_readable' } }, true],
])('a room with the rule %s and %j is open to everybody: %s', async (join_rule, more, isOpen) => {
  const state = Object.entries(more).map(([type, content]) => ({ type, content }))
  const roomId = await owner.createRoom({ initial_state: [...rule({ join_rule, allow: [] }), ...state] })
  for (const who of [undefined, mert]) {
    const answer = await summaryFor(who, roomId)
    expect(isOpen ? answer.status : refusal(answer)).toBe(isOpen ? 200 : '404 M_NOT_FOUND')
  }
})

test('a closed room is as one that is not there', async () => {
  const closed = await owner.createRoom()
  const answers = [await summaryFor(mert, closed), await summaryFor(mert, '!nothing:localhost')]
  expect(answers[0]!.body).toEqual(answers[1]!.body)
  expect(answers[0]!.status).toBe(404)
})

test('somebody invited may look, and nobody who was banned', async () => {
  const roomId = await owner.createRoom({ preset: 'public_chat' })
  const closed = await owner.createRoom()
  ok(await owner.invite(closed, mert.id))
  expect(ok(await summaryFor(mert, closed)).membership).toBe('invite')
  ok(await owner.ban(roomId, mert.id))
  expect(refusal(await summaryFor(mert, roomId))).toBe('404 M_NOT_FOUND')
  ok(await owner.setState(roomId, 'm.room.history_visibility', { history_visibility: 'world_readable' }))
  expect(ok(await summaryFor(mert, roomId)).membership).toBe('ban')
})

test('members of a room that a restricted one names may look', async () => {
  const family = await owner.createRoom({ preset: 'public_chat' })
  const allow = [{ type: 'm.room_membership', room_id: family }, { type: 'org.example.other' }, 5]
  const roomId = await owner.createRoom({
    room_version: '10',
    initial_state: rule({ join_rule: 'restricted', allow }),
  })
  expect(refusal(await summaryFor(mert, roomId))).toBe('404 M_NOT_FOUND')
  ok(await mert.join(family))
  expect(ok(await summaryFor(mert, roomId))).toMatchObject({ allowed_room_ids: [family], room_version: '10' })
  expect(refusal(await summaryFor(undefined, roomId))).toBe('404 M_NOT_FOUND')
})
