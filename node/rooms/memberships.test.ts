import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deleteProfileField, setProfileField } from '#spec/api/client/profile.ts'
import { checksums } from '#test/checksums.ts'
import type { Answer, ServedSlices } from '#test/serve-slices.ts'
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

const membershipOf = async (roomId: string, who: Caller): Promise<unknown> => {
  const answer = await owner.piece(roomId, 'm.room.member', who.id)
  return answer.status === 404 ? undefined : ok(answer)['membership']
}

const noRoom = '!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** The call is refused like this, and changes nothing. */
async function refuses(call: () => Promise<Answer>, expected: string): Promise<Answer> {
  const before = await checksums(node.database.sql)
  const answer = await call()
  expect(refusal(answer)).toBe(expected)
  expect(answer.body).toMatchObject({ error: expect.stringMatching(/.{12,}/) })
  expect(await checksums(node.database.sql)).toEqual(before)
  return answer
}

describe('the ways of a member', () => {
  let roomId: string
  beforeEach(async () => {
    roomId = await owner.createRoom()
  })

  test('is invited, joins, leaves, and cannot come back alone', async () => {
    ok(await owner.invite(roomId, mert.id, { reason: 'come' }))
    expect(ok(await owner.piece(roomId, 'm.room.member', mert.id))).toEqual({ membership: 'invite', reason: 'come' })
    expect(ok(await mert.join(roomId, { reason: 'gladly' })).room_id).toBe(roomId)
    expect(ok(await owner.piece(roomId, 'm.room.member', mert.id))).toEqual({ membership: 'join', reason: 'gladly' })
    expect(await mert.joinedRooms()).toContain(roomId)
    ok(await mert.leave(roomId, { reason: 'homework' }))
    expect(ok(await owner.piece(roomId, 'm.room.member', mert.id))).toEqual({ membership: 'leave', reason: 'homework' })
    expect(await mert.joinedRooms()).not.toContain(roomId)
    await refuses(() => mert.join(roomId), '403 M_FORBIDDEN')
  })

  test('declines an invite, or has it taken back', async () => {
    ok(await owner.invite(roomId, mert.id))
    ok(await mert.leave(roomId))
    expect(await membershipOf(roomId, mert)).toBe('leave')
    ok(await owner.invite(roomId, mert.id))
    ok(await owner.kick(roomId, mert.id, { reason: 'a mistake' }))
    expect(await membershipOf(roomId, mert)).toBe('leave')
    await refuses(() => mert.join(roomId), '403 M_FORBIDDEN')
  })

  test('what is so already stays so, and makes no event', async () => {
    ok(await owner.invite(roomId, mert.id))
    const once = await checksums(node.database.sql)
    ok(await owner.invite(roomId, mert.id))
    expect(await checksums(node.database.sql)).toEqual(once)
    ok(await mert.join(roomId))
    const joined = await checksums(node.database.sql)
    expect(ok(await mert.join(roomId)).room_id).toBe(roomId)
    expect(await checksums(node.database.sql)).toEqual(joined)
    ok(await mert.leave(roomId))
    const left = await checksums(node.database.sql)
    ok(await mert.leave(roomId))
    expect(await checksums(node.database.sql)).toEqual(left)
  })

  test('is kicked, and comes back where the room is public', async () => {
    const open = await owner.createRoom({ preset: 'public_chat' })
    ok(await mert.join(open))
    ok(await owner.kick(open, mert.id, { reason: 'spam' }))
    expect(ok(await owner.piece(open, 'm.room.member', mert.id))).toEqual({ membership: 'leave', reason: 'spam' })
    ok(await mert.join(open))
  })

  test('is banned, which holds until it is lifted', async () => {
    const open = await owner.createRoom({ preset: 'public_chat' })
    ok(await mert.join(open))
    ok(await owner.ban(open, mert.id, { reason: 'enough' }))
    expect(ok(await owner.piece(open, 'm.room.member', mert.id))).toEqual({ membership: 'ban', reason: 'enough' })
    expect(await mert.joinedRooms()).not.toContain(open)
    for (const call of [
      () => mert.join(open),
      () => mert.leave(open),
      () => owner.invite(open, mert.id),
      () => owner.kick(open, mert.id),
    ])
      await refuses(call, '403 M_FORBIDDEN')
    ok(await owner.unban(open, mert.id, { reason: 'forgiven' }))
    expect(ok(await owner.piece(open, 'm.room.member', mert.id))).toEqual({ membership: 'leave', reason: 'forgiven' })
    ok(await mert.join(open))
  })

  test('is banned without ever having been there', async () => {
    const open = await owner.createRoom({ preset: 'public_chat' })
    ok(await owner.ban(open, mert.id))
    await refuses(() => mert.join(open), '403 M_FORBIDDEN')
  })

  test('forgets a room that was left: no history any more, until it is joined again', async () => {
    const open = await owner.createRoom({ preset: 'public_chat' })
    const eventId = await owner.say(open, 'Hello')
    ok(await mert.join(open))
    await refuses(() => mert.forget(open), '400 M_UNKNOWN')
    ok(await mert.leave(open))
    ok(await mert.messages(open))
    ok(await mert.forget(open))
    ok(await mert.forget(open))
    for (const call of [
      () => mert.messages(open),
      () => mert.state(open),
      () => mert.members(open),
      () => mert.piece(open, 'm.room.name'),
    ])
      await refuses(call, '403 M_FORBIDDEN')
    for (const call of [() => mert.event(open, eventId), () => mert.context(open, eventId)])
      await refuses(call, '404 M_NOT_FOUND')
    ok(await mert.join(open))
    expect(ok(await mert.event(open, eventId)).event_id).toBe(eventId)
  })

  test('who forgot a room that all the world reads sees of it what the world sees', async () => {
    const open = await owner.createRoom({ preset: 'public_chat' })
    const before = await owner.say(open, 'among us')
    ok(await mert.join(open))
    ok(await owner.setState(open, 'm.room.history_visibility', { history_visibility: 'world_readable' }))
    const after = await owner.say(open, 'for all')
    ok(await mert.leave(open))
    ok(await mert.forget(open))
    for (const who of [mert, stranger]) {
      const seen = (await who.history(open)).map((event) => event.event_id as string)
      expect([seen.includes(before), seen.includes(after)]).toEqual([false, true])
      expect(refusal(await who.event(open, before))).toBe('404 M_NOT_FOUND')
      ok(await who.event(open, after))
    }
  })
})

describe('refusals', () => {
  let roomId: string
  beforeEach(async () => {
    roomId = await owner.createRoom({ preset: 'public_chat' })
    ok(await mert.join(roomId))
  })

  test.each<[string, () => Promise<Answer>, string]>([
    ['a member without the power to invite', () => mert.invite(roomId, zeynep.id), '403 M_FORBIDDEN'],
    ['... to kick', () => mert.kick(roomId, owner.id), '403 M_FORBIDDEN'],
    ['... to ban', () => mert.ban(roomId, zeynep.id), '403 M_FORBIDDEN'],
    ['an invite of somebody inside', () => owner.invite(roomId, mert.id), '403 M_FORBIDDEN'],
    ['an invite of nobody', () => owner.invite(roomId, '@nobody:localhost'), '404 M_NOT_FOUND'],
    ['an invite to another server', () => owner.invite(roomId, '@a:elsewhere.example'), '403 M_FORBIDDEN'],
    ['a kick of somebody outside', () => owner.kick(roomId, zeynep.id), '403 M_FORBIDDEN'],
    ['an unban of somebody who is not banned', () => owner.unban(roomId, mert.id), '403 M_BAD_STATE'],
    ['a ban of nobody at all', () => owner.ban(roomId, 'mert'), '400 M_BAD_JSON'],
    ['a forgetting before leaving', () => mert.forget(roomId), '400 M_UNKNOWN'],
    [
      'a join put on another',
      () => mert.setState(roomId, 'm.room.member', { membership: 'join' }, zeynep.id),
      '403 M_FORBIDDEN',
    ],
    [
      'an invite of nobody, as state',
      () => owner.setState(roomId, 'm.room.member', { membership: 'invite' }, '@nobody:localhost'),
      '404 M_NOT_FOUND',
    ],
    [
      'a membership nobody knows',
      () => owner.setState(roomId, 'm.room.member', { membership: 'guest' }, owner.id),
      '403 M_FORBIDDEN',
    ],
    [
      'a membership of a thing',
      () => owner.setState(roomId, 'm.room.member', { membership: 'leave' }, 'door'),
      '400 M_INVALID_PARAM',
    ],
    [
      'a member event without a key',
      () => owner.send(roomId, 'm.room.member', { membership: 'leave' }),
      '403 M_FORBIDDEN',
    ],
  ])('%s', async (_, call, expected) => {
    await refuses(call, expected)
  })

  test('a moderator cannot touch an equal, and who was banned cannot be kicked', async () => {
    ok(await zeynep.join(roomId))
    const levels = ok(await owner.piece(roomId, 'm.room.power_levels'))
    ok(await owner.setState(roomId, 'm.room.power_levels', { ...levels, users: { [mert.id]: 50, [zeynep.id]: 50 } }))
    await refuses(() => mert.kick(roomId, zeynep.id), '403 M_FORBIDDEN')
    await refuses(() => mert.ban(roomId, zeynep.id), '403 M_FORBIDDEN')
    await refuses(() => mert.kick(roomId, owner.id), '403 M_FORBIDDEN')
    ok(await mert.ban(roomId, stranger.id))
    await refuses(() => mert.kick(roomId, stranger.id), '403 M_FORBIDDEN')
    ok(await mert.unban(roomId, stranger.id))
  })

  test('whoever has left acts on nobody', async () => {
    ok(await mert.leave(roomId))
    for (const call of [
      () => mert.invite(roomId, zeynep.id),
      () => mert.kick(roomId, owner.id),
      () => mert.ban(roomId, zeynep.id),
      () => mert.unban(roomId, zeynep.id),
      () => mert.send(roomId, 'm.room.message', { body: 'still here' }),
      () => mert.setState(roomId, 'm.room.topic', { topic: 'mine' }),
      () => mert.joinedMembers(roomId),
    ])
      await refuses(call, '403 M_FORBIDDEN')
  })
})

test('to a stranger a room that is closed looks like one that does not exist', async () => {
  const roomId = await owner.createRoom({ name: 'secret' })
  const eventId = await owner.say(roomId, 'hidden')
  const calls: ((room: string, event: string) => Promise<Answer>)[] = [
    (room) => stranger.join(room),
    (room) => stranger.leave(room),
    (room) => stranger.forget(room),
    (room) => stranger.invite(room, mert.id),
    (room) => stranger.kick(room, owner.id),
    (room) => stranger.ban(room, owner.id),
    (room) => stranger.unban(room, owner.id),
    (room) => stranger.send(room, 'm.room.message', { body: 'hello' }),
    (room) => stranger.send(room, 'm.room.member', { membership: 'join' }),
    (room, event) => stranger.send(room, 'm.room.redaction', { redacts: event }),
    (room, event) => stranger.redact(room, event),
    (room) => stranger.setState(room, 'm.room.topic', { topic: 'mine' }),
    (room) => stranger.setState(room, 'm.room.member', { membership: 'join' }, stranger.id),
    (room) => stranger.setState(room, 'm.room.member', { membership: 'knock' }, stranger.id),
    (room) => stranger.setState(room, 'm.room.member', { membership: 'leave' }, stranger.id),
    (room) => stranger.setState(room, 'm.room.member', { membership: 'invite' }, mert.id),
    (room) => stranger.setState(room, 'm.room.canonical_alias', { alias: '#a:localhost' }),
    (room) => stranger.messages(room),
    (room) => stranger.state(room),
    (room) => stranger.piece(room, 'm.room.name'),
    (room) => stranger.piece(room, 'm.room.no_such_thing'),
    (room) => stranger.members(room),
    (room) => stranger.members(room, { at: 't1' }),
    (room) => stranger.joinedMembers(room),
    (room, event) => stranger.event(room, event),
    (room, event) => stranger.context(room, event),
  ]
  for (const call of calls) {
    const hidden = await call(roomId, eventId)
    expect([400, 403, 404]).toContain(hidden.status)
    const absent = await call(noRoom, '$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')
    expect([hidden.status, hidden.body], String(call)).toEqual([absent.status, absent.body])
  }
})

describe('restricted rooms', () => {
  const restricted = (allow: unknown, more: object = {}) =>
    owner.createRoom({
      initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'restricted', allow } }],
      ...more,
    })
  const membersOf = (room_id: string) => ({ type: 'm.room_membership', room_id })

  test.each(['8', '10', '12'])(
    'in version %s who is in a room that is named joins without an invite, and nobody else',
    async (room_version) => {
      const family = await owner.createRoom({ preset: 'public_chat' })
      const roomId = await restricted([{ type: 'org.example.other' }, membersOf(noRoom), membersOf(family)], {
        room_version,
      })
      await refuses(() => mert.join(roomId), '403 M_FORBIDDEN')
      ok(await mert.join(family))
      ok(await mert.join(roomId))
      expect(ok(await owner.piece(roomId, 'm.room.member', mert.id))).toEqual({
        membership: 'join',
        join_authorised_via_users_server: owner.id,
      })
      ok(await mert.leave(family))
      ok(await mert.leave(roomId))
      await refuses(() => mert.join(roomId), '403 M_FORBIDDEN')
      ok(await owner.invite(roomId, mert.id))
      ok(await mert.join(roomId))
      expect(ok(await owner.piece(roomId, 'm.room.member', mert.id))).toEqual({ membership: 'join' })
    },
  )

  test('the one who vouches is inside and may invite', async () => {
    const family = await owner.createRoom({ preset: 'public_chat' })
    const roomId = await restricted([membersOf(family)], {
      room_version: '11',
      power_level_content_override: { invite: 50, users: { [owner.id]: 100, [zeynep.id]: 50, [stranger.id]: 50 } },
      invite: [zeynep.id],
    })
    ok(await zeynep.join(roomId))
    ok(await owner.leave(roomId))
    ok(await mert.join(family))
    ok(await mert.join(roomId))
    expect(ok(await zeynep.piece(roomId, 'm.room.member', mert.id))).toMatchObject({
      join_authorised_via_users_server: zeynep.id,
    })
    ok(await zeynep.leave(roomId))
    ok(await stranger.join(family))
    await refuses(() => stranger.join(roomId), '403 M_FORBIDDEN')
  })

  test.each([
    undefined,
    {},
    [null],
    ['x'],
    [{ type: 'm.room_membership' }],
    [{ type: 'm.room_membership', room_id: 7 }],
  ])('the conditions %j let nobody in', async (allow) => {
    const roomId = await restricted(allow)
    await refuses(() => mert.join(roomId), '403 M_FORBIDDEN')
  })
})

describe('a profile', () => {
  const set = (who: Caller, keyName: string, value: string) =>
    who.call(setProfileField, { params: { userId: who.id, keyName }, body: { [keyName]: value } })

  test('shows in every room that its owner is in, and in no other', async () => {
    const rooms = await Promise.all([owner.createRoom({ invite: [mert.id] }), owner.createRoom({ invite: [mert.id] })])
    const [invited, left] = await Promise.all([
      owner.createRoom({ invite: [mert.id] }),
      owner.createRoom({ invite: [mert.id] }),
    ])
    for (const roomId of [...rooms, left]) ok(await mert.join(roomId))
    ok(await mert.leave(left))
    ok(await set(mert, 'displayname', 'Mert 🌊'))
    ok(await set(mert, 'avatar_url', 'mxc://localhost/wave'))
    for (const roomId of rooms) {
      const content = { membership: 'join', displayname: 'Mert 🌊', avatar_url: 'mxc://localhost/wave' }
      expect(ok(await owner.piece(roomId, 'm.room.member', mert.id))).toEqual(content)
      expect(ok(await owner.joinedMembers(roomId)).joined).toMatchObject({
        [mert.id]: { display_name: 'Mert 🌊', avatar_url: 'mxc://localhost/wave' },
      })
    }
    expect(ok(await owner.piece(invited, 'm.room.member', mert.id))).toEqual({ membership: 'invite' })
    expect(ok(await owner.piece(left, 'm.room.member', mert.id))).toEqual({ membership: 'leave' })
    const before = await checksums(node.database.sql)
    ok(await set(mert, 'displayname', 'Mert 🌊'))
    expect(await checksums(node.database.sql)).toEqual(before)
    ok(await mert.call(deleteProfileField, { params: { userId: mert.id, keyName: 'avatar_url' } }))
    expect(ok(await owner.piece(rooms[0], 'm.room.member', mert.id))).toEqual({
      membership: 'join',
      displayname: 'Mert 🌊',
    })
  })

  test('a change of name does not move the time since when somebody is a member', async () => {
    const roomId = await owner.createRoom()
    const sql = () => node.database.sql<{ position: number; since: number }[]>`
      select position, membership_position as since from members where room_id = ${roomId} and user_id = ${owner.id}`
    const [joined] = await sql()
    expect(joined!.since).toBe(joined!.position)
    ok(await set(owner, 'displayname', 'Owner'))
    const [renamed] = await sql()
    expect(renamed!.since).toBe(joined!.since)
    expect(renamed!.position).toBeGreaterThan(joined!.position)
  })

  test('of many changes at once the last one stays, in every room', async () => {
    const rooms = await Promise.all(Array.from({ length: 4 }, () => zeynep.createRoom()))
    await Promise.all(Array.from({ length: 8 }, (_, i) => set(zeynep, 'displayname', `Zeynep ${i}`)))
    const profile = await node.database.sql<{ displayname: string }[]>`
      select displayname from accounts where user_id = ${zeynep.id}`
    for (const roomId of rooms)
      expect(ok(await zeynep.piece(roomId, 'm.room.member', zeynep.id))['displayname']).toBe(profile[0]!.displayname)
  })
})

describe('many at once', () => {
  let open: string
  beforeEach(async () => {
    open = await owner.createRoom({ preset: 'public_chat' })
  })
  afterEach(async () => {
    const rows = await node.database.sql<{ heads: string }[]>`select heads from rooms where room_id = ${open}`
    expect(JSON.parse(rows[0]!.heads)).toHaveLength(1)
  })

  test('joining twenty times at once is joining once, and every answer comes after it is stored', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        ok(await mert.join(open))
        const rows = await node.database
          .sql`select 1 from members where room_id = ${open} and user_id = ${mert.id} and membership = 'join'`
        return rows.length
      }),
    )
    expect(answers).toEqual(Array.from({ length: 20 }, () => 1))
    const joins = (await owner.history(open)).filter((event) => event.sender === mert.id)
    expect(joins).toHaveLength(1)
  })

  test('leaving and being banned at once ends in a ban, whoever was first', async () => {
    ok(await mert.join(open))
    const [, ban] = await Promise.all([mert.leave(open), owner.ban(open, mert.id)])
    expect(ban.status).toBe(200)
    expect(await membershipOf(open, mert)).toBe('ban')
  })
})
