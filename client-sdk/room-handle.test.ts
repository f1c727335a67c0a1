import { expect, test } from 'vitest'
import type { RoomId, UserId } from '#spec/ids.ts'
import { bob, eve, kitchen, me, refusal } from './testing/fake-node.ts'
import { settle } from './testing/fake-platform.ts'
import { openClient, startClient } from './testing/start-client.ts'

const calls = (node: { requests: string[] }, part: string): string[] =>
  node.requests.filter((request) => request.includes(part))

test('members come with what they write, and all of them on demand, once', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  expect(client.room(kitchen)).toBe(room)
  await room.ready
  expect([...room.members.get().byId.keys()].sort()).toEqual([bob, me])
  expect(room.member(bob)).toMatchObject({ name: 'Bob', membership: 'join', powerLevel: Infinity })
  expect(room.member(eve)).toMatchObject({ name: 'eve', membership: 'leave', powerLevel: 0 })
  await Promise.all([room.loadMembers(), room.loadMembers()])
  await room.loadMembers()
  expect(calls(node, '/members')).toHaveLength(1)
  expect(room.members.get().complete).toBe(true)
})

test('after a gap the list of members is fetched again: a change may have been left out', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  await room.loadMembers()
  await node.drop(1006)
  node.timelineLimit = 1
  node.say('1')
  node.say('2')
  await node.platform.advance(1_000)
  expect(room.members.get().complete).toBe(false)
  await room.loadMembers()
  expect(calls(node, '/members')).toHaveLength(2)
})

test('two people with one name are told apart, as long as both are there', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  await room.ready
  const join = (membership: string) =>
    node.event('m.room.member', { membership, displayname: 'Bob' }, { state_key: eve }, eve)
  join('join')
  await node.push()
  expect([room.member(bob).name, room.member(eve).name]).toEqual([`Bob (${bob})`, `Bob (${eve})`])
  join('leave')
  await node.push()
  expect(room.member(bob).name).toBe('Bob')
})

test('a list of members that was overtaken does not bring back the past', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  await room.ready
  const answer = node.platform.fetch
  node.platform.fetch = async (url, init) => {
    const response = await answer(url, init)
    if (url.includes('/members')) {
      node.event('m.room.member', { membership: 'join', displayname: 'Robert' }, { state_key: bob })
      await node.push()
    }
    return response
  }
  await room.loadMembers()
  expect(room.member(bob).name).toBe('Robert')
})

test('state, permissions and the summary follow the room', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  await room.ready
  node.event('m.room.name', { name: 'Kitchen' }, { state_key: '' })
  node.event('m.room.topic', { topic: 'Soup' }, { state_key: '' })
  node.event('m.room.power_levels', { users: { [me]: 50 }, users_default: 0 }, { state_key: '' })
  await node.push()
  expect(room.summary.get()).toMatchObject({ name: 'Kitchen', topic: 'Soup', membership: 'join', joinedCount: 2 })
  expect(room.state('m.room.topic')).toEqual({ topic: 'Soup' })
  expect(room.state('m.room.topic', 'other')).toBeUndefined()
  expect([room.may.get().kick(eve), room.may.get().kick(bob)]).toEqual([true, false])
})

test('reading clears the count at once, tells the node, and old counts do not come back', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  const unread = () => room.summary.get().unreadCount
  node.say('1')
  node.say('2')
  await node.push()
  expect(unread()).toBe(2)
  node.fail('/read_markers', 'lost')
  await room.markRead()
  expect(unread()).toBe(0)
  await settle()
  node.ephemeral('m.typing', { user_ids: [] })
  await node.push()
  expect(unread()).toBe(0)
  node.say('3')
  await node.push()
  expect(unread()).toBe(1)
  await node.platform.advance(10_000)
  expect(calls(node, '/read_markers').length).toBeGreaterThan(1)
  await node.push()
  expect(unread()).toBe(1)
  await room.markRead()
  await settle()
  await node.push()
  expect(unread()).toBe(0)
})

test('reading up to an older event leaves what is newer; going back does nothing', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  const ids = ['1', '2', '3'].map((body) => node.say(body))
  await node.push()
  await room.markRead(ids[1])
  expect(room.summary.get().unreadCount).toBe(1)
  const before = calls(node, '/read_markers').length
  await room.markRead(ids[0])
  await settle()
  expect(calls(node, '/read_markers').length).toBeLessThanOrEqual(before + 1)
  expect(room.summary.get().unreadCount).toBe(1)
})

test('a receipt that found no answer is sent after a reload', async () => {
  const { node, client, store } = await startClient()
  node.say('1')
  await node.push()
  node.isDown = true
  await client.room(kitchen).markRead(undefined, { private: true })
  await client.close()
  node.isDown = false
  const again = await openClient(node, store)
  expect(again.client.rooms.get()[0]?.unreadCount).toBe(0)
  node.requests.length = 0
  again.client.start()
  await settle()
  expect(calls(node, '/read_markers')).toHaveLength(1)
  expect((await store.load()).rooms[0]?.pendingReceipt).toBeUndefined()
})

test('a receipt that is refused is not sent for ever', async () => {
  const { node, client, problems } = await startClient()
  node.say('1')
  await node.push()
  node.fail('/read_markers', refusal(403, 'M_FORBIDDEN'))
  await client.room(kitchen).markRead()
  await node.platform.advance(600_000)
  expect(calls(node, '/read_markers')).toHaveLength(1)
  expect(problems).toEqual([])
})

test('typing is said seldom, and its end at once or after a pause', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  for (let key = 0; key < 25; key++) {
    room.setTyping(true)
    await node.platform.advance(1_000)
  }
  expect(calls(node, '/typing')).toHaveLength(2)
  await room.sendText('done')
  await settle()
  expect(calls(node, '/typing')).toHaveLength(3)
  room.setTyping(false)
  await settle()
  expect(calls(node, '/typing')).toHaveLength(3)
  room.setTyping(true)
  await node.platform.advance(10_000)
  expect(calls(node, '/typing')).toHaveLength(5)
})

test('a direct chat is found again rather than made twice', async () => {
  const { node, client } = await startClient()
  node.accountData.set('m.direct', { [eve]: ['!eve:test'] })
  const answer = node.platform.fetch
  let made = 0
  node.platform.fetch = async (url, init) => {
    if (!url.endsWith('/createRoom')) return answer(url, init)
    expect(JSON.parse(String(init.body))).toEqual({ preset: 'trusted_private_chat', is_direct: true, invite: [bob] })
    return Response.json({ room_id: ++made === 1 ? kitchen : '!second:test' })
  }
  expect(await client.createDirectChat(bob)).toBe(kitchen)
  expect(node.accountData.get('m.direct')).toEqual({ [eve]: ['!eve:test'], [bob]: [kitchen] })
  expect(client.room(kitchen).summary.get()).toMatchObject({ isDirect: true, directUserId: bob })
  expect(await client.createDirectChat(bob)).toBe(kitchen)
  expect(made).toBe(1)
})

const garden = '!garden:test' as RoomId
const stripped = (type: string, content: object, state_key = '', sender: UserId = bob) => ({
  type,
  content,
  state_key,
  sender,
})

/** An answer that the fake node would not give by itself. */
async function answerOnce(started: Awaited<ReturnType<typeof startClient>>, rooms: object): Promise<void> {
  const { node } = started
  const sync = node.sync.bind(node)
  node.sync = (since) => ({ ...sync(since), rooms: rooms as never })
  node.ephemeral('m.typing', { user_ids: [] })
  await node.push()
  node.sync = sync
}

test('an invite is shown with who sent it; accepting a direct one makes it a direct chat', async () => {
  const started = await startClient()
  const { node, client } = started
  const events = [
    stripped('m.room.create', { room_version: '12' }),
    stripped('m.room.member', { membership: 'join', displayname: 'Bob' }, bob),
    stripped('m.room.member', { membership: 'invite', is_direct: true }, me),
  ]
  await answerOnce(started, { invite: { [garden]: { invite_state: { events } } } })
  const room = client.room(garden)
  await room.ready
  expect(client.rooms.get()[0]).toMatchObject({
    roomId: garden,
    membership: 'invite',
    name: 'Bob',
    inviter: bob,
    isDirect: true,
  })
  expect(room.member(bob).name).toBe('Bob')
  expect(room.may.get().send('m.room.message')).toBe(false)
  await room.join()
  expect(calls(node, '/join')).toEqual([`POST /_matrix/client/v3/rooms/${garden}/join`])
  expect(node.accountData.get('m.direct')).toEqual({ [bob]: [garden] })
})

test('an invite that says nothing of who sent it has a name all the same', async () => {
  const started = await startClient()
  const events = [stripped('m.room.member', { membership: 'invite' }, me)]
  await answerOnce(started, { invite: { [garden]: { invite_state: { events } } } })
  expect(started.client.rooms.get()[0]).toMatchObject({ name: 'bob', inviter: bob, isDirect: false })
})

test('the chat that a person has invited to is joined rather than a second one made', async () => {
  const started = await startClient()
  const events = [stripped('m.room.member', { membership: 'invite', is_direct: true }, me, eve)]
  await answerOnce(started, { invite: { [garden]: { invite_state: { events } } } })
  expect(await started.client.createDirectChat(eve)).toBe(garden)
  expect(calls(started.node, '/createRoom')).toEqual([])
  expect(calls(started.node, '/join')).toHaveLength(1)
})

test('a message that failed long ago is not the newest one of its room', async () => {
  const { node, client } = await startClient()
  const newest = () => client.rooms.get()[0]?.lastMessage
  node.fail('/send/', refusal(403, 'M_FORBIDDEN'))
  await client.room(kitchen).sendText('mine')
  await settle()
  expect(newest()).toMatchObject({ content: { body: 'mine' }, status: 'failed' })
  await node.platform.advance(60_000)
  node.say('later')
  await node.push()
  expect(newest()).toMatchObject({ content: { body: 'later' }, status: 'sent' })
})

test('what does not change stays the same object', async () => {
  const { node, client } = await startClient()
  const room = client.room(kitchen)
  await room.ready
  const before = [room.members.get(), room.may.get(), room.summary.get(), client.rooms.get()]
  node.ephemeral('m.typing', { user_ids: [bob] })
  await node.push()
  expect(
    [room.members.get(), room.may.get(), room.summary.get(), client.rooms.get()].every((each, i) => each === before[i]),
  ).toBe(true)
  node.say('hello')
  await node.push()
  expect([room.members.get() === before[0], room.may.get() === before[1], room.summary.get() === before[2]]).toEqual([
    true,
    true,
    false,
  ])
})

test('a room that was left is gone from the list, its history is not until it is forgotten', async () => {
  const started = await startClient()
  const { node, client, store } = started
  node.say('farewell')
  await node.push()
  const own = {
    event_id: '$gone',
    sender: bob,
    origin_server_ts: 1,
    type: 'm.room.member',
    state_key: me,
    content: { membership: 'ban' },
  }
  await answerOnce(started, { leave: { [kitchen]: { state_after: { events: [own] }, timeline: { events: [own] } } } })
  const room = client.room(kitchen)
  expect(client.rooms.get()).toEqual([])
  expect(room.summary.get()).toMatchObject({ membership: 'ban', unreadCount: 0 })
  expect((await store.timelineBefore(kitchen, Infinity, 10)).length).toBeGreaterThan(3)
  await room.forget()
  expect(await store.timelineBefore(kitchen, Infinity, 10)).toEqual([])
  expect(node.requests.at(-1)).toBe(`POST /_matrix/client/v3/rooms/${kitchen}/forget`)
})

test('a room that is joined again begins with new state', async () => {
  const started = await startClient()
  const { node, client } = started
  const room = client.room(kitchen)
  node.event('m.room.topic', { topic: 'old' }, { state_key: '' })
  await node.push()
  await answerOnce(started, { leave: { [kitchen]: { timeline: { events: [] } } } })
  const create = {
    event_id: '$c',
    sender: bob,
    origin_server_ts: 1,
    type: 'm.room.create',
    state_key: '',
    content: { room_version: '12' },
  }
  await answerOnce(started, {
    join: { [kitchen]: { state_after: { events: [create] }, timeline: { events: [], prev_batch: 's1' } } },
  })
  expect(room.summary.get().membership).toBe('join')
  expect([room.state('m.room.topic'), room.summary.get().topic]).toEqual([undefined, undefined])
  expect(room.members.get().byId.size).toBe(0)
})

test('a server without state_after: state and timeline both count', async () => {
  const started = await startClient()
  const topic = (body: string) => ({
    event_id: `$${body}`,
    sender: bob,
    origin_server_ts: 1,
    type: 'm.room.topic',
    state_key: '',
    content: { topic: body },
  })
  const room = started.client.room(kitchen)
  await answerOnce(started, {
    join: { [kitchen]: { state: { events: [topic('before')] }, timeline: { events: [topic('after')] } } },
  })
  expect(room.summary.get().topic).toBe('after')
  await answerOnce(started, {
    join: { [kitchen]: { state_after: { events: [] }, timeline: { events: [topic('shown only')] } } },
  })
  expect(room.summary.get().topic).toBe('after')
})

test('what is typed and not sent is kept', async () => {
  const { client, store, node } = await startClient()
  await client.room(kitchen).setDraft('half a sent')
  await client.close()
  const again = await openClient(node, store)
  expect(await again.client.room(kitchen).draft()).toBe('half a sent')
})

test('account data is a signal', async () => {
  const { node, client } = await startClient()
  const theme = client.accountData('org.example.theme')
  expect(theme.get()).toBeUndefined()
  await client.setAccountData('org.example.theme', { dark: true })
  expect(theme.get()).toEqual({ dark: true })
  expect(node.accountData.get('org.example.theme')).toEqual({ dark: true })
})
