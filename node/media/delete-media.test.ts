import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { setAccountData } from '#spec/api/client/account-data.ts'
import * as events from '#spec/api/client/events.ts'
import * as api from '#spec/api/client/media.ts'
import { setProfileField } from '#spec/api/client/profile.ts'
import * as rooms from '#spec/api/client/rooms.ts'
import { parseMxc, type UserId } from '#spec/ids.ts'
import { addPerson, type Person } from '#test/people.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { deleteMedia } from './delete-media.ts'
import { listMedia, quarantineMedia } from './govern-media.ts'
import { announceFile } from './upload.ts'
import { callMedia, download, paramsOf, refusalIn, serveMedia, upload } from './testing/media-caller.ts'
import { picture } from './testing/pictures.ts'

const hourMs = 3_600_000

let node: ServedSlices
let ada: Person
let ben: Person
let roomId: string
let count = 0
beforeAll(async () => {
  node = await serveMedia()
  ada = await addPerson(node, 'ada')
  ben = await addPerson(node, 'ben')
  const body = { preset: 'public_chat', power_level_content_override: { users: { [ben.userId]: 50 } } }
  roomId = (await node.call(rooms.createRoom, { token: ada.token, body })).body.room_id!
  await node.call(rooms.joinRoom, { token: ben.token, params: { roomId }, body: {} })
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

let file: string
let content: string
beforeEach(async () => {
  content = `content ${++count}`
  file = await upload(node, ada, content)
})

async function send(who: Person, content: object, eventType = 'm.room.message'): Promise<string> {
  const params = { roomId, eventType, txnId: `t${++count}` }
  const answer = await node.call(events.sendEvent, { token: who.token, params, body: content })
  expect(answer.status).toBe(200)
  return answer.body.event_id!
}
async function redact(who: Person, eventId: string): Promise<void> {
  const params = { roomId, eventId, txnId: `t${++count}` }
  expect(await node.call(events.redactEvent, { token: who.token, params, body: {} })).toMatchObject({ status: 200 })
  await node.worker.idle()
}
const picturePost = (url: string) => ({ msgtype: 'm.image', body: 'a picture', url })
const isThere = async (uri: string) => (await download(node, ben, uri)).status === 200
const isOnDisk = (content: string) => {
  const sha256 = createHash('sha256').update(content).digest('hex')
  return existsSync(join(node.deps.config.dataDir, 'media', 'blobs', sha256.slice(0, 2), sha256.slice(2)))
}
async function sweepLater(): Promise<void> {
  node.clock.advance(7 * hourMs)
  await node.worker.idle()
}

test('a file goes with the event that showed it, and its bytes some hours later', async () => {
  const eventId = await send(ada, picturePost(file))
  await redact(ada, eventId)
  expect(await refusalIn(await download(node, ada, file))).toBe('404 M_NOT_FOUND')
  expect(isOnDisk(content)).toBe(true)
  await sweepLater()
  expect(isOnDisk(content)).toBe(false)
})

test('it goes too if somebody else redacts it, with its thumbnail and encrypted or not', async () => {
  const small = await upload(node, ada, `${content} small`)
  const eventId = await send(ada, { msgtype: 'm.image', body: '', file: { url: file }, info: { thumbnail_url: small } })
  await redact(ben, eventId)
  expect([await isThere(file), await isThere(small)]).toEqual([false, false])
})

test('it stays while another event names it, and goes with the last', async () => {
  const [first, second] = [await send(ada, picturePost(file)), await send(ben, picturePost(file))]
  await redact(ada, first)
  expect(await isThere(file)).toBe(true)
  await redact(ada, second)
  // It was ben who had sent that one, and ada who had uploaded the file.
  expect(await isThere(file)).toBe(true)
  await redact(ada, await send(ada, picturePost(file)))
  expect(await isThere(file)).toBe(false)
})

test('nobody deletes the files of others by showing them', async () => {
  await redact(ben, await send(ben, picturePost(file)))
  expect(await isThere(file)).toBe(true)
})

test('it stays where an event only mentioned it', async () => {
  await redact(ada, await send(ada, { msgtype: 'm.text', body: 'x', formatted_body: `<img src="${file}">` }))
  expect(await isThere(file)).toBe(true)
})

test('it stays while it is a picture of a profile, or kept by its owner', async () => {
  const params = { userId: ben.userId, keyName: 'avatar_url' }
  await node.call(setProfileField, { token: ben.token, params, body: { avatar_url: file } })
  await redact(ada, await send(ada, picturePost(file)))
  expect(await isThere(file)).toBe(true)
  const kept = await upload(node, ada, `${content} kept`)
  const at = { userId: ada.userId, type: 'im.ponies.user_emotes' }
  await node.call(setAccountData, { token: ada.token, params: at, body: { images: { x: { url: kept } } } })
  await redact(ada, await send(ada, picturePost(kept)))
  expect(await isThere(kept)).toBe(true)
})

test('of the same bytes under two addresses, one address goes', async () => {
  const again = await upload(node, ben, content)
  await redact(ada, await send(ada, picturePost(file)))
  await sweepLater()
  expect([await isThere(file), await isThere(again), isOnDisk(content)]).toEqual([false, true, true])
})

test('bytes go with their thumbnails, those of a picture that is its own too', async () => {
  const large = await upload(node, ada, await picture(300, 301).png().toBuffer())
  const small = await upload(node, ada, await picture(30, 31).png().toBuffer())
  for (const uri of [large, small]) {
    const query = { width: '96', height: '96', method: 'crop' }
    const response = await callMedia(node, api.getThumbnail, { who: ada, params: paramsOf(uri), query })
    expect(response.status).toBe(200)
    await response.arrayBuffer()
    expect(await deleteMedia(node.deps, parseMxc(uri)!)).toBe(true)
  }
  await sweepLater()
  await sweepLater()
  expect(await node.deps.sql`select 1 from media_thumbnails`).toEqual([])
  const [row] = await node.deps.sql`
    select count(*)::int as blobs, count(*) filter (where exists (select 1 from media m where m.sha256 = b.sha256))::int as used
    from media_blobs b`
  expect(row!['blobs']).toBe(row!['used'])
})

test('bytes that come again while they are swept away are there afterwards', async () => {
  await deleteMedia(node.deps, parseMxc(file)!)
  node.clock.advance(7 * hourMs)
  const [again] = await Promise.all([upload(node, ben, content), node.worker.idle()])
  await node.worker.idle()
  expect(await (await download(node, ada, again)).text()).toBe(content)
})

test('what was announced and never came is forgotten', async () => {
  await announceFile(node.deps, ada.userId as UserId)
  expect((await node.deps.sql`select 1 from media where sha256 is null`).length).toBe(1)
  node.clock.advance(49 * hourMs)
  await node.worker.idle()
  expect(await node.deps.sql`select 1 from media where sha256 is null`).toEqual([])
})

test('files are deleted by hand, whatever names them', async () => {
  await send(ada, picturePost(file))
  expect(await deleteMedia(node.deps, parseMxc(file)!)).toBe(true)
  expect(await deleteMedia(node.deps, parseMxc(file)!)).toBe(false)
  expect(await isThere(file)).toBe(false)
})

test('files are listed by their owner, page by page, the newest first', async () => {
  const can = await addPerson(node, 'can')
  for (const name of ['one', 'two', 'three']) {
    await upload(node, can, name, { filename: `${name}.txt` })
    node.clock.advance(1)
  }
  const first = await listMedia(node.deps, can.userId as UserId, { limit: 2 })
  expect(first).toMatchObject([{ filename: 'three.txt', sizeBytes: 5, isQuarantined: false }, { filename: 'two.txt' }])
  const second = await listMedia(node.deps, can.userId as UserId, { limit: 2, after: first[1]! })
  expect(second).toMatchObject([{ filename: 'one.txt', contentType: 'text/plain' }])
})

test('bytes that are forbidden are so under every address, stay known, and are allowed again', async () => {
  const again = await upload(node, ben, content)
  expect(await quarantineMedia(node.deps, parseMxc(file)!, true)).toBe(true)
  expect([await isThere(file), await isThere(again)]).toEqual([false, false])
  await sweepLater()
  expect(await quarantineMedia(node.deps, parseMxc(file)!, false)).toBe(true)
  expect(await isThere(again)).toBe(true)
  expect(await quarantineMedia(node.deps, parseMxc('mxc://localhost/none')!, true)).toBe(false)
})
