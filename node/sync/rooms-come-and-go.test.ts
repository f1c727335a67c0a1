import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sendStateEvent } from '#spec/api/client/events.ts'
import * as rooms from '#spec/api/client/rooms.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addTalker, bodies, invited, joined, left, serveTalk, stateKeys, type Talker } from './testing/talk.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker
let since: string

beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
})
beforeEach(async () => {
  since = (await bea.sync()).next_batch
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

test('an invitation shows what the room is and who invites, as it was then', async () => {
  const roomId = await ali.createRoom({ preset: 'private_chat', name: 'Home', invite: [bea.id] })
  await ali.setState(roomId, 'm.room.name', { name: 'Secret' })
  await ali.send(roomId, 'not for bea yet')
  const answer = await bea.sync({ since })
  const state = invited(answer, roomId)?.invite_state?.events ?? []
  expect(stateKeys(state)).toEqual([
    'm.room.create',
    `m.room.member|${ali.id}`,
    'm.room.join_rules',
    'm.room.name',
    `m.room.member|${bea.id}`,
  ])
  expect(state[3]).toEqual({ type: 'm.room.name', state_key: '', sender: ali.id, content: { name: 'Home' } })
  expect(state[4]).toMatchObject({ sender: ali.id, content: { membership: 'invite' } })
  expect(joined(answer, roomId)).toBeUndefined()
  expect((await bea.sync({ since: answer.next_batch })).rooms).toBeUndefined()
  expect(invited(await bea.sync(), roomId)?.invite_state?.events).toEqual(state)
})

test('a room that was joined comes whole, with the past that it shows', async () => {
  const roomId = await ali.createRoom({ preset: 'public_chat', name: 'Open' })
  for (let i = 0; i < 5; i++) await ali.send(roomId, `old ${i}`)
  await bea.join(roomId)
  const room = joined(await bea.sync({ since, filter: { room: { timeline: { limit: 3 } } } }), roomId)!
  expect(bodies(room)).toEqual(['old 3', 'old 4'])
  expect(room.timeline?.limited).toBe(true)
  expect(stateKeys(room.state?.events)).toEqual(
    expect.arrayContaining(['m.room.create', 'm.room.name', `m.room.member|${ali.id}`]),
  )
  expect(stateKeys(room.state?.events)).not.toContain(`m.room.member|${bea.id}`)
  expect(room.summary).toMatchObject({ 'm.joined_member_count': 2 })
  expect(room.timeline?.events.map((event) => event.unsigned?.membership)).toEqual(['leave', 'leave', 'join'])
})

test.each(['joined', 'invited'])(
  'newcomers see nothing older where the history is for %s',
  async (history_visibility) => {
    const state = { type: 'm.room.history_visibility', state_key: '', content: { history_visibility } }
    const roomId = await ali.createRoom({ preset: 'public_chat', initial_state: [state] })
    await ali.setState(roomId, 'm.room.topic', { topic: 'private' })
    await ali.send(roomId, 'private')
    await bea.join(roomId)
    await ali.send(roomId, 'for bea too')
    for (const answer of [
      await bea.sync({ since }),
      await bea.sync(),
      await bea.sync({ since, use_state_after: true }),
    ]) {
      const room = joined(answer, roomId)!
      expect(room.timeline?.events.map((event) => event.content)).toEqual([
        { membership: 'join' },
        { msgtype: 'm.text', body: 'for bea too' },
      ])
      expect(room.timeline?.limited).toBe(true)
    }
    // Whoever goes and comes back does not see what was said meanwhile.
    const { next_batch: before } = await bea.sync()
    await bea.leave(roomId)
    await ali.setState(roomId, 'm.room.topic', { topic: 'behind her back' })
    await bea.join(roomId)
    const back = joined(await bea.sync({ since: before }), roomId)!
    expect(back.timeline?.events.map((event) => event.content)).toEqual([{ membership: 'join' }])
    expect(back.timeline?.limited).toBe(true)
    expect(back.state?.events?.find((event) => event.type === 'm.room.topic')?.content).toEqual({
      topic: 'behind her back',
    })
  },
)

test('whoever is invited to a room for the invited sees it from then on', async () => {
  const state = { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'invited' } }
  const roomId = await ali.createRoom({ preset: 'private_chat', initial_state: [state] })
  await ali.send(roomId, 'before')
  await ali.invite(roomId, bea)
  await ali.send(roomId, 'between')
  await bea.join(roomId)
  expect(bodies(joined(await bea.sync({ since }), roomId))).toEqual(['between'])
})

test('a room that was left: up to the leave, and no longer', async () => {
  const roomId = await ali.createRoom({ preset: 'public_chat' })
  await bea.join(roomId)
  const { next_batch: inside } = await bea.sync()
  await ali.send(roomId, 'good bye')
  await bea.leave(roomId)
  await ali.send(roomId, 'is she gone?')
  await ali.setState(roomId, 'm.room.name', { name: 'Without bea' })
  const answer = await bea.sync({ since: inside })
  expect(joined(answer, roomId)).toBeUndefined()
  expect(left(answer, roomId)?.timeline?.events.map((event) => event.content)).toEqual([
    { msgtype: 'm.text', body: 'good bye' },
    { membership: 'leave' },
  ])
  expect(left(answer, roomId)?.state).toBeUndefined()
  expect((await bea.sync({ since: answer.next_batch })).rooms).toBeUndefined()
  expect((await bea.sync()).rooms?.leave).toBeUndefined()

  const archive = left(await bea.sync({ filter: { room: { include_leave: true, timeline: { limit: 2 } } } }), roomId)!
  expect(archive.timeline?.events.map((event) => event.content)).toEqual([
    { msgtype: 'm.text', body: 'good bye' },
    { membership: 'leave' },
  ])
  expect(stateKeys(archive.state?.events)).toContain('m.room.create')
  expect(stateKeys(archive.state?.events)).not.toContain('m.room.name')

  await bea.forget(roomId)
  expect(
    (await bea.sync({ filter: { room: { include_leave: true } } })).rooms?.leave?.[roomId as never],
  ).toBeUndefined()
  expect(bodies(left(await bea.sync({ since: inside }), roomId))).toEqual([])
})

test('joined and left since the token', async () => {
  const roomId = await ali.createRoom({ preset: 'public_chat', name: 'Open' })
  await bea.join(roomId)
  await ali.send(roomId, 'hello')
  await bea.leave(roomId)
  await ali.send(roomId, 'so short')
  const room = left(await bea.sync({ since, filter: { room: { timeline: { limit: 3 } } } }), roomId)!
  expect(bodies(room)).toEqual(['hello'])
  expect(room.timeline?.events.at(-1)?.content).toEqual({ membership: 'leave' })
  expect(stateKeys(room.state?.events)).toContain('m.room.name')
})

test('sent away, and banned after that', async () => {
  const roomId = await ali.createRoom({ preset: 'public_chat' })
  await bea.join(roomId)
  const { next_batch: inside } = await bea.sync()
  await ali.kick(roomId, bea)
  await ali.send(roomId, 'between kick and ban')
  const kicked = await bea.sync({ since: inside })
  expect(left(kicked, roomId)?.timeline?.events).toMatchObject([{ sender: ali.id, content: { membership: 'leave' } }])
  await ali.ban(roomId, bea)
  const banned = left(await bea.sync({ since: kicked.next_batch }), roomId)!
  expect(banned.timeline?.events).toMatchObject([{ content: { membership: 'ban' }, unsigned: { membership: 'ban' } }])
  expect(banned.state).toBeUndefined()
  const both = left(await bea.sync({ since: inside }), roomId)!
  expect(bodies(both)).toEqual([])
  expect(both.timeline?.events.map((event) => event.content)).toMatchObject([
    { membership: 'leave' },
    { membership: 'ban' },
  ])
  await ali.unban(roomId, bea)
})

test('an invitation that was declined or withdrawn: its end and nothing else', async () => {
  const declined = await ali.createRoom({ preset: 'private_chat', invite: [bea.id], name: 'Declined' })
  const withdrawn = await ali.createRoom({ preset: 'private_chat', invite: [bea.id], name: 'Withdrawn' })
  const { next_batch: asked } = await bea.sync({ since })
  await bea.leave(declined)
  await ali.kick(withdrawn, bea)
  const answer = await bea.sync({ since: asked })
  expect(answer.rooms?.invite).toBeUndefined()
  for (const [roomId, sender] of [
    [declined, bea.id],
    [withdrawn, ali.id],
  ] as const) {
    const room = left(answer, roomId)!
    expect(room.timeline?.events).toMatchObject([
      { sender, content: { membership: 'leave' }, unsigned: { membership: 'leave' } },
    ])
    expect(room.state).toBeUndefined()
  }
})

test('left and joined again between two answers: the timeline goes on, the state is whole', async () => {
  const roomId = await ali.createRoom({ preset: 'public_chat' })
  await bea.join(roomId)
  const { next_batch: inside } = await bea.sync()
  await bea.leave(roomId)
  await ali.send(roomId, 'come back')
  await ali.setState(roomId, 'm.room.name', { name: 'Come back' })
  await bea.join(roomId)
  const room = joined(await bea.sync({ since: inside, use_state_after: true }), roomId)!
  expect(room.timeline).toMatchObject({ limited: false })
  expect(room.timeline?.events.map((event) => event.type)).toEqual([
    'm.room.member',
    'm.room.message',
    'm.room.name',
    'm.room.member',
  ])
  expect(stateKeys(room.state_after?.events)).toEqual(
    expect.arrayContaining(['m.room.create', 'm.room.name', `m.room.member|${bea.id}`]),
  )
})

test('a room whose name was redacted is named after its people', async () => {
  const roomId = await ali.createRoom({ preset: 'public_chat', name: 'A name' })
  await bea.join(roomId)
  const { next_batch } = await bea.sync()
  const named = await ali.setState(roomId, 'm.room.name', { name: 'Another name' })
  const renamed = await bea.sync({ since: next_batch })
  expect(joined(renamed, roomId)?.summary).toEqual({ 'm.joined_member_count': 2, 'm.invited_member_count': 0 })
  await ali.redact(roomId, named)
  const unnamed = await bea.sync({ since: renamed.next_batch })
  expect(joined(unnamed, roomId)?.summary).toMatchObject({ 'm.heroes': [ali.id] })
})

test('a room that another device left and forgot is told as left, and no more of it', async () => {
  const roomId = await ali.createRoom({ preset: 'public_chat' })
  await bea.join(roomId)
  const { next_batch } = await bea.sync()
  await ali.send(roomId, 'forgotten')
  await bea.leave(roomId)
  await bea.forget(roomId)
  const room = left(await bea.sync({ since: next_batch }), roomId)
  expect(room?.timeline?.events).toMatchObject([{ state_key: bea.id, content: { membership: 'leave' } }])
  expect(left(await bea.sync({ filter: { room: { include_leave: true } } }), roomId)).toBeUndefined()
})

test('who takes no invitations gets none, and those from before are kept from them until they do', async () => {
  const cem = await addTalker(node, 'cem')
  const roomId = await ali.createRoom({ preset: 'private_chat', invite: [cem.id] })
  await cem.setData('m.invite_permission_config', { default_action: 'block' })
  expect(invited(await cem.sync(), roomId)).toBeUndefined()
  const other = await ali.createRoom({})
  const blocked = { status: 403, body: { errcode: 'M_INVITE_BLOCKED' } }
  const params = { roomId: other }
  expect(await ali.tryTo(rooms.inviteUser, { params, body: { user_id: cem.id } })).toMatchObject(blocked)
  const member = { params: { ...params, eventType: 'm.room.member', stateKey: cem.id }, body: { membership: 'invite' } }
  expect(await ali.tryTo(sendStateEvent, member)).toMatchObject(blocked)
  expect(await ali.tryTo(rooms.createRoom, { body: { invite: [cem.id] } })).toMatchObject(blocked)
  await cem.setData('m.invite_permission_config', {})
  expect(invited(await cem.sync(), roomId)).toBeDefined()
  await ali.do(rooms.inviteUser, { params, body: { user_id: cem.id } })
})
