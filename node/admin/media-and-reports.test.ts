import { afterAll, beforeAll, expect, test } from 'vitest'
import * as reports from '#spec/api/admin/event-reports.ts'
import * as media from '#spec/api/admin/media.ts'
import { downloadMedia, uploadMedia } from '#spec/api/client/media.ts'
import { setProfileField } from '#spec/api/client/profile.ts'
import { reportEvent, reportUser } from '#spec/api/client/reports.ts'
import type { Endpoint } from '#spec/endpoint.ts'
import { addCaller, ok, refusal, type Caller } from '#node/rooms/testing/caller.ts'
import type { Person } from '#test/people.ts'
import type { CallInput, ServedSlices } from '#test/serve-slices.ts'
import { makeAdmin, serveAdmin } from './testing/serve-admin.ts'

let node: ServedSlices
let root: Person
let ayse: Caller
let mert: Caller
beforeAll(async () => {
  node = await serveAdmin({ HEARTH_REGISTRATION: 'open' })
  root = await makeAdmin(node, 'root')
  ayse = await addCaller(node, 'ayse')
  mert = await addCaller(node, 'mert')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const call = <E extends Endpoint>(endpoint: E, input: CallInput = {}) =>
  node.call(endpoint, { token: root.token, ...input })

async function upload(who: Caller, body: string): Promise<{ serverName: string; mediaId: string }> {
  const headers = { authorization: `Bearer ${who.person.token}`, 'content-type': 'text/plain' }
  const response = await fetch(`${node.address}${uploadMedia.path}`, { method: 'POST', headers, body })
  const { content_uri: uri } = (await response.json()) as { content_uri: string }
  return { serverName: 'localhost', mediaId: uri.split('/').at(-1)! }
}
const statusOf = async (file: Record<string, string>) =>
  (await node.call(downloadMedia, { token: ayse.person.token, params: file })).status

test('all of it is for administrators', async () => {
  const params = { userId: ayse.id, serverName: 'localhost', mediaId: 'a', reportId: '1' }
  for (const endpoint of [...Object.values(media), ...Object.values(reports)]) {
    if (!('method' in endpoint)) continue
    const answer = await ayse.call(endpoint as Endpoint, { params, ...(endpoint.method !== 'GET' && { body: {} }) })
    expect(refusal(answer), endpoint.path).toBe('403 M_FORBIDDEN')
  }
})

test('files are listed, sorted, counted and deleted', async () => {
  const files = [await upload(ayse, 'a'), await upload(ayse, 'bbb'), await upload(ayse, 'cc')]
  const [small, large] = files.map(({ mediaId }) => mediaId)
  const params = { userId: ayse.id }
  const page = async (query: Record<string, string>) => ok(await call(media.getMediaOfUser, { params, query }))
  const sizes = async (query: Record<string, string>) => (await page(query)).media!.map((one) => one.media_length)
  expect(await sizes({ order_by: 'media_length' })).toEqual([1, 2, 3])
  expect(await sizes({ order_by: 'media_length', dir: 'b', limit: '2' })).toEqual([3, 2])
  expect(await page({ order_by: 'media_length', from: '1', limit: '1' })).toMatchObject({
    media: [{ media_length: 2, media_type: 'text/plain', quarantined_by: null }],
    next_token: 2,
    total: 3,
  })
  for (const order_by of media.mediaOrder.options) expect(await sizes({ order_by })).toHaveLength(3)
  expect(refusal(await call(media.getMediaOfUser, { params, query: { order_by: 'sha256; --' } }))).toBe(
    '400 M_INVALID_PARAM',
  )
  for (const order_by of media.usageOrder.options)
    expect(ok(await call(media.getMediaUsage, { query: { order_by } }))).toEqual({
      users: [{ user_id: ayse.id, displayname: null, media_count: 3, media_length: 6 }],
      total: 1,
    })
  expect(ok(await call(media.getMediaUsage, { query: { search_term: '%' } })).total).toBe(0)
  expect(ok(await call(media.deleteMediaItem, { params: files[0]! }))).toEqual({ deleted_media: [small], total: 1 })
  expect(refusal(await call(media.deleteMediaItem, { params: files[0]! }))).toBe('404 M_NOT_FOUND')
  const query = { order_by: 'media_length', dir: 'b', limit: '1' }
  expect(ok(await call(media.deleteMediaOfUser, { params, query })).deleted_media).toEqual([large])
  expect([await statusOf(files[0]!), await statusOf(files[1]!), await statusOf(files[2]!)]).toEqual([404, 404, 200])
})

test('what is old and large goes, and pictures of people stay unless they are to go', async () => {
  const [picture, large] = [await upload(mert, 'a picture'), await upload(mert, 'a large file')]
  const avatar = {
    params: { userId: mert.id, keyName: 'avatar_url' },
    body: { avatar_url: `mxc://localhost/${picture.mediaId}` },
  }
  ok(await mert.call(setProfileField, avatar))
  const remove = async (query: Record<string, string>) =>
    ok(await call(media.deleteOldMedia, { query: { size_gt: '5', ...query } })).deleted_media
  const later = String(node.clock.now() + 1_000)
  expect(await remove({ before_ts: '1000' })).toEqual([])
  expect(await remove({ before_ts: later })).toEqual([large.mediaId])
  expect(await remove({ before_ts: later, keep_profiles: 'false' })).toEqual([picture.mediaId])
})

test('a file in quarantine is seen by nobody, and comes back', async () => {
  const file = await upload(mert, 'evil')
  const isQuarantined = async () =>
    ok(await call(media.getMediaInfo, { params: file })).media_info!.quarantined_by !== null
  ok(await call(media.quarantineMediaItem, { params: file, body: {} }))
  expect([await statusOf(file), await isQuarantined()]).toEqual([404, true])
  ok(await call(media.unquarantineMediaItem, { params: file, body: {} }))
  expect([await statusOf(file), await isQuarantined()]).toEqual([200, false])
  expect(ok(await call(media.quarantineMediaOfUser, { params: { userId: mert.id }, body: {} }))).toEqual({
    num_quarantined: 1,
  })
  expect(await statusOf(file)).toBe(404)
  const none = { serverName: 'localhost', mediaId: 'nothing' }
  for (const endpoint of [media.getMediaInfo, media.quarantineMediaItem])
    expect(refusal(await call(endpoint, { params: none }))).toBe('404 M_NOT_FOUND')
})

test('a report tells who said what where, and can be put away', async () => {
  const roomId = await ayse.createRoom({ preset: 'public_chat', name: 'Garden' })
  ok(await mert.join(roomId))
  const rude = await ayse.say(roomId, 'Something rude')
  ok(await mert.call(reportEvent, { params: { roomId, eventId: rude }, body: { reason: 'rude' } }))
  ok(await mert.call(reportUser, { params: { userId: ayse.id }, body: { reason: 'not of an event' } }))
  ok(await ayse.call(reportEvent, { params: { roomId, eventId: rude }, body: { reason: 'sorry' } }))
  const list = async (query: Record<string, string> = {}) => ok(await call(reports.getEventReports, { query }))
  const first = { room_id: roomId, event_id: rude, sender: ayse.id, user_id: mert.id, reason: 'rude', name: 'Garden' }
  const all = await list()
  expect(all).toMatchObject({ event_reports: [{ reason: 'sorry' }, first], total: 2 })
  expect((await list({ user_id: mert.id })).event_reports).toHaveLength(1)
  expect((await list({ event_sender_user_id: mert.id })).total).toBe(0)
  expect((await list({ room_id: roomId, dir: 'f', limit: '1' })).next_token).toBe(1)
  const params = { reportId: String(all.event_reports![1]!.id) }
  expect(ok(await call(reports.getEventReport, { params }))).toMatchObject({
    ...first,
    event_json: { sender: ayse.id, type: 'm.room.message', content: { body: 'Something rude' } },
  })
  ok(await call(reports.deleteEventReport, { params }))
  expect((await list()).total).toBe(1)
  for (const endpoint of [reports.getEventReport, reports.deleteEventReport])
    expect(refusal(await call(endpoint, { params }))).toBe('404 M_NOT_FOUND')
})
