import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { setRoomAlias } from '#spec/api/client/room-directory.ts'
import { setPresence } from '#spec/api/client/presence.ts'
import type { Talker } from '#node/sync/testing/talk.ts'
import { addTalker } from '#node/sync/testing/talk.ts'
import type { ServedSlices } from '#test/serve-slices.ts'
import { Bridge, serveBridges, told, type Told } from './testing/bridge.ts'

/** Hears of its users alone. */
const irc = new Bridge('irc')
/** Hears of rooms and aliases too, and of what passes. */
const log = new Bridge('log')
const files: string[] = []
let node: ServedSlices
let ayse: Talker
let ghost: Talker

beforeAll(async () => {
  files.push(await irc.open())
  files.push(
    await log.open({
      receive_ephemeral: true,
      namespaces: {
        users: [{ exclusive: true, regex: '@_log_.*:localhost' }],
        aliases: [{ exclusive: false, regex: '#logged_.*:localhost' }],
        rooms: [],
      },
    }),
  )
  node = await serveBridges(files)
  ayse = await addTalker(node, 'ayse')
  ghost = await irc.user(node, 'ghost')
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
  await Promise.all([irc.close(), log.close()])
})
beforeEach(async () => {
  for (const bridge of [irc, log]) bridge.fine()
  await told(node)
  for (const bridge of [irc, log]) bridge.heard.length = 0
})

const names = (events: readonly Told[]) =>
  events.map(({ type, state_key, content }) =>
    type === 'm.room.member' ? `${state_key} ${String(content['membership'])}` : String(content['body'] ?? type),
  )
const idsOf = (bridge: Bridge) => bridge.transactions.map(({ path }) => path)
const restart = async () => {
  await node.stop()
  node = await serveBridges(files, { database: node.database })
  for (const one of [ayse, ghost]) one.node = node
}

test('a service hears, in order, what happens where its users are, and while they are there', async () => {
  const [inside, outside] = [await ayse.createRoom({ preset: 'public_chat' }), await ayse.createRoom()]
  await ayse.send(inside, 'before')
  await ayse.invite(inside, ghost)
  await ghost.join(inside)
  for (const text of ['one', 'two', 'three']) await ayse.send(inside, text)
  await ayse.send(outside, 'elsewhere')
  await ghost.send(inside, 'my own')
  await ghost.leave(inside)
  await ayse.send(inside, 'after')
  await told(node)
  expect(names(irc.events)).toEqual([
    `${ghost.id} invite`,
    `${ghost.id} join`,
    'one',
    'two',
    'three',
    'my own',
    `${ghost.id} leave`,
  ])
  expect(
    irc.transactions.every(
      ({ method, authorization }) => method === 'PUT' && authorization === `Bearer ${irc.hsToken}`,
    ),
  ).toBe(true)
  expect(irc.events.find(({ content }) => content['body'] === 'one')).toMatchObject({
    type: 'm.room.message',
    room_id: inside,
    sender: ayse.id,
    event_id: expect.stringMatching(/^\$/) as string,
    origin_server_ts: expect.any(Number) as number,
    content: { msgtype: 'm.text', body: 'one' },
  })
  expect(log.events).toEqual([])
})

test('whoever was away hears all of it later, as it was then, each event once', async () => {
  const roomId = await ayse.createRoom({ preset: 'public_chat' })
  await ghost.join(roomId)
  await told(node)
  irc.heard.length = 0
  irc.reply = (response) => void response.writeHead(503).end()
  for (let n = 0; n < 230; n++) await ayse.send(roomId, `${n}`)
  await ghost.leave(roomId)
  await ayse.send(roomId, 'not for them')
  await told(node)
  const attempt = irc.heard[0]!
  expect(new Set(idsOf(irc))).toEqual(new Set([attempt.path]))
  const before = irc.transactions.length
  await told(node)
  expect(irc.transactions).toHaveLength(before)

  irc.fine()
  irc.heard.length = 0
  node.clock.advance(600_000)
  await told(node)
  expect(irc.heard[0]).toEqual(attempt)
  expect(Math.max(...irc.transactions.map(({ body }) => body.events!.length))).toBe(100)
  expect(new Set(idsOf(irc)).size).toBe(irc.transactions.length)
  expect(irc.messages).toEqual(Array.from({ length: 230 }, (_, n) => `${n}`))
})

test('a node that ends in between sends the same transaction again, and loses nothing', async () => {
  const roomId = await ayse.createRoom({ preset: 'public_chat' })
  await ghost.join(roomId)
  await told(node)
  irc.heard.length = 0
  // It has taken the transaction, and the node never hears of that.
  irc.reply = (response) => void response.socket?.destroy()
  await ayse.send(roomId, 'lost answer')
  await told(node)
  await ayse.send(roomId, 'later')
  const [lost] = irc.heard
  await restart()
  irc.fine()
  irc.heard.length = 0
  // The clock of the first start was ahead.
  node.clock.advance(86_400_000)
  await told(node)
  const again = irc.heard.filter(({ path }) => path === lost!.path)
  expect(again).toEqual([lost])
  expect(names(irc.events)).toEqual(['lost answer', 'later'])
})

test('a service with a name for rooms hears of rooms in which nobody of its own is', async () => {
  const roomId = await ayse.createRoom()
  await ayse.send(roomId, 'unnamed')
  await ayse.do(setRoomAlias, { params: { roomAlias: '#logged_a:localhost' }, body: { room_id: roomId } })
  await ayse.send(roomId, 'named')
  await told(node)
  expect(log.messages).toContain('named')
  expect(irc.events).toEqual([])
})

test('who asked for it hears of typing, receipts and presence', async () => {
  const spy = await log.user(node, 'spy')
  const roomId = await ayse.createRoom({ preset: 'public_chat' })
  await spy.join(roomId)
  await ghost.join(roomId)
  const eventId = await spy.send(roomId, 'read me')
  await told(node)
  log.heard.length = 0
  await ayse.type(roomId, true)
  await told(node)
  await ayse.read(roomId, eventId)
  await ayse.read(roomId, eventId, {}, 'm.read.private')
  await ayse.do(setPresence, { params: { userId: ayse.id }, body: { presence: 'online', status_msg: 'here' } })
  node.clock.advance(2_000)
  await expect.poll(async () => (await told(node), log.ephemeral.map(({ type }) => type))).toContain('m.presence')
  expect(log.ephemeral).toContainEqual({ type: 'm.typing', room_id: roomId, content: { user_ids: [ayse.id] } })
  const receipts = log.ephemeral.filter(({ type }) => type === 'm.receipt')
  expect(receipts).toEqual([
    {
      type: 'm.receipt',
      room_id: roomId,
      content: { [eventId]: { 'm.read': { [ayse.id]: { ts: expect.any(Number) as number } } } },
    },
  ])
  expect(log.ephemeral.find(({ type }) => type === 'm.presence')).toMatchObject({
    sender: ayse.id,
    content: { presence: 'online', status_msg: 'here' },
  })
  expect(log.transactions.at(-1)!.body['de.sorunome.msc2409.ephemeral']).toEqual(
    log.transactions.at(-1)!.body.ephemeral,
  )
  expect(irc.transactions.every(({ body }) => !('ephemeral' in body))).toBe(true)
})

test.each([
  ['500', (bridge: Bridge) => (bridge.reply = (response) => void response.writeHead(500).end('no'))],
  [
    'a redirect',
    (bridge: Bridge) =>
      (bridge.reply = (response) => void response.writeHead(302, { location: `${log.address}/stolen` }).end()),
  ],
  ['201', (bridge: Bridge) => (bridge.reply = (response) => void response.writeHead(201).end('{}'))],
])('%s is no acknowledgement', async (_, breakIt) => {
  const roomId = await ayse.createRoom({ preset: 'public_chat' })
  await ghost.join(roomId)
  await told(node)
  breakIt(irc)
  await ayse.send(roomId, 'hear me')
  await told(node)
  expect(log.heard.filter(({ path }) => path.includes('stolen'))).toEqual([])
  irc.fine()
  irc.heard.length = 0
  node.clock.advance(600_000)
  await told(node)
  expect(irc.messages).toEqual(['hear me'])
})

test('an answer without end is not read to its end', async () => {
  const roomId = await ayse.createRoom({ preset: 'public_chat' })
  await ghost.join(roomId)
  await told(node)
  irc.heard.length = 0
  irc.reply = (response) => {
    response.writeHead(200)
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  }
  await ayse.send(roomId, 'one')
  await told(node)
  irc.fine()
  await ayse.send(roomId, 'two')
  await told(node)
  expect(irc.messages).toEqual(['one', 'two'])
})
