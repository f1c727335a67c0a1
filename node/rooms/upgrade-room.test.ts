import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  getAccountData,
  setAccountData,
  setRoomAccountData,
  getRoomAccountData,
} from '#spec/api/client/account-data.ts'
import { getPushRule, setPushRule } from '#spec/api/client/push-rules.ts'
import { ephemeral } from '#node/ephemeral/slice.ts'
import { push } from '#node/push/slice.ts'
import { checksums } from '#test/checksums.ts'
import type { Answer, ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from './testing/caller.ts'

let node: ServedSlices
let owner: Caller
let mert: Caller
let zeynep: Caller
beforeAll(async () => {
  node = await serveRooms({ more: [ephemeral, push] })
  owner = await addCaller(node, 'owner')
  mert = await addCaller(node, 'mert')
  zeynep = await addCaller(node, 'zeynep')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const upgrade = async (who: Caller, roomId: string, version: string, more: object = {}) =>
  ok(await who.upgrade(roomId, version, more)).replacement_room!
const content = async (who: Caller, roomId: string, type: string, key = '') => ok(await who.piece(roomId, type, key))

async function refuses(call: () => Promise<Answer>, expected: string): Promise<void> {
  const before = await checksums(node.database.sql)
  expect(refusal(await call())).toBe(expected)
  expect(await checksums(node.database.sql)).toEqual(before)
}

const settings: Readonly<Record<string, object>> = {
  'm.room.join_rules': { join_rule: 'public' },
  'm.room.history_visibility': { history_visibility: 'invited' },
  'm.room.guest_access': { guest_access: 'can_join' },
  'm.room.server_acl': { allow: ['*'], deny: ['evil.example'] },
  'm.room.encryption': { algorithm: 'm.megolm.v1.aes-sha2' },
  'm.room.name': { name: 'Garden' },
  'm.room.avatar': { url: 'mxc://localhost/leaf' },
  'm.room.topic': { topic: 'What grows' },
}
const initial_state = Object.entries(settings).map(([type, of]) => ({ type, content: of }))

describe.each([
  ['6', '11'],
  ['9', '12'],
  ['10', '12'],
  ['11', '12'],
  ['12', '12'],
  ['12', '11'],
  ['11', '9'],
])('from version %s to %s', (from, to) => {
  const open = (more: object = {}) => owner.createRoom({ room_version: from, initial_state, ...more })

  test('settings and bans go along, and neither members nor what others made up', async () => {
    const roomId = await open({ invite: [zeynep.id] })
    ok(await mert.join(roomId))
    ok(await owner.ban(roomId, mert.id, { reason: 'weeds' }))
    ok(await owner.setState(roomId, 'org.example.own', { a: 1 }))
    const said = await owner.say(roomId, 'Moving!')
    const next = await upgrade(owner, roomId, to)
    for (const [type, of] of Object.entries(settings)) expect(await content(owner, next, type)).toEqual(of)
    expect(await content(owner, next, 'm.room.member', mert.id)).toEqual({ membership: 'ban', reason: 'weeds' })
    for (const [type, key] of [
      ['m.room.member', zeynep.id],
      ['org.example.own', ''],
      ['m.room.tombstone', ''],
    ] as const)
      expect(refusal(await owner.piece(next, type, key))).toBe('404 M_NOT_FOUND')
    expect(await content(owner, next, 'm.room.create')).toMatchObject({
      room_version: to,
      predecessor: { room_id: roomId, ...(to !== '12' && { event_id: said }) },
    })
    expect(await content(owner, roomId, 'm.room.tombstone')).toEqual({
      body: expect.stringMatching(/.{12,}/),
      replacement_room: next,
    })
  })

  test('those with power keep it, and nobody gains any', async () => {
    const roomId = await open()
    for (const who of [mert, zeynep]) ok(await who.join(roomId))
    const levels = await content(owner, roomId, 'm.room.power_levels')
    const users = { ...(levels['users'] as object), [mert.id]: 100, [zeynep.id]: 50 }
    ok(await owner.setState(roomId, 'm.room.power_levels', { ...levels, users, kick: 60 }))
    const next = await upgrade(mert, roomId, to).catch(() => upgrade(owner, roomId, to))
    const upgrader = (await mert.joinedRooms()).includes(next) ? mert : owner
    const after = await content(upgrader, next, 'm.room.power_levels')
    expect(after['kick']).toBe(60)
    const kept = Object.keys(users).filter((user) => to !== '12' || user !== upgrader.id)
    const listed = after['users'] as Record<string, number>
    expect(Object.keys(listed).toSorted()).toEqual(
      [...new Set([...kept, ...(from === '12' && to !== '12' ? [owner.id] : [])])].toSorted(),
    )
    expect(listed[zeynep.id]).toBe(50)
  })

  test('the old room falls quiet', async () => {
    const roomId = await open()
    ok(await mert.join(roomId))
    await upgrade(owner, roomId, to)
    expect(await content(owner, roomId, 'm.room.power_levels')).toMatchObject({ events_default: 50, invite: 50 })
    expect(refusal(await mert.send(roomId, 'm.room.message', { msgtype: 'm.text', body: 'Hello?' }))).toBe(
      '403 M_FORBIDDEN',
    )
    await owner.say(roomId, 'This way, please.')
  })
})

describe('what leads to the room', () => {
  test('aliases and the directory go along', async () => {
    const roomId = await owner.createRoom({ preset: 'public_chat', visibility: 'public', room_alias_name: 'lane' })
    ok(await owner.setAlias('#path:localhost', roomId))
    const next = await upgrade(owner, roomId, '12')
    for (const alias of ['#lane:localhost', '#path:localhost']) expect(ok(await mert.alias(alias)).room_id).toBe(next)
    expect(await content(owner, next, 'm.room.canonical_alias')).toEqual({ alias: '#lane:localhost' })
    expect(await content(owner, roomId, 'm.room.canonical_alias')).toEqual({})
    expect([ok(await owner.visibility(roomId)).visibility, ok(await mert.visibility(next)).visibility]).toEqual([
      'private',
      'public',
    ])
  })

  test('a space takes what it is made of along, and what is out of it stays out', async () => {
    const [child, former] = [await owner.createRoom(), await owner.createRoom()]
    const space = await owner.createRoom({ creation_content: { type: 'm.space', 'm.federate': false } })
    ok(await owner.setState(space, 'm.space.child', { via: ['localhost'], suggested: true }, child))
    ok(await owner.setState(space, 'm.space.child', {}, former))
    const next = await upgrade(owner, space, '12')
    expect(await content(owner, next, 'm.room.create')).toMatchObject({ type: 'm.space', 'm.federate': false })
    expect(await content(owner, next, 'm.space.child', child)).toEqual({ via: ['localhost'], suggested: true })
    expect(refusal(await owner.piece(next, 'm.space.child', former))).toBe('404 M_NOT_FOUND')
  })
})

describe('creators', () => {
  test('are named anew with each upgrade to a version that has them', async () => {
    const roomId = await owner.createRoom({
      preset: 'public_chat',
      creation_content: { additional_creators: [zeynep.id] },
    })
    const next = await upgrade(owner, roomId, '12', { additional_creators: [mert.id, owner.id, mert.id] })
    const create = await content(owner, next, 'm.room.create')
    expect(create['additional_creators']).toEqual([mert.id])
    expect((await content(owner, next, 'm.room.power_levels'))['users']).toEqual({})
  })

  test('are in the list of levels where a version has none above it', async () => {
    const roomId = await owner.createRoom({ creation_content: { additional_creators: [zeynep.id] } })
    const next = await upgrade(owner, roomId, '11', { additional_creators: [mert.id] })
    expect(await content(owner, next, 'm.room.create')).not.toHaveProperty('additional_creators')
    expect((await content(owner, next, 'm.room.power_levels'))['users']).toEqual({ [owner.id]: 100, [zeynep.id]: 100 })
  })

  test('alone may close the next room, unless the old one said otherwise', async () => {
    const roomId = await owner.createRoom({ room_version: '11', power_level_content_override: { events: {} } })
    const next = await upgrade(owner, roomId, '12')
    expect((await content(owner, next, 'm.room.power_levels'))['events']).toEqual({ 'm.room.tombstone': 150 })
  })
})

test('levels that old versions write as strings become integers', async () => {
  const roomId = await owner.createRoom({ room_version: '9' })
  const { sql } = node.database
  const levels = await content(owner, roomId, 'm.room.power_levels')
  const users = levels['users'] as Record<string, number>
  await sql`
    update events set content = ${JSON.stringify({ ...levels, kick: '40', users: { ...users, [mert.id]: '75' } })}
    where room_id = ${roomId} and type = 'm.room.power_levels'`
  const again = await serveRooms({ database: node.database })
  const next = ok(await owner.on(again).upgrade(roomId, '10')).replacement_room!
  expect(ok(await owner.on(again).piece(next, 'm.room.power_levels'))).toMatchObject({
    kick: 40,
    users: { [mert.id]: 75 },
  })
  await again.stop()
  node = await serveRooms({ database: node.database, more: [ephemeral, push] })
  owner = owner.on(node)
  mert = mert.on(node)
  zeynep = zeynep.on(node)
})

describe('what people have set', () => {
  const account = (who: Caller, type: string, body: object) =>
    who.call(setAccountData, { params: { userId: who.id, type }, body })
  const inRoom = (who: Caller, roomId: string, type: string, body: object) =>
    who.call(setRoomAccountData, { params: { userId: who.id, roomId, type }, body })
  const tagsOf = (who: Caller, roomId: string) =>
    who.call(getRoomAccountData, { params: { userId: who.id, roomId, type: 'm.tag' } })

  async function arrange(who: Caller, roomId: string): Promise<void> {
    ok(await inRoom(who, roomId, 'm.tag', { tags: { 'm.favourite': { order: 0.5 } } }))
    ok(await account(who, 'm.direct', { [owner.id]: [roomId], '@other:localhost': ['!x:y'] }))
    ok(
      await who.call(setPushRule, {
        params: { kind: 'room', ruleId: roomId },
        body: { actions: ['notify'] },
      }),
    )
    const conditions = [{ kind: 'event_match', key: 'room_id', pattern: roomId }]
    ok(
      await who.call(setPushRule, {
        params: { kind: 'override', ruleId: roomId },
        body: { actions: [], conditions },
      }),
    )
  }

  async function expectArranged(who: Caller, roomId: string, next: string): Promise<void> {
    expect(ok(await tagsOf(who, next))).toEqual({ tags: { 'm.favourite': { order: 0.5 } } })
    const direct = ok(await who.call(getAccountData, { params: { userId: who.id, type: 'm.direct' } }))
    expect(direct).toEqual({ [owner.id]: [roomId, next], '@other:localhost': ['!x:y'] })
    const rule = async (kind: string) => ok(await who.call(getPushRule, { params: { kind, ruleId: next } }))
    expect(await rule('room')).toMatchObject({ actions: ['notify'], enabled: true })
    expect(await rule('override')).toMatchObject({
      actions: [],
      conditions: [{ kind: 'event_match', key: 'room_id', pattern: next }],
    })
  }

  test('goes along, at once for who upgrades, and for others when they join', async () => {
    const roomId = await owner.createRoom({ preset: 'public_chat' })
    ok(await mert.join(roomId))
    for (const who of [owner, mert]) await arrange(who, roomId)
    const next = await upgrade(owner, roomId, '12')
    await expectArranged(owner, roomId, next)
    expect(refusal(await tagsOf(mert, next))).toBe('404 M_NOT_FOUND')
    ok(await mert.join(next))
    await expectArranged(mert, roomId, next)
    // What is set for the new room stays, however often somebody comes back.
    ok(await inRoom(mert, next, 'm.tag', { tags: {} }))
    ok(await mert.leave(next))
    ok(await mert.join(next))
    expect(ok(await tagsOf(mert, next))).toEqual({ tags: {} })
  })

  test('does not go to a room that only says of itself that it is the next one', async () => {
    const roomId = await owner.createRoom({ preset: 'public_chat' })
    ok(await mert.join(roomId))
    ok(await inRoom(mert, roomId, 'm.tag', { tags: { 'm.favourite': {} } }))
    const fake = await zeynep.createRoom({
      preset: 'public_chat',
      creation_content: { predecessor: { room_id: roomId } },
    })
    ok(await mert.join(fake))
    expect(refusal(await tagsOf(mert, fake))).toBe('404 M_NOT_FOUND')
    expect(ok(await mert.visibility(roomId)).visibility).toBe('private')
  })
})

describe('is refused', () => {
  test('to those without the power, and to strangers as if there were no room', async () => {
    const roomId = await owner.createRoom({ preset: 'public_chat' })
    await refuses(() => mert.upgrade(roomId, '12'), '403 M_FORBIDDEN')
    ok(await mert.join(roomId))
    await refuses(() => mert.upgrade(roomId, '12'), '403 M_FORBIDDEN')
    await refuses(() => owner.upgrade('!nothing:localhost', '12'), '403 M_FORBIDDEN')
  })

  test.each(['', '0', '13', 'org.example', '__proto__'])('for the version %j', async (version) => {
    const roomId = await owner.createRoom()
    await refuses(() => owner.upgrade(roomId, version), '400 M_UNSUPPORTED_ROOM_VERSION')
  })

  test('whole, if anything of it cannot be stored', async () => {
    const roomId = await owner.createRoom({ room_alias_name: 'halfway' })
    const { sql } = node.database
    await sql`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'planted'; end $$`
    await sql`create trigger planted before update on room_aliases for each row execute function refuse()`
    const level = node.deps.log.level
    node.deps.log.level = 'silent'
    await refuses(() => owner.upgrade(roomId, '12'), '500 M_UNKNOWN')
    node.deps.log.level = level
    await sql`drop trigger planted on room_aliases`
    const next = await upgrade(owner, roomId, '12')
    expect(ok(await owner.alias('#halfway:localhost')).room_id).toBe(next)
    await owner.say(next, 'Here we are.')
  })
})

test('who may close a room but not change its levels leaves those as they are', async () => {
  const roomId = await owner.createRoom({ preset: 'public_chat', room_version: '11' })
  ok(await mert.join(roomId))
  const levels = await content(owner, roomId, 'm.room.power_levels')
  const changed = {
    ...levels,
    users: { ...(levels['users'] as object), [mert.id]: 50 },
    events: { ...(levels['events'] as object), 'm.room.tombstone': 50 },
  }
  ok(await owner.setState(roomId, 'm.room.power_levels', changed))
  const next = await upgrade(mert, roomId, '11')
  expect(await content(owner, roomId, 'm.room.power_levels')).toEqual(changed)
  expect(await content(mert, next, 'm.room.power_levels')).toEqual(changed)
  // The power that it took is gone.
  expect(refusal(await mert.setState(next, 'm.room.power_levels', { ...changed, ban: 0 }))).toBe('403 M_FORBIDDEN')
})

test('hundreds of bans go along', async () => {
  const roomId = await owner.createRoom()
  const banned = Array.from({ length: 120 }, (_, i) => `@troll${i}:elsewhere.example`)
  for (const user of banned) ok(await owner.ban(roomId, user))
  const next = await upgrade(owner, roomId, '12')
  const { chunk } = ok(await owner.members(next, { membership: 'ban' }))
  expect(chunk!.map((event) => event.state_key).toSorted()).toEqual(banned.toSorted())
})
