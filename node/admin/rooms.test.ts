import { afterAll, beforeAll, expect, test } from 'vitest'
import * as api from '#spec/api/admin/rooms.ts'
import { putRoomKeyBySession, createBackup } from '#spec/api/client/key-backup.ts'
import { setRoomAccountData } from '#spec/api/client/account-data.ts'
import { scheduleDelayedEvent } from '#spec/api/client/delayed-events.ts'
import { sendReceipt } from '#spec/api/client/receipts.ts'
import { reportEvent } from '#spec/api/client/reports.ts'
import { sync } from '#spec/api/client/sync.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { departuresKeptMs } from '#node/admin/delete-room.ts'
import { addCaller, ok, refusal, type Caller } from '#node/rooms/testing/caller.ts'
import type { Person } from '#test/people.ts'
import type { CallInput, ServedSlices } from '#test/serve-slices.ts'
import { makeAdmin, serveAdmin } from './testing/serve-admin.ts'

let node: ServedSlices
let root: Person
let ayse: Caller
let mert: Caller
let zeynep: Caller
beforeAll(async () => {
  node = await serveAdmin({ HEARTH_REGISTRATION: 'open' })
  root = await makeAdmin(node, 'root')
  ayse = await addCaller(node, 'ayse')
  mert = await addCaller(node, 'mert')
  zeynep = await addCaller(node, 'zeynep')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const call = <E extends Endpoint>(endpoint: E, input: CallInput = {}) =>
  node.call(endpoint, { token: root.token, ...input })
const list = async (query: Record<string, string> = {}) => ok(await call(api.listRooms, { query }))
const names = async (query: Record<string, string> = {}) => (await list(query)).rooms!.map(({ name }) => name)
const block = (roomId: string, on: boolean) => call(api.setRoomBlock, { params: { roomId }, body: { block: on } })
const remove = (roomId: string, body: object = {}) => call(api.deleteRoom, { params: { roomId }, body })
const syncOf = async (who: Caller, since?: string) =>
  ok(await who.call(sync, { query: { timeout: '0', ...(since !== undefined && { since }) } }))

/** Tables that have a row of the room, but for those that are about its deletion. */
async function tablesWith(roomId: string): Promise<string[]> {
  const { sql } = node.database
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'room_id' and table_name not in ('blocked_rooms', 'room_deletions') order by 1`
  expect(tables.length).toBeGreaterThan(15)
  const found: string[] = []
  for (const { name } of tables)
    if ((await sql`select 1 from ${sql(name)} where room_id = ${roomId} limit 1`).length > 0) found.push(name)
  return found
}

test('all of it is for administrators', async () => {
  const params = { roomId: '!a:localhost', deleteId: 'x' }
  for (const endpoint of Object.values(api)) {
    if (!('method' in endpoint)) continue
    const answer = await ayse.call(endpoint as Endpoint, { params, ...(endpoint.method !== 'GET' && { body: {} }) })
    expect(refusal(answer), endpoint.path).toBe('403 M_FORBIDDEN')
  }
})

test('rooms are found, sorted and given in pages', async () => {
  const b = await ayse.createRoom({ name: 'B%', preset: 'public_chat', topic: 'Talk', room_alias_name: 'bees' })
  ok(await mert.join(b))
  await ayse.createRoom({ name: 'a', visibility: 'public' })
  const empty = await ayse.createRoom({ name: 'C' })
  ok(await ayse.leave(empty))
  expect((await names()).toSorted()).toEqual(['B%', 'C', 'a'])
  expect(await names({ order_by: 'joined_members' })).toEqual(['B%', 'a', 'C'])
  expect(await names({ order_by: 'size', dir: 'b' })).toEqual(['C', 'a', 'B%'])
  expect([
    await names({ search_term: '%' }),
    await names({ search_term: 'BEES' }),
    await names({ search_term: empty }),
  ]).toEqual([['B%'], ['B%'], ['C']])
  expect([await names({ public_rooms: 'true' }), await names({ empty_rooms: 'true' })]).toEqual([['a'], ['C']])
  expect(await list({ from: '1', limit: '1' })).toMatchObject({
    offset: 1,
    total_rooms: 3,
    next_batch: 2,
    prev_batch: 0,
  })
  for (const order_by of api.roomOrder.options) expect(await names({ order_by })).toHaveLength(3)
  for (const order_by of ['name; drop table rooms', 'heads', '1'])
    expect(refusal(await call(api.listRooms, { query: { order_by } }))).toBe('400 M_INVALID_PARAM')
  expect(ok(await call(api.getRoom, { params: { roomId: b } }))).toMatchObject({
    name: 'B%',
    topic: 'Talk',
    creator: ayse.id,
    joined_members: 2,
    join_rules: 'public',
    federatable: true,
    history_visibility: 'shared',
  })
  expect(ok(await call(api.getMembersOfRoom, { params: { roomId: b } })).members!.toSorted()).toEqual([
    ayse.id,
    mert.id,
  ])
  for (const endpoint of [api.getRoom, api.getMembersOfRoom, api.getDeletionsOfRoom])
    expect(refusal(await call(endpoint, { params: { roomId: '!nothing:localhost' } }))).toBe('404 M_NOT_FOUND')
})

test('nobody comes into a blocked room, until it is open again', async () => {
  const roomId = await ayse.createRoom({ preset: 'public_chat' })
  expect(ok(await block(roomId, true))).toEqual({ block: true })
  expect(ok(await call(api.getRoomBlock, { params: { roomId } }))).toEqual({ block: true, user_id: root.userId })
  for (const refused of [mert.join(roomId), mert.knock(roomId), ayse.invite(roomId, mert.id)])
    expect(refusal(await refused)).toBe('403 M_FORBIDDEN')
  ok(await block(roomId, false))
  expect(ok(await call(api.getRoomBlock, { params: { roomId } }))).toEqual({ block: false })
  ok(await mert.join(roomId))
})

test('of a deleted room nothing is left, and its people hear that they are out', async () => {
  const roomId = await ayse.createRoom({
    preset: 'public_chat',
    name: 'Bad',
    room_alias_name: 'bad',
    visibility: 'public',
  })
  ok(await mert.join(roomId))
  ok(await ayse.invite(roomId, zeynep.id))
  const bad = await ayse.say(roomId, `Something bad, ${mert.id}`)
  await ayse.say(roomId, 'In a thread', { 'm.relates_to': { rel_type: 'm.thread', event_id: bad } })
  ok(await mert.call(reportEvent, { params: { roomId, eventId: bad }, body: { reason: 'bad' } }))
  ok(await ayse.call(sendReceipt, { params: { roomId, receiptType: 'm.read', eventId: bad }, body: {} }))
  ok(
    await ayse.call(setRoomAccountData, { params: { userId: ayse.id, roomId, type: 'org.example.a' }, body: { a: 1 } }),
  )
  const delayed = { roomId, eventType: 'm.room.message', txnId: 'later' }
  ok(await ayse.call(scheduleDelayedEvent, { params: delayed, body: { delay: 3_600_000, content: { body: 'x' } } }))
  const backup = { algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2', auth_data: {} }
  const { version } = ok(await ayse.call(createBackup, { body: backup }))
  const key = { first_message_index: 0, forwarded_count: 0, is_verified: true, session_data: {} }
  ok(
    await ayse.call(putRoomKeyBySession, {
      params: { roomId, sessionId: 's' },
      query: { version: version! },
      body: key,
    }),
  )
  await node.worker.idle()
  const before = [await syncOf(ayse), await syncOf(mert), await syncOf(zeynep)].map((answer) => answer.next_batch!)

  expect(refusal(await remove(roomId, { new_room_user_id: root.userId }))).toBe('400 M_INVALID_PARAM')
  const { delete_id: deleteId } = ok(await remove(roomId))
  await node.worker.idle()
  const { status, shutdown_room: shut } = ok(await call(api.getDeletion, { params: { deleteId: deleteId! } }))
  expect([status, shut!.kicked_users.toSorted(), shut!.local_aliases]).toEqual([
    'complete',
    [ayse.id, mert.id, zeynep.id],
    ['#bad:localhost'],
  ])
  expect(ok(await call(api.getDeletionsOfRoom, { params: { roomId } })).results).toHaveLength(1)
  for (const [i, who] of [ayse, mert, zeynep].entries()) {
    const { rooms } = await syncOf(who, before[i])
    expect(Object.keys(rooms?.leave ?? {}), who.id).toEqual([roomId])
    expect(Object.keys((await syncOf(who)).rooms?.join ?? {})).not.toContain(roomId)
  }
  expect(await tablesWith(roomId)).toEqual(['events', 'members', 'state_changes'])
  expect((await mert.messages(roomId)).body.chunk?.filter(({ type }) => type !== 'm.room.member') ?? []).toEqual([])
  expect(refusal(await mert.join(roomId))).toBe('403 M_FORBIDDEN')
  expect(refusal(await mert.send(roomId, 'm.room.message', { body: 'x' }))).toBe('403 M_FORBIDDEN')
  expect((await ayse.alias('#bad:localhost')).status).toBe(404)
  expect(ok(await call(api.getRoomBlock, { params: { roomId } }))).toEqual({ block: false })
  expect(refusal(await remove(roomId))).toBe('404 M_NOT_FOUND')

  node.clock.advance(departuresKeptMs)
  await node.worker.idle()
  expect(await tablesWith(roomId)).toEqual([])
  expect((await node.database.sql`select 1 from key_backups where key_count <> 0`).length).toBe(0)
  expect((await syncOf(mert)).next_batch).toBeDefined()
})

test('a room may be emptied and kept, and closed for good', async () => {
  const roomId = await ayse.createRoom({ preset: 'public_chat', name: 'Kept' })
  ok(await remove(roomId, { purge: false, block: true }))
  await node.worker.idle()
  expect(ok(await call(api.getRoom, { params: { roomId } }))).toMatchObject({ name: 'Kept', joined_members: 0 })
  expect(refusal(await ayse.join(roomId))).toBe('403 M_FORBIDDEN')
  expect(ok(await call(api.getRoomBlock, { params: { roomId } })).block).toBe(true)
})
