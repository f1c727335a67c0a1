import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendServerNotice, sendServerNoticeOnce } from '#spec/api/admin/server-notices.ts'
import { joinRoom, leaveRoom } from '#spec/api/client/rooms.ts'
import { sync } from '#spec/api/client/sync.ts'
import { searchUserDirectory } from '#spec/api/client/user-directory.ts'
import type { ResponseOf } from '#spec/endpoint.ts'
import type { RoomId } from '#spec/ids.ts'
import { ok, refusal } from '#node/rooms/testing/caller.ts'
import { addPerson, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { checksums } from '#test/checksums.ts'
import { makeAdmin, serveAdmin } from './testing/serve-admin.ts'

let node: ServedSlices
let root: Person
let ayse: Person
beforeAll(async () => {
  node = await serveAdmin({ HEARTH_REGISTRATION: 'open', HEARTH_NOTICES_USER: 'house' })
  root = await makeAdmin(node, 'root')
  ayse = await addPerson(node, 'ayse')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const content = { msgtype: 'm.server_notice', body: 'The server moves on Sunday.' }
const bodyTo = (who: Person, more: object = {}) => ({ user_id: who.userId, content, ...more })
const synced = async (who: Person, since?: string) =>
  ok(await node.call(sync, { token: who.token, query: { ...(since && { since }) } })) as ResponseOf<typeof sync>

test('a person is invited, joins, and finds the notice in a room that is tagged', async () => {
  const { event_id: eventId } = ok(await node.call(sendServerNotice, { token: root.token, body: bodyTo(ayse) }))
  const { rooms, next_batch: since } = await synced(ayse)
  const [[roomId, invitation]] = Object.entries(rooms!.invite!) as [[RoomId, { invite_state: { events: object[] } }]]
  expect(invitation.invite_state.events).toContainEqual(
    expect.objectContaining({ type: 'm.room.name', content: { name: 'Server Notices' }, sender: '@house:localhost' }),
  )
  const params = { roomId }
  expect(refusal(await node.call(leaveRoom, { token: ayse.token, params, body: {} }))).toBe(
    '403 M_CANNOT_LEAVE_SERVER_NOTICE_ROOM',
  )

  ok(await node.call(joinRoom, { token: ayse.token, params, body: {} }))
  const joined = (await synced(ayse, since)).rooms!.join![roomId]!
  expect(joined.account_data!.events).toContainEqual({ type: 'm.tag', content: { tags: { 'm.server_notice': {} } } })
  expect(joined.timeline!.events).toContainEqual(
    expect.objectContaining({ event_id: eventId, sender: '@house:localhost', content }),
  )
})

test('a request that is repeated is answered again, to each administrator in their own name', async () => {
  const other = await makeAdmin(node, 'other')
  const once = async (who: Person) =>
    ok(await node.call(sendServerNoticeOnce, { token: who.token, params: { txnId: '1' }, body: bodyTo(ayse) })).event_id
  const first = await once(root)
  expect(await once(root)).toBe(first)
  expect(await once(other)).not.toBe(first)
})

test('what cannot be sent invites nobody', async () => {
  const mert = await addPerson(node, 'mert')
  const before = await checksums(node.database.sql)
  const send = async (more: object) =>
    refusal(await node.call(sendServerNotice, { token: root.token, body: bodyTo(mert, more) }))
  expect(await send({ type: 'x'.repeat(256) })).toBe('400 M_INVALID_PARAM')
  expect(await send({ state_key: 'x'.repeat(256) })).toBe('400 M_INVALID_PARAM')
  expect(await send({ type: 'm.room.create', state_key: '' })).toBe('403 M_FORBIDDEN')
  expect(await send({ content: { body: 'x'.repeat(64_000) } })).toBe('413 M_TOO_LARGE')
  expect(await send({ user_id: '@nobody:localhost' })).toBe('404 M_NOT_FOUND')
  expect(refusal(await node.call(sendServerNotice, { token: mert.token, body: bodyTo(ayse) }))).toBe('403 M_FORBIDDEN')
  expect(await checksums(node.database.sql)).toEqual(before)
})

test('the account of the server is nobody that people could look for', async () => {
  const { results } = ok(await node.call(searchUserDirectory, { token: ayse.token, body: { search_term: 'house' } }))
  expect(results).toEqual([])
})
