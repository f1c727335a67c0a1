import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { inviteUser } from '#spec/api/client/rooms.ts'
import { setProfileField } from '#spec/api/client/profile.ts'
import { checksums } from '#test/checksums.ts'
import type { Answer, ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
beforeAll(async () => {
  node = await serveRooms()
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const roomWith = (content: object, more: object = {}) =>
  owner.createRoom({ initial_state: [{ type: 'm.room.join_rules', content }], ...more })
const memberEvent = async (roomId: string) => ok(await owner.piece(roomId, 'm.room.member', mert.id))

async function refuses(call: () => Promise<Answer>, expected: string): Promise<void> {
  const before = await checksums(node.database.sql)
  expect(refusal(await call())).toBe(expected)
  expect(await checksums(node.database.sql)).toEqual(before)
}

describe.each([
  ['7', { join_rule: 'knock' }],
  ['10', { join_rule: 'knock_restricted', allow: [] }],
  ['12', { join_rule: 'knock' }],
  ['12', { join_rule: 'knock_restricted', allow: [] }],
])('in a room of version %s with the rule %j', (room_version, rule) => {
  let roomId: string
  beforeEach(async () => {
    roomId = await roomWith(rule, { room_version })
  })

  test('somebody knocks, is let in by an invite, and joins', async () => {
    await mert.call(setProfileField, {
      params: { userId: mert.id, keyName: 'displayname' },
      body: { displayname: 'Mert' },
    })
    expect(ok(await mert.knock(roomId, { reason: 'it is me' })).room_id).toBe(roomId)
    expect(await memberEvent(roomId)).toEqual({ membership: 'knock', displayname: 'Mert', reason: 'it is me' })
    await refuses(() => mert.join(roomId), '403 M_FORBIDDEN')
    ok(await owner.invite(roomId, mert.id))
    expect(await memberEvent(roomId)).toMatchObject({ membership: 'invite' })
    ok(await mert.join(roomId))
  })

  test('those inside see who knocks', async () => {
    ok(await mert.knock(roomId))
    const { chunk } = ok(await owner.members(roomId, { membership: 'knock' }))
    expect(chunk!.map((event) => event.state_key)).toEqual([mert.id])
    expect(Object.keys(ok(await owner.joinedMembers(roomId)).joined!)).toEqual([owner.id])
  })

  test('a knock is turned away by a kick, or by a ban that holds', async () => {
    ok(await mert.knock(roomId))
    ok(await owner.kick(roomId, mert.id, { reason: 'not now' }))
    expect(await memberEvent(roomId)).toMatchObject({ membership: 'leave', reason: 'not now' })
    ok(await mert.knock(roomId))
    ok(await owner.ban(roomId, mert.id))
    await refuses(() => mert.knock(roomId), '403 M_FORBIDDEN')
  })

  test('a knock is taken back by leaving, and the room can be forgotten', async () => {
    ok(await mert.knock(roomId))
    await refuses(() => mert.forget(roomId), '400 M_UNKNOWN')
    ok(await mert.leave(roomId, { reason: 'later' }))
    expect(await memberEvent(roomId)).toEqual({ membership: 'leave', reason: 'later' })
    ok(await mert.forget(roomId))
    ok(await mert.knock(roomId))
  })

  test('who has knocked need not knock again', async () => {
    ok(await mert.knock(roomId))
    const once = await checksums(node.database.sql)
    expect(ok(await mert.knock(roomId, { reason: 'hello?' })).room_id).toBe(roomId)
    expect(await checksums(node.database.sql)).toEqual(once)
  })

  test('nobody knocks who is in, or invited', async () => {
    await refuses(() => owner.knock(roomId), '403 M_FORBIDDEN')
    ok(await owner.invite(roomId, mert.id))
    await refuses(() => mert.knock(roomId), '403 M_FORBIDDEN')
  })

  test('a knock shows nothing of the room', async () => {
    const said = await owner.say(roomId, 'Who is it?')
    ok(await mert.knock(roomId))
    for (const call of [mert.messages(roomId), mert.state(roomId), mert.members(roomId), mert.joinedMembers(roomId)])
      expect(refusal(await call)).toBe('403 M_FORBIDDEN')
    expect(refusal(await mert.event(roomId, said))).toBe('404 M_NOT_FOUND')
  })
})

test.each([
  ['12', { join_rule: 'invite' }],
  ['12', { join_rule: 'public' }],
  ['12', { join_rule: 'restricted', allow: [] }],
  // These rules came later than the version.
  ['6', { join_rule: 'knock' }],
  ['9', { join_rule: 'knock_restricted', allow: [] }],
])('nobody can knock in version %s on a room with the rule %j', async (room_version, rule) => {
  const roomId = await roomWith(rule, { room_version })
  await refuses(() => mert.knock(roomId), '403 M_FORBIDDEN')
})

test('a room that is not there is refused as one that is closed', async () => {
  const closed = await owner.createRoom()
  const none = '!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  const answers = [await mert.knock(closed), await mert.knock(none)]
  expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
    Array.from({ length: 2 }, () => ({ status: 403, body: answers[0]!.body })),
  )
})

test('an alias leads to the room, and one that leads nowhere is not found', async () => {
  const roomId = await roomWith({ join_rule: 'knock' }, { room_alias_name: 'gate' })
  expect(ok(await mert.knock('#gate:localhost')).room_id).toBe(roomId)
  await refuses(() => mert.knock('#nowhere:localhost'), '404 M_NOT_FOUND')
})

test('members of a room that a knock_restricted room names just join', async () => {
  const family = await owner.createRoom({ preset: 'public_chat' })
  const roomId = await roomWith({
    join_rule: 'knock_restricted',
    allow: [{ type: 'm.room_membership', room_id: family }],
  })
  ok(await mert.knock(roomId))
  ok(await mert.join(family))
  ok(await mert.join(roomId))
  expect(await memberEvent(roomId)).toMatchObject({
    membership: 'join',
    join_authorised_via_users_server: owner.id,
  })
})

test('inviting by address is refused in plain words', async () => {
  const roomId = await owner.createRoom()
  const address = { id_server: 'id.example', id_access_token: 'x', medium: 'email', address: 'a@example.org' }
  const call = (body: object) => owner.call(inviteUser, { params: { roomId }, body })
  await refuses(() => call(address), '403 M_THREEPID_DENIED')
  await refuses(() => call({}), '400 M_BAD_JSON')
})
