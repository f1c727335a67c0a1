import { connect as connectSocket } from 'node:net'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { logout, logoutAll } from '#spec/api/client/login.ts'
import { closeCode, pingEveryMs, startWithinMs, streamPath } from '#spec/extensions/stream/messages.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { Mirror } from './testing/mirror.ts'
import { act, chance, lazyWays, ways, wide } from './testing/play.ts'
import { StreamClient } from './testing/stream-client.ts'
import { addDevice, addTalker, bodies, joined, noKeys, serveTalk, stateKeys, type Talker } from './testing/talk.ts'

let node: ServedSlices
let ali: Talker
let bea: Talker
let roomId: string

beforeAll(async () => {
  node = await serveTalk()
  ali = await addTalker(node, 'ali')
  bea = await addTalker(node, 'bea')
  roomId = await ali.createRoom({ preset: 'public_chat' })
  await bea.join(roomId)
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('start is answered at once', async () => {
  const initial = await StreamClient.start(bea, { filter: wide })
  const first = await initial.next()
  const bySync = await bea.sync({ filter: wide, use_state_after: true })
  expect(new Mirror().apply(first).view(100)).toEqual(new Mirror().apply(bySync).view(100))
  const later = await StreamClient.start(bea, { since: first.next_batch })
  expect(await later.next()).toEqual({ next_batch: first.next_batch, ...noKeys })
  await ali.send(roomId, 'missed')
  await later.next()
  const last = await StreamClient.start(bea, { since: first.next_batch })
  expect(bodies(joined(await last.next(), roomId))).toEqual(['missed'])
  for (const stream of [initial, later, last]) stream.close()
})

test.each([1, 2])('frames and sync answers lead to the same state (%i)', { timeout: 60_000 }, async (seed) => {
  const random = chance(seed)
  const people = await Promise.all(['ali', 'bea', 'can'].map((name) => addTalker(node, `${name}${seed}`)))
  const rooms = await Promise.all(
    ['public_chat', 'private_chat', 'public_chat'].map((preset, i) =>
      people[i]!.createRoom({
        preset,
        invite: people.map((p) => p.id).filter((id) => id !== people[i]!.id),
        ...(i === 2 && {
          initial_state: [
            { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
          ],
        }),
      }),
    ),
  )
  for (const who of people) for (const roomId of rooms) if (random(4) > 0) await who.join(roomId)

  const isOver = (mirror: Mirror) => () => mirror.accountData.get('org.example.end') !== undefined
  const readers = people.flatMap((who) =>
    Object.entries({ ...ways, ...lazyWays }).map(([name, way]) => {
      const mirror = new Mirror()
      return { who, name, mirror, done: way(who, mirror, isOver(mirror), chance(seed + 7)) }
    }),
  )
  for (let step = 0; step < 40; step++)
    await Promise.all(Array.from({ length: 1 + random(4) }, (_, i) => act(people, rooms, random, step * 10 + i)))
  for (const who of people) await who.setData('org.example.end', { end: true })
  await Promise.all(readers.map((reader) => reader.done))

  for (const who of people) {
    const fresh = new Mirror().apply(await who.sync({ filter: wide }))
    for (const { name, mirror } of readers.filter((reader) => reader.who === who)) {
      const isLazy = name in lazyWays
      expect(mirror.view(60, isLazy), `${who.id} by ${name}`).toEqual(fresh.view(60, isLazy))
      for (const [eventId, event] of fresh.told)
        if (mirror.told.has(eventId) && !('redacted_because' in (event as { unsigned: object }).unsigned))
          expect(mirror.told.get(eventId), `${who.id} by ${name}`).toEqual(event)
    }
  }
})

test('tokens move between stream and sync', async () => {
  const { next_batch: since } = await bea.sync()
  await ali.send(roomId, 'one')
  const stream = await StreamClient.start(bea, { since })
  const first = await stream.next()
  await ali.send(roomId, 'two')
  const second = await stream.next()
  await ali.send(roomId, 'three')
  expect(bodies(joined(await bea.sync({ since: first.next_batch }), roomId))).toEqual(['two', 'three'])
  const third = await bea.sync({ since: second.next_batch })
  expect(bodies(joined(third, roomId))).toEqual(['three'])
  stream.close()
  const again = await StreamClient.start(bea, { since: third.next_batch })
  await ali.send(roomId, 'four')
  const frames = [await again.next(), await again.next()]
  expect(frames.flatMap((frame) => bodies(joined(frame, roomId)))).toEqual(['four'])
  again.close()
})

test('bursts are coalesced, nothing is skipped', async () => {
  const streams = await Promise.all([1, 2, 3].map(() => StreamClient.start(bea)))
  for (const stream of streams) await stream.next()
  const texts = Array.from({ length: 300 }, (_, i) => `burst ${i}`)
  await Promise.all(texts.map((text) => ali.send(roomId, text)))
  for (const stream of streams) {
    const got: unknown[] = []
    let frames = 0
    for (; got.length < texts.length; frames++) got.push(...bodies(joined(await stream.next(), roomId)))
    expect(new Set(got)).toEqual(new Set(texts))
    expect(frames).toBeLessThan(200)
    stream.close()
  }
})

test('silence when nothing is new', async () => {
  const stream = await StreamClient.start(bea)
  await stream.next()
  const elsewhere = await ali.createRoom()
  await ali.send(elsewhere, 'to myself')
  await ali.type(elsewhere, true)
  await pause(100)
  expect(stream.frames).toEqual([])
  await ali.send(roomId, 'to all')
  expect(Object.keys((await stream.next()).rooms?.join ?? {})).toEqual([roomId])
  stream.close()
})

test('a filter holds for every frame', async () => {
  const filter = { room: { timeline: { not_types: ['m.reaction'] }, ephemeral: { types: [] } } }
  const stream = await StreamClient.start(bea, { filter })
  await stream.next()
  await ali.sendType(roomId, 'm.reaction', {})
  await ali.type(roomId, true)
  await ali.type(roomId, false)
  await ali.send(roomId, 'wanted')
  expect(bodies(joined(await stream.next(), roomId))).toEqual(['wanted'])
  expect(stream.frames).toEqual([])
  stream.close()
})

test('people who are ignored are not heard from the moment on', async () => {
  const can = await addTalker(node, 'noisy')
  await can.join(roomId)
  const stream = await StreamClient.start(bea)
  await stream.next()
  await can.send(roomId, 'heard')
  expect(bodies(joined(await stream.next(), roomId))).toEqual(['heard'])
  await bea.setData('m.ignored_user_list', { ignored_users: { [can.id]: {} } })
  await stream.next()
  await can.send(roomId, 'unheard')
  await ali.send(roomId, 'heard again')
  // That something was said may have changed what is unread, and be told without it.
  let heard: unknown[] = []
  while (heard.length === 0) heard = bodies(joined(await stream.next(), roomId))
  expect(heard).toEqual(['heard again'])
  await bea.setData('m.ignored_user_list', { ignored_users: {} })
  await stream.next()
  await can.send(roomId, 'and heard')
  expect(bodies(joined(await stream.next(), roomId))).toEqual(['and heard'])
  stream.close()
})

test('members are told with the first thing that they say', async () => {
  const can = await addTalker(node, 'can')
  await can.join(roomId)
  const { next_batch: since } = await bea.sync()
  const stream = await StreamClient.start(bea, { since, filter: { room: { state: { lazy_load_members: true } } } })
  await stream.next()
  const told: string[][] = []
  for (const who of [can, ali, can, ali]) {
    await who.send(roomId, 'hello')
    told.push(stateKeys(joined(await stream.next(), roomId)?.state_after?.events))
  }
  expect(told).toEqual([[`m.room.member|${can.id}`], [`m.room.member|${ali.id}`], [], []])
  stream.close()
})

test('a device hears its own transaction ids, others do not', async () => {
  const tablet = await addDevice(node, 'bea')
  const streams = await Promise.all([bea, tablet, ali].map((who) => StreamClient.start(who)))
  for (const stream of streams) await stream.next()
  await bea.sendType(roomId, 'm.room.message', { body: 'mine', msgtype: 'm.text' }, 'my own id')
  const ids: unknown[] = []
  for (const stream of streams) {
    ids.push(joined(await stream.next(), roomId)?.timeline?.events[0]?.unsigned?.transaction_id)
    stream.close()
  }
  expect(ids).toEqual(['my own id', undefined, undefined])
})

test('a slow reader is closed, others go on', async () => {
  const quick = await StreamClient.start(ali)
  const slow = await StreamClient.start(bea)
  await Promise.all([quick.next(), slow.next()])
  slow.socket.pause()
  const filler = 'x'.repeat(60_000)
  let sent = 0
  // The buffers of both ends' sockets take some megabytes before anything waits in the node.
  for (; sent < 240; sent += 8)
    await Promise.all(Array.from({ length: 8 }, (_, i) => ali.send(roomId, `${sent + i} ${filler}`)))
  slow.socket.resume()
  await slow.until(() => slow.closeCode !== undefined)
  expect(slow.closeCode).toBe(closeCode.tooSlow)
  let got = 0
  while (got < sent) got += bodies(joined(await quick.next(), roomId)).length
  expect(quick.closeCode).toBeUndefined()
  // Nothing is lost to the slow one: it comes again with the last token that it took.
  const since = slow.frames.at(-1)!.next_batch
  const again = await StreamClient.start(bea, { since, filter: wide })
  expect(joined(await again.next(), roomId)?.timeline?.events.length).toBeGreaterThan(0)
  quick.close()
  again.close()
})

test.each([logout, logoutAll])('logout closes the stream', async (endpoint) => {
  const phone = await addDevice(node, 'bea')
  const tablet = await addDevice(node, 'bea')
  const [gone, kept] = [await StreamClient.start(phone), await StreamClient.start(bea)]
  await Promise.all([gone.next(), kept.next()])
  await (endpoint === logout ? phone : tablet).do(endpoint, { body: {} })
  await gone.until(() => gone.closeCode !== undefined, 1_000)
  expect(gone.closeCode).toBe(closeCode.unauthorized)
  expect(gone.others).toMatchObject([{ type: 'error', errcode: 'M_UNKNOWN_TOKEN' }])
  if (endpoint === logout) expect(kept.closeCode).toBeUndefined()
  kept.close()
})

test('a dead peer is dropped', async () => {
  bea = await addDevice(node, 'bea')
  const alive = await StreamClient.start(bea)
  const dead = new WebSocket(node.address.replace('http', 'ws') + streamPath, { autoPong: false })
  let code: number | undefined
  dead.on('close', (closed) => (code = closed))
  await once(dead, 'open')
  dead.send(JSON.stringify({ type: 'start', access_token: bea.person.token }))
  await Promise.all([once(dead, 'message'), alive.next()])
  node.clock.advance(pingEveryMs + 1)
  await pause(100)
  expect(code).toBeUndefined()
  node.clock.advance(pingEveryMs + 1)
  await pause(100)
  expect(code).toBe(1006)
  expect(alive.closeCode).toBeUndefined()
  alive.say({ type: 'ping', id: 7 })
  await alive.until(() => alive.others.length > 0)
  expect(alive.others).toEqual([{ type: 'pong', id: 7 }])
  alive.close()
})

test('a token that expires closes the stream at the next ping', async () => {
  const { sql } = node.deps
  const phone = await addDevice(node, 'bea')
  const stream = await StreamClient.start(phone)
  await stream.next()
  await sql`update token_pairs set access_expires_at = 1 where device_id = ${phone.person.deviceId}`
  node.clock.advance(1)
  const { forgetUser } = await import('#node/accounts/known-tokens.ts')
  forgetUser(node.deps, phone.id as never)
  node.clock.advance(pingEveryMs + 1)
  await stream.until(() => stream.closeCode !== undefined)
  expect(stream.closeCode).toBe(closeCode.unauthorized)
  expect(stream.others).toMatchObject([{ errcode: 'M_UNKNOWN_TOKEN', soft_logout: true }])
})

test.each<[name: string, messages: (token: string) => (string | Buffer)[], code: number, errcode: string]>([
  ['no JSON', () => ['{'], 4400, 'M_NOT_JSON'],
  ['a binary frame', () => [Buffer.from('{}')], 4400, 'M_NOT_JSON'],
  ['no message of ours', () => ['{"type":"hello"}'], 4400, 'M_BAD_JSON'],
  ['a list', () => ['[]'], 4400, 'M_BAD_JSON'],
  ['a ping before start', () => ['{"type":"ping","id":1}'], 4400, 'M_BAD_JSON'],
  ['no token', () => ['{"type":"start"}'], 4400, 'M_BAD_JSON'],
  ['an unknown token', () => ['{"type":"start","access_token":"nobody"}'], 4401, 'M_UNKNOWN_TOKEN'],
  [
    'a bad since',
    (token) => [JSON.stringify({ type: 'start', access_token: token, since: 'x' })],
    4400,
    'M_INVALID_PARAM',
  ],
  [
    'a since of the future',
    (token) => [JSON.stringify({ type: 'start', access_token: token, since: 's99999999' })],
    4400,
    'M_INVALID_PARAM',
  ],
  [
    'a bad filter',
    (token) => [JSON.stringify({ type: 'start', access_token: token, filter: { room: 5 } })],
    4400,
    'M_BAD_JSON',
  ],
  [
    'start twice',
    (token) => Array(2).fill(JSON.stringify({ type: 'start', access_token: token })) as string[],
    4400,
    'M_BAD_JSON',
  ],
])('closed for %s', async (_, messages, code, errcode) => {
  const client = new StreamClient(node.address)
  await once(client.socket, 'open')
  for (const message of messages(ali.person.token)) client.socket.send(message)
  await client.until(() => client.closeCode !== undefined)
  expect(client.closeCode).toBe(code)
  expect(client.others).toMatchObject([{ type: 'error', errcode }])
})

test('closed for a message that is too large, and for saying nothing', async () => {
  const large = new StreamClient(node.address)
  await once(large.socket, 'open')
  large.socket.send('x'.repeat(65_537))
  await large.until(() => large.closeCode !== undefined)
  expect(large.closeCode).toBe(closeCode.tooBig)

  const silent = new StreamClient(node.address)
  await once(silent.socket, 'open')
  await pause(50)
  node.clock.advance(startWithinMs + 1)
  await silent.until(() => silent.closeCode !== undefined)
  expect(silent.closeCode).toBe(closeCode.noStart)
  expect(silent.others).toMatchObject([{ errcode: 'M_UNKNOWN' }])
})

test('what is no WebSocket handshake is refused', async () => {
  const answers: string[] = []
  for (const version of ['13', '1']) {
    const socket = connectSocket(Number(new URL(node.address).port), '127.0.0.1')
    const key = version === '13' ? 'short' : randomBytes(16).toString('base64')
    socket.write(
      `GET ${streamPath} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: ${version}\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    )
    const [data] = (await once(socket, 'data')) as [Buffer]
    answers.push(data.toString().split('\r\n')[0]!)
    socket.destroy()
  }
  expect(answers).toEqual(['HTTP/1.1 400 Bad Request', 'HTTP/1.1 400 Bad Request'])
})

test('of more than twenty streams of one user the oldest is closed', async () => {
  const can = await addTalker(node, 'dan')
  const streams: StreamClient[] = []
  for (let i = 0; i < 21; i++) {
    streams.push(await StreamClient.start(can))
    await streams[i]!.next()
  }
  await streams[0]!.until(() => streams[0]!.closeCode !== undefined)
  expect(streams[0]!.closeCode).toBe(closeCode.tooSlow)
  expect(streams.slice(1).every((stream) => stream.closeCode === undefined)).toBe(true)
  for (const stream of streams) stream.close()
})

test('a node that stops tells clients to come again', async () => {
  const stream = await StreamClient.start(ali)
  await stream.next()
  await node.stop()
  await stream.until(() => stream.closeCode !== undefined)
  expect(stream.closeCode).toBe(closeCode.restarting)
  node = await serveTalk(node.database)
})
