import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { logout } from '#spec/api/client/login.ts'
import * as rules from '#spec/api/client/push-rules.ts'
import { getPushers, setPusher } from '#spec/api/client/pushers.ts'
import type { JsonObject } from '#spec/json.ts'
import { addDevice, addTalker, serveTalk, type Talker } from '#node/sync/testing/talk.ts'
import { pushesAsked } from './awaken.ts'
import type { ServedSlices } from '#test/serve-slices.ts'

const path = '/_matrix/push/v1/notify'

/** A push gateway on this machine, which keeps what it is told. */
class Gateway {
  readonly told: JsonObject[] = []
  /** Answers with it, as long as it is there. */
  failure: number | undefined
  rejected: string[] = []
  #server: Server | undefined
  #wake: () => void = () => undefined

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        const body = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as { notification: JsonObject }
        response.statusCode = this.failure ?? 200
        if (this.failure === undefined) this.told.push(body.notification)
        response.end(JSON.stringify({ rejected: this.rejected }))
        this.#wake()
      })
    }).listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`
  }

  /** Resolves when it has been called once more. */
  called(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    return promise
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    this.#server?.close()
  }
}

const gateway = new Gateway()
let url: string
let node: ServedSlices
let ali: Talker
let bea: Talker
let roomId: string
let rounds = 0

const serve = (database?: ServedSlices['database']) => serveTalk(database, { HEARTH_ALLOW_ADDRESSES: '127.0.0.1' })
beforeAll(async () => {
  url = await gateway.start()
  node = await serve()
  ali = await addTalker(node, 'ali')
})
beforeEach(async () => {
  bea = await addTalker(node, `bea${++rounds}`)
  roomId = await ali.createRoom({ preset: 'public_chat', name: 'Kitchen' })
  await bea.join(roomId)
  gateway.told.length = 0
  gateway.rejected = []
  gateway.failure = undefined
})
afterAll(async () => {
  await node.stop()
  await node.database.drop()
  await gateway.stop()
})

const pusher = (more: object = {}) => ({
  pushkey: `key${rounds}`,
  kind: 'http',
  app_id: 'org.example.app',
  app_display_name: 'App',
  device_display_name: 'Phone',
  lang: 'en',
  data: { url, flavour: 'sweet' },
  ...more,
})
const set = (who: Talker, more: object = {}) => who.do(setPusher, { body: pusher(more) })
const keys = async (who: Talker) => (await who.do(getPushers)).pushers!.map((one) => one.pushkey)
/** What the gateway has been told when nothing more is under way. */
async function told(): Promise<JsonObject[]> {
  await node.deps.stream.idle()
  await pushesAsked(node.deps)
  await node.worker.idle()
  return gateway.told
}

describe('setting', () => {
  test('what is set is listed, changed and taken away', async () => {
    await set(bea)
    expect((await bea.do(getPushers)).pushers).toMatchObject([
      { pushkey: `key${rounds}`, kind: 'http', app_id: 'org.example.app', lang: 'en', data: { url, flavour: 'sweet' } },
    ])
    await set(bea, { lang: 'tr' })
    expect((await bea.do(getPushers)).pushers).toMatchObject([{ lang: 'tr' }])
    await bea.do(setPusher, { body: { pushkey: `key${rounds}`, app_id: 'org.example.app', kind: null } })
    expect(await keys(bea)).toEqual([])
  })

  test('a phone that changes hands is the new one’s, unless it is shared', async () => {
    await set(bea)
    await set(ali, { append: true })
    expect(await keys(bea)).toHaveLength(1)
    await set(ali)
    expect(await keys(bea)).toEqual([])
    await ali.do(setPusher, { body: { pushkey: `key${rounds}`, app_id: 'org.example.app', kind: null } })
    expect(await keys(ali)).toEqual([])
  })

  test('a pusher goes with its session', async () => {
    const tablet = await addDevice(node, `bea${rounds}`)
    await set(tablet, { pushkey: 'tablet' })
    await set(bea)
    await tablet.do(logout, { body: {} })
    expect(await keys(bea)).toEqual([`key${rounds}`])
  })

  test.each<[string, object, string]>([
    ['mail', { kind: 'email' }, 'M_INVALID_PARAM'],
    ['no url', { data: {} }, 'M_MISSING_PARAM'],
    ['no language', { lang: undefined }, 'M_MISSING_PARAM'],
    ['no TLS', { data: { url: 'http://gateway.example/_matrix/push/v1/notify' } }, 'M_INVALID_PARAM'],
    ['another path', { data: { url: 'https://gateway.example/admin' } }, 'M_INVALID_PARAM'],
    ['another scheme', { data: { url: 'file:///_matrix/push/v1/notify' } }, 'M_INVALID_PARAM'],
    ['a private address', { data: { url: 'http://127.0.0.2/_matrix/push/v1/notify' } }, 'M_INVALID_PARAM'],
    ['much data', { data: { url: `https://gateway.example${path}`, more: 'x'.repeat(5_000) } }, 'M_TOO_LARGE'],
  ])('%s is refused', async (_, more, errcode) => {
    const { body } = await bea.tryTo(setPusher, { body: pusher(more) })
    expect((body as { errcode?: string }).errcode).toBe(errcode)
    expect(await keys(bea)).toEqual([])
  })

  test('a hundred are the most', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, i) => set(bea, { pushkey: `${rounds} ${i}` })))
    expect((await bea.tryTo(setPusher, { body: pusher() })).status).toBe(413)
    expect((await bea.tryTo(setPusher, { body: pusher({ pushkey: `${rounds} 1`, lang: 'tr' }) })).status).toBe(200)
  })
})

describe('pushing', () => {
  test('tells what is new, with all that the gateway may know', async () => {
    await ali.setName('Ali')
    await ali.send(roomId, 'before')
    await set(bea)
    const eventId = await ali.send(roomId, 'hello', { 'm.mentions': { user_ids: [bea.id] } })
    expect(await told()).toEqual([
      {
        event_id: eventId,
        room_id: roomId,
        type: 'm.room.message',
        sender: ali.id,
        sender_display_name: 'Ali',
        room_name: 'Kitchen',
        prio: 'high',
        content: { msgtype: 'm.text', body: 'hello', 'm.mentions': { user_ids: [bea.id] } },
        counts: { unread: 2 },
        devices: [
          {
            app_id: 'org.example.app',
            pushkey: `key${rounds}`,
            pushkey_ts: expect.any(Number) as number,
            data: { flavour: 'sweet' },
            tweaks: { sound: 'default', highlight: true },
          },
        ],
      },
    ])
  })

  test('or only where to look', async () => {
    await set(bea, { data: { url, format: 'event_id_only' } })
    const eventId = await ali.send(roomId, 'a secret')
    const [only, ...others] = await told()
    expect(others).toEqual([])
    expect(only).toMatchObject({ event_id: eventId, room_id: roomId, counts: { unread: 1 } })
    expect(JSON.stringify(only)).not.toContain('secret')
  })

  test('shows nothing of what is encrypted', async () => {
    await set(bea)
    await ali.sendType(roomId, 'm.room.encrypted', { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'cipher' })
    const [only] = await told()
    expect(only).toMatchObject({ type: 'm.room.encrypted', prio: 'high' })
    expect(JSON.stringify(only)).not.toContain('cipher')
  })

  test('keeps to the rules', async () => {
    await set(bea)
    await bea.send(roomId, 'my own')
    await ali.send(roomId, 'notice', { msgtype: 'm.notice' })
    const params = { kind: 'room', ruleId: roomId }
    await bea.do(rules.setPushRule, { params, body: { actions: [] } })
    await ali.send(roomId, 'in a muted room')
    expect(await told()).toEqual([])
  })

  test('an invitation', async () => {
    await set(bea)
    const other = await ali.createRoom({ name: 'Secret' })
    await ali.invite(other, bea)
    expect(await told()).toMatchObject([{ type: 'm.room.member', room_id: other, user_is_target: true }])
  })

  test('tells that something was read', async () => {
    await set(bea)
    const eventId = await ali.send(roomId, 'one')
    expect(await told()).toHaveLength(1)
    await bea.read(roomId, eventId)
    expect(await told()).toMatchObject([{ counts: { unread: 1 } }, { counts: { unread: 0 } }])
    expect(gateway.told[1]).not.toHaveProperty('event_id')
  })

  test('tries again until the gateway takes it, in order and once', async () => {
    await set(bea)
    gateway.failure = 502
    const called = gateway.called()
    const first = await ali.send(roomId, 'one')
    await called
    await node.worker.idle()
    const second = await ali.send(roomId, 'two')
    expect(await told()).toEqual([])
    gateway.failure = undefined
    const again = gateway.called()
    node.clock.advance(3_600_000)
    await again
    expect((await told()).map((one) => one['event_id'])).toEqual([first, second])
  })

  test('a pushkey that is rejected is not called again', async () => {
    await set(bea)
    gateway.rejected = [`key${rounds}`]
    await ali.send(roomId, 'one')
    await ali.send(roomId, 'two')
    const before = (await told()).length
    expect(await keys(bea)).toEqual([])
    await ali.send(roomId, 'three')
    expect(await told()).toHaveLength(before)
  })

  test('a pusher that is switched off is silent, and does not catch up', async () => {
    await set(bea, { 'org.matrix.msc3881.enabled': false })
    await ali.send(roomId, 'one')
    expect(await told()).toEqual([])
    await set(bea, { 'org.matrix.msc3881.enabled': true })
    const eventId = await ali.send(roomId, 'two')
    expect(await told()).toMatchObject([{ event_id: eventId }])
  })

  test('a restart loses nothing and repeats nothing', async () => {
    await set(bea)
    const first = await ali.send(roomId, 'one')
    expect(await told()).toHaveLength(1)
    gateway.failure = 500
    const second = await ali.send(roomId, 'two')
    await told()
    const { database } = node
    await node.stop()
    await database.sql`delete from jobs`
    gateway.failure = undefined
    const called = gateway.called()
    node = await serve(database)
    for (const one of [ali, bea]) one.node = node
    await called
    expect((await told()).map((one) => one['event_id'])).toEqual([first, second])
  })
})
