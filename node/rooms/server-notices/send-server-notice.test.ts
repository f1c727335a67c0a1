import { afterAll, beforeAll, expect, test } from 'vitest'
import { register } from '#spec/api/client/register.ts'
import { getTags, deleteTag } from '#spec/api/client/tags.ts'
import { deactivateAccount } from '#spec/api/client/account.ts'
import type { RoomId, UserId } from '#spec/ids.ts'
import { goodPassword } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { addCaller, ok, refusal, serveRooms, type Caller } from '../testing/caller.ts'
import { readMember } from '../store.ts'
import { sendServerNotice } from './send-server-notice.ts'

const speaker = '@server-notices:localhost'
let node: ServedSlices
beforeAll(async () => {
  node = await serveRooms()
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const notice = (body: string) => ({ msgtype: 'm.server_notice', body, server_notice_type: 'org.example.news' })
const tell = (who: Caller, body: string, txnId?: string) =>
  sendServerNotice(node.deps, who.id as UserId, { content: notice(body), txnId })
const membershipOf = async (who: Caller, roomId: string) =>
  (await readMember(node.deps.sql, roomId as RoomId, who.id as UserId))?.membership

async function noticesRoomsOf(who: Caller): Promise<string[]> {
  const rows = await node.database.sql<{ roomId: string }[]>`
    select m.room_id as "roomId" from members m join current_state c on c.room_id = m.room_id and c.type = 'm.room.create'
    join events e on e.event_id = c.event_id where m.user_id = ${who.id} and e.sender = ${speaker}`
  return rows.map((row) => row.roomId)
}
const tagsOf = async (who: Caller, roomId: string) =>
  ok(await who.call(getTags, { params: { userId: who.id, roomId } })).tags

test('a person is invited to one room, whatever comes at once, and finds there what was said', async () => {
  const ayse = await addCaller(node, 'ayse')
  await Promise.all(['one', 'two', 'three'].map((body) => tell(ayse, body)))
  const rooms = await noticesRoomsOf(ayse)
  expect(rooms).toHaveLength(1)
  const roomId = rooms[0]!
  expect(await membershipOf(ayse, roomId)).toBe('invite')
  expect(await tagsOf(ayse, roomId)).toEqual({ 'm.server_notice': {} })

  ok(await ayse.join(roomId))
  const last = await tell(ayse, 'four')
  const said = (await ayse.history(roomId)).filter(({ type }) => type === 'm.room.message')
  expect(said.map(({ content }) => content['body']).toSorted()).toEqual(['four', 'one', 'three', 'two'])
  expect(said.at(-1)).toMatchObject({ event_id: last, sender: speaker, content: notice('four') })
  expect(ok(await ayse.piece(roomId, 'm.room.name'))).toEqual({ name: 'Server Notices' })
  expect(await noticesRoomsOf(ayse)).toEqual([roomId])
})

test('nobody declines the invitation, by either way; whoever has joined may leave, and is invited again', async () => {
  const mert = await addCaller(node, 'mert')
  await tell(mert, 'hello')
  const [roomId] = await noticesRoomsOf(mert)
  const declined = '403 M_CANNOT_LEAVE_SERVER_NOTICE_ROOM'
  expect(refusal(await mert.leave(roomId!))).toBe(declined)
  expect(refusal(await mert.setState(roomId!, 'm.room.member', { membership: 'leave' }, mert.id))).toBe(declined)
  expect(await membershipOf(mert, roomId!)).toBe('invite')

  ok(await mert.join(roomId!))
  ok(await mert.leave(roomId!))
  ok(await mert.call(deleteTag, { params: { userId: mert.id, roomId: roomId!, tag: 'm.server_notice' } }))
  await tell(mert, 'and again')
  expect(await noticesRoomsOf(mert)).toEqual([roomId])
  expect(await membershipOf(mert, roomId!)).toBe('invite')
  expect(await tagsOf(mert, roomId!)).toEqual({ 'm.server_notice': {} })
  expect(refusal(await mert.leave(roomId!))).toBe(declined)
})

test('an invitation of a person is declined as ever', async () => {
  const [can, deniz] = [await addCaller(node, 'can'), await addCaller(node, 'deniz')]
  const roomId = await can.createRoom({ invite: [deniz.id] })
  ok(await deniz.leave(roomId))
  expect(await membershipOf(deniz, roomId)).toBe('leave')
})

test('in the room nobody but the server says, changes or invites anything', async () => {
  const elif = await addCaller(node, 'elif')
  const stranger = await addCaller(node, 'stranger')
  await tell(elif, 'hello')
  const [roomId] = await noticesRoomsOf(elif)
  ok(await elif.join(roomId!))
  const refused = [
    await elif.send(roomId!, 'm.room.message', { msgtype: 'm.text', body: 'x' }),
    await elif.setState(roomId!, 'm.room.name', { name: 'x' }),
    await elif.invite(roomId!, stranger.id),
    await elif.kick(roomId!, speaker),
    await elif.upgrade(roomId!, '12'),
    await stranger.join(roomId!),
  ]
  expect(refused.map(refusal)).toEqual(refused.map(() => '403 M_FORBIDDEN'))
})

test('a notice of one id is sent once to each person; a piece of state is set', async () => {
  const [fatma, veli] = [await addCaller(node, 'fatma'), await addCaller(node, 'veli')]
  const first = await tell(fatma, 'once', 'id')
  expect(await tell(fatma, 'once', 'id')).toBe(first)
  expect(await tell(veli, 'once', 'id')).not.toBe(first)
  const [roomId] = await noticesRoomsOf(fatma)
  ok(await fatma.join(roomId!))
  const pinned = { pinned: [first] }
  await sendServerNotice(node.deps, fatma.id as UserId, {
    type: 'm.room.pinned_events',
    stateKey: '',
    content: pinned,
  })
  expect(ok(await fatma.piece(roomId!, 'm.room.pinned_events'))).toEqual(pinned)
  expect((await fatma.history(roomId!)).filter(({ type }) => type === 'm.room.message')).toHaveLength(1)
})

test('nobody registers by the name of the server, and those who are not here are told nothing', async () => {
  const body = { username: 'server-notices', password: goodPassword, auth: { type: 'm.login.dummy' } }
  expect(refusal(await node.call(register, { body }))).toBe('400 M_USER_IN_USE')
  for (const userId of ['@nobody:localhost', '@nobody:elsewhere.example', speaker])
    await expect(sendServerNotice(node.deps, userId as UserId, { content: notice('x') })).rejects.toMatchObject({
      code: 'M_NOT_FOUND',
    })
})

test('an account that ends goes out of the room, though it was only invited', async () => {
  const gone = await addCaller(node, 'gone')
  await tell(gone, 'hello')
  const [roomId] = await noticesRoomsOf(gone)
  const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'gone' }, password: goodPassword }
  ok(await gone.call(deactivateAccount, { body: { auth } }))
  await node.worker.idle()
  expect(await membershipOf(gone, roomId!)).toBe('leave')
})

test('the server does not speak by the account of a person', async () => {
  const other = await serveRooms({ settings: { HEARTH_NOTICES_USER: 'later' } })
  try {
    const can = await addCaller(other, 'can')
    await other.deps.sql`
      insert into accounts (user_id, created_at, search_text) values ('@later:localhost', 0, 'later')`
    await expect(sendServerNotice(other.deps, can.id as UserId, { content: notice('x') })).rejects.toMatchObject({
      code: 'M_USER_IN_USE',
    })
    expect(await can.joinedRooms()).toEqual([])
  } finally {
    await other.stop()
    await other.database.drop()
  }
})
